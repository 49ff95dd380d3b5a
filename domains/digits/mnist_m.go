package digits

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// Names under which the photographs are looked for in the folder bsds500: as Berkeley
// publishes them, and the images alone.
var photographArchives = []string{"BSR_bsds500.tgz", "BSR_bsds500_images.tgz"}

func init() {
	domains.Datasets.Add("mnist-m", domains.Dataset{
		Name:     "mnist-m",
		Doc:      "MNIST over patches of photographs: the absolute difference of digit and patch in each of 3 channels, 60000 to train and 10000 to test, 28x28",
		Citation: "Y. Ganin et al., \"Domain-adversarial training of neural networks\", JMLR 17 (2016); photographs: P. Arbelaez et al., BSDS500, IEEE PAMI 33 (2011)",
		ByHand: "run `venn data fetch mnist`, get BSR_bsds500.tgz from www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html " +
			"and put it into a folder bsds500 beside",
		Options: []option.Option{
			{Name: "digit", Kind: option.Choice, Default: "binary", Choices: []string{"binary", "grey"}, Doc: "whether a digit's pixel that is not black counts as white, as in the usual program, or as the grey that it is"},
			{Name: "backgrounds", Kind: option.Choice, Default: "train", Choices: []string{"train", "apart"}, Doc: "photographs of the test images: the training ones of BSDS500, as in the usual program, or those of its test split, so that no background is seen in training"},
		},
		Load: loadMNISTM,
	})
}

// loadMNISTM blends MNIST with random windows of photographs. The image of a row is the same
// whatever the seed of the job and the limit.
func loadMNISTM(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := digitShape("mnist-m", r.Shape); err != nil {
		return nil, err
	}
	splits := []string{"train"}
	if r.Options.String("backgrounds") == "apart" {
		splits = append(splits, "test")
	}
	photographs, archive, err := readPhotographs(r, "mnist-m", splits)
	if err != nil {
		return nil, err
	}
	d := &domains.Domain{Name: "mnist-m"}
	d.Lock.Files = append(d.Lock.Files, archive)
	d.Lock.Transform = fmt.Sprintf("|patch - %s digit| in bytes of 3 channels, %s", r.Options.String("digit"), colouring(mnistSide, r.Shape))
	for _, part := range []struct {
		name, prefix string
		split        *domains.Split
		limit        int
	}{{"train", "train", &d.Train, r.Limit}, {"test", "t10k", &d.Test, 0}} {
		set, files, err := readMNIST(r, part.prefix)
		if err != nil {
			return nil, err
		}
		d.Lock.Files = append(d.Lock.Files, files...)
		over := photographs["train"]
		if apart := photographs["test"]; apart != nil && part.name == "test" {
			over = apart
		}
		b := blend{part: part.name, digits: set, photographs: over, binary: r.Options.String("digit") == "binary"}
		indices := domains.Subset(r.Seed, "mnist-m", r.Side, len(set.labels), part.limit)
		if *part.split, err = coloured(ctx, r.Shape, mnistSide, indices, set.labels, b.image); err != nil {
			return nil, fmt.Errorf("domains: mnist-m: %w", err)
		}
	}
	return d, nil
}

// readPhotographs decodes the photographs of splits of BSDS500, in the order of their names, for a
// dataset that is made of them.
func readPhotographs(r domains.Request, dataset string, splits []string) (map[string][]*image.RGBA, domains.LockedFile, error) {
	for _, name := range photographArchives {
		data, locked, err := domains.ReadPacked(r, "bsds500", name)
		if errors.As(err, new(*domains.MissingError)) {
			continue
		}
		if err != nil {
			return nil, locked, err
		}
		out, err := photographsOf(data, splits)
		if err != nil {
			return nil, locked, domains.Damaged("domains: bsds500: %s: %w", name, err)
		}
		return out, locked, nil
	}
	if err := domains.NeedDataDir(r.DataDir, dataset); err != nil {
		return nil, domains.LockedFile{}, err
	}
	return nil, domains.LockedFile{}, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s is missing; `venn data fetch %s` says where it comes from",
		dataset, path.Join(r.DataDir, "bsds500", photographArchives[0]), dataset)}
}

// photographsOf reads a packed archive of BSDS500.
func photographsOf(data []byte, splits []string) (map[string][]*image.RGBA, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a gzip file (%d bytes): %w", len(data), err)
	}
	type file struct {
		name string
		data []byte
	}
	var found []file
	unpacked := &io.LimitedReader{R: z, N: domains.UnpackedLimit}
	for archive := tar.NewReader(unpacked); ; {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("after %d unpacked bytes: %w", domains.UnpackedLimit-unpacked.N, err)
		}
		if split := path.Base(path.Dir(h.Name)); path.Ext(h.Name) == ".jpg" && strings.Contains(h.Name, "images/"+split) && slices.Contains(splits, split) {
			content, err := io.ReadAll(archive)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", h.Name, err)
			}
			found = append(found, file{h.Name, content})
		}
	}
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.name, b.name) })
	images, faults := make([]*image.RGBA, len(found)), make([]error, len(found))
	parallel.For(len(found), func(i int) {
		images[i], faults[i] = photograph(found[i].data)
	})
	out := map[string][]*image.RGBA{}
	for i, f := range found {
		if faults[i] != nil {
			return nil, fmt.Errorf("%s: %w", f.name, faults[i])
		}
		split := path.Base(path.Dir(f.name))
		out[split] = append(out[split], images[i])
	}
	for _, split := range splits {
		if len(out[split]) == 0 {
			return nil, fmt.Errorf("no photographs in images/%s", split)
		}
	}
	return out, nil
}

// photograph decodes one, which must hold a window.
func photograph(data []byte) (*image.RGBA, error) {
	img, err := domains.DecodeImage(data)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	if min(b.Dx(), b.Dy()) < mnistSide {
		return nil, fmt.Errorf("%dx%d pixels, too few for a digit", b.Dx(), b.Dy())
	}
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out, nil
}

// A blend makes digits over photographs.
type blend struct {
	part        string
	digits      digitSet
	photographs []*image.RGBA
	binary      bool
}

// image sets planes to that of a row.
func (b blend) image(row int, planes []float64) {
	digit := make([]float64, mnistSide*mnistSide)
	b.digits.image(row, digit)
	b.over(planes, digit, stream.New(0, "mnist-m", b.part, row).IntN)
}

// over sets dst to the absolute difference, channel by channel, of a digit in [-1, 1] and a
// window of a photograph, both drawn.
func (b blend) over(dst, digit []float64, pick func(n int) int) {
	under := b.photographs[pick(len(b.photographs))]
	left, top := pick(under.Rect.Dx()-mnistSide+1), pick(under.Rect.Dy()-mnistSide+1)
	for i, v := range digit {
		grey := math.Round((v + 1) * 127.5)
		if b.binary && grey > 0 {
			grey = 255
		}
		px := under.Pix[under.PixOffset(left+i%mnistSide, top+i/mnistSide):]
		for c := range 3 {
			dst[c*len(digit)+i] = math.Abs(float64(px[c]) - grey)
		}
	}
}
