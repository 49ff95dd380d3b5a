package digits

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/arrays"
)

const svhnSide = 32

func init() {
	file := func(name, md5 string, bytes int64) domains.File {
		return domains.File{Name: name, MD5: md5, Bytes: bytes, Mirrors: []string{"http://ufldl.stanford.edu/housenumbers/" + name}}
	}
	domains.Datasets.Add("svhn", domains.Dataset{
		Name:     "svhn",
		Doc:      "digits of house numbers in street views, 73257 to train and 26032 to test, 32x32 colour, cropped so that neighbours show",
		Citation: "Y. Netzer et al., \"Reading digits in natural images with unsupervised feature learning\", NIPS workshop on deep learning 2011",
		Files: []domains.File{
			file("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", 182040794),
			file("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", 64275384),
		},
		Load: loadSVHN,
	})
}

// loadSVHN reads the two MATLAB files of cropped digits.
func loadSVHN(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := digitShape("svhn", r.Shape); err != nil {
		return nil, err
	}
	d := &domains.Domain{Name: "svhn"}
	d.Lock.Transform = colouring(svhnSide, r.Shape)
	for _, part := range []struct {
		name  string
		split *domains.Split
		limit int
	}{{"train_32x32.mat", &d.Train, r.Limit}, {"test_32x32.mat", &d.Test, 0}} {
		data, locked, err := domains.ReadPacked(r, "svhn", part.name)
		if err != nil {
			return nil, err
		}
		set, err := parseSVHN(data)
		if err != nil {
			return nil, domains.Damaged("domains: svhn: %s: %w", part.name, err)
		}
		d.Lock.Files = append(d.Lock.Files, locked)
		indices := domains.Subset(r.Seed, "svhn", r.Side, len(set.labels), part.limit)
		if *part.split, err = coloured(ctx, r.Shape, svhnSide, indices, set.labels, set.image); err != nil {
			return nil, fmt.Errorf("domains: svhn: %w", err)
		}
	}
	return d, nil
}

// A streetSet is a split as its file holds it: image i is a run of bytes, by channel, column
// and row.
type streetSet struct {
	pixels []byte
	labels []int
}

// parseSVHN reads X, 32 x 32 x 3 x n bytes (row, column, channel, image), and y, n labels from
// 1 to 10, of which 10 is the digit 0.
func parseSVHN(data []byte) (streetSet, error) {
	var set streetSet
	bytes, numbers, err := arrays.ParseMATBytes(data)
	if err != nil {
		return set, err
	}
	x, ok := bytes["X"]
	if !ok || len(x.Shape) != 4 || !slices.Equal(x.Shape[:3], []int{svhnSide, svhnSide, 3}) || x.Shape[3] == 0 {
		return set, fmt.Errorf("shape %v of X, want bytes of 32 x 32 x 3 x images", x.Shape)
	}
	labels := numbers["y"].Data
	for _, v := range bytes["y"].Data { // the published files have bytes
		labels = append(labels, float64(v))
	}
	if len(labels) != x.Shape[3] {
		return set, fmt.Errorf("%d labels y for %d images X", len(labels), x.Shape[3])
	}
	for i, v := range labels {
		if v < 1 || v > 10 || v != math.Trunc(v) {
			return set, fmt.Errorf("image %d: label %g, want from 1 to 10", i+1, v)
		}
		set.labels = append(set.labels, int(v)%10)
	}
	set.pixels = x.Data
	return set, nil
}

// image sets planes to image i, row by row.
func (s streetSet) image(i int, planes []float64) {
	const n = svhnSide * svhnSide
	columns := s.pixels[i*3*n:]
	for k := range planes {
		plane, at := k/n, k%n
		planes[k] = float64(columns[plane*n+at%svhnSide*svhnSide+at/svhnSide])
	}
}
