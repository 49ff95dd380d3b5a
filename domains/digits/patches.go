package digits

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

const patchesName = "digits-on-patches"

func init() {
	domains.Datasets.Add(patchesName, domains.Dataset{
		Name:     patchesName,
		Doc:      "windows of photographs of BSDS500; in B each is blended with an MNIST digit, half and half: what B has of its own is known, 28x28",
		Citation: "after the digits on grass of A. Abid et al., \"Exploring patterns enriched in a dataset with contrastive principal component analysis\", Nature Communications 9 (2018); photographs: P. Arbelaez et al., BSDS500, IEEE PAMI 33 (2011)",
		ByHand: "run `venn data fetch mnist`, get BSR_bsds500.tgz from www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html " +
			"and put it into a folder bsds500 beside",
		Options: []option.Option{
			{Name: "train", Kind: option.Int, Default: 10000, Min: 1, Max: 60000, Doc: "training images of a domain, over training photographs"},
			{Name: "test", Kind: option.Int, Default: 2000, Min: 1, Max: 10000, Doc: "test images of a domain, over photographs of the test split of BSDS500"},
			{Name: "data_seed", Kind: option.Int, Default: 0, Min: 0, Max: 1e9, Doc: "seed of windows and digits; the seed of a job does not change them"},
		},
		Images: func(o option.Values) int { return o.Int("train") },
		Load:   loadPatches,
	})
}

// Tones of a patch are its class: mean luma below darkBelow, from lightFrom on, and between. Each
// is of 30 to 38 in a hundred windows of either split.
const (
	darkBelow = 90
	lightFrom = 130
)

var toneNames = []string{"dark", "medium", "light"}

func toneOf(mean [3]float64) int {
	switch v := domains.Luma(mean[0], mean[1], mean[2]); {
	case v < darkBelow:
		return 0
	case v < lightFrom:
		return 1
	}
	return 2
}

// loadPatches cuts the windows of one side and, in B, blends digits in. The image of a row is the
// same whatever the seed of the job and the limit.
func loadPatches(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := digitShape(patchesName, r.Shape); err != nil {
		return nil, err
	}
	photographs, archive, err := readPhotographs(r, patchesName, []string{"train", "test"})
	if err != nil {
		return nil, err
	}
	d := &domains.Domain{Name: patchesName + "/" + r.Side.String()}
	d.Lock.Files = append(d.Lock.Files, archive)
	d.Lock.Transform = "windows of photographs"
	if r.Side == domains.B {
		d.Lock.Transform += ", 0.5 patch + 0.5 digit in bytes of 3 channels"
	}
	d.Lock.Transform += ", " + colouring(mnistSide, r.Shape)
	for _, part := range []struct {
		name, prefix string
		split        *domains.Split
		limit        int
	}{{"train", "train", &d.Train, r.Limit}, {"test", "t10k", &d.Test, 0}} {
		p := patches{side: r.Side, seed: uint64(r.Options.Int("data_seed")), part: part.name, photographs: photographs[part.name]}
		n := r.Options.Int(part.name)
		if r.Side == domains.B {
			var files []domains.LockedFile
			if p.digits, files, err = readMNIST(r, part.prefix); err != nil {
				return nil, err
			}
			d.Lock.Files = append(d.Lock.Files, files...)
			if n > len(p.digits.labels) {
				return nil, fmt.Errorf("domains: %s: %s: %d images, and MNIST has %d digits for them; want at most as many", patchesName, part.name, n, len(p.digits.labels))
			}
			p.order = stream.Permutation(stream.New(p.seed, patchesName, part.name, "digits"), len(p.digits.labels))
		}
		if *part.split, err = p.split(ctx, r.Shape, domains.Subset(r.Seed, patchesName, r.Side, n, part.limit)); err != nil {
			return nil, fmt.Errorf("domains: %s: %w", patchesName, err)
		}
	}
	return d, nil
}

// patches makes the images of one split of a side.
type patches struct {
	side        domains.Side
	seed        uint64
	part        string
	photographs []*image.RGBA
	digits      digitSet // of B
	order       []int    // the digit of each row of B: none comes twice
}

// split makes the images of rows, with what is known of them.
func (p patches) split(ctx context.Context, s domains.Shape, rows []int) (domains.Split, error) {
	table := &domains.Factors{Names: []string{"red", "green", "blue"}, Categories: make([][]string, 3)}
	if p.side == domains.B {
		table.Names, table.Categories = append(table.Names, "digit"), append(table.Categories, digitNames)
	}
	tones := make([]int, len(rows))
	window := make([]float64, 3*mnistSide*mnistSide)
	for i, row := range rows {
		p.window(row, window)
		mean := channelMeans(window)
		tones[i] = toneOf(mean)
		values := []float64{mean[0]/127.5 - 1, mean[1]/127.5 - 1, mean[2]/127.5 - 1}
		if p.side == domains.B {
			values = append(values, float64(p.digits.labels[p.order[row]]))
		}
		table.Values = append(table.Values, values)
	}
	out, err := coloured(ctx, s, mnistSide, domains.Every(len(rows)), tones, func(i int, planes []float64) { p.image(rows[i], planes) })
	out.Truth, out.Factors = domains.NewTruth(tones, toneNames), table
	return out, err
}

// window sets three planes to the bytes of the window of a row.
func (p patches) window(row int, planes []float64) {
	r := stream.New(p.seed, patchesName, p.side, p.part, row)
	from := p.photographs[r.IntN(len(p.photographs))]
	left, top := r.IntN(from.Rect.Dx()-mnistSide+1), r.IntN(from.Rect.Dy()-mnistSide+1)
	const n = mnistSide * mnistSide
	for i := range n {
		px := from.Pix[from.PixOffset(left+i%mnistSide, top+i/mnistSide):]
		for c := range 3 {
			planes[c*n+i] = float64(px[c])
		}
	}
}

// image sets three planes to the image of a row: its window, in B half of it and half of a digit.
func (p patches) image(row int, planes []float64) {
	p.window(row, planes)
	if p.side == domains.A {
		return
	}
	digit := make([]float64, mnistSide*mnistSide)
	p.digits.image(p.order[row], digit)
	for k := range planes {
		grey := math.Round((digit[k%len(digit)] + 1) * 127.5)
		planes[k] = 0.5*planes[k] + 0.5*grey
	}
}

// channelMeans are the means of three planes.
func channelMeans(planes []float64) (mean [3]float64) {
	n := len(planes) / 3
	for k, v := range planes {
		mean[k/n] += v / float64(n)
	}
	return mean
}
