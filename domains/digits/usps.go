package digits

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/arrays"
	"github.com/venn-adapt/venn/internal/option"
)

const uspsSide = 16

func init() {
	file := func(name, md5, sha256 string) domains.File {
		return domains.File{Name: name, MD5: md5, SHA256: []string{sha256}, Mirrors: []string{
			"https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/" + name,
		}}
	}
	domains.Datasets.Add("usps", domains.Dataset{
		Name:     "usps",
		Doc:      "handwritten digits from envelopes, 7291 to train and 2007 to test, 16x16 grey",
		Citation: "J. J. Hull, \"A database for handwritten text recognition research\", IEEE PAMI 16 (1994); LIBSVM edition",
		Options: []option.Option{
			{
				Name: "fit", Kind: option.Choice, Default: "match",
				Doc:     "how 16 pixels become the model's: match MNIST's padded layout (digits 20 of 28 high), match-stretch its stretched one, stretch to the whole frame, or pad",
				Choices: []string{"match", "match-stretch", "stretch", "pad"},
			},
		},
		Files: []domains.File{
			file("usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197", "a7462c2320e64605301a8a594c177b4400e414d0b1152852d518dca0c118ec32"),
			file("usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118", "15a1ac2aa80e45ac49ea5a579d32ce840eb00936478faafe1f0df46f24730792"),
		},
		Load: loadUSPS,
	})
}

// uspsLayout is how the digits are laid out for a square model of the given size.
// USPS digits touch their frame, MNIST's fill 20 of 28 pixels: stretched they are
// too large for a model that knows MNIST, padded too small (nearest neighbour on
// pixels, MNIST to USPS: 0.68 and 0.73, matched 0.83).
func uspsLayout(fit string, size int) (layout, error) {
	switch fit {
	case "stretch":
		return layout{uspsSide, size, size, size}, nil
	case "match-stretch":
		return layout{uspsSide, int(math.Round(20 * float64(size) / 28)), size, size}, nil
	case "match":
		if size < mnistSide {
			return layout{}, fmt.Errorf("domains: usps: fit match goes with padded MNIST, which has at least 28 pixels, not %d; use fit: match-stretch", size)
		}
		return layout{uspsSide, 20, paddedFrame(size), size}, nil
	}
	if size < uspsSide {
		return layout{}, fmt.Errorf("domains: usps: fit pad cannot bring 16x16 to %dx%d; use fit: stretch", size, size)
	}
	return layout{uspsSide, uspsSide, paddedFrame(size), size}, nil
}

// loadUSPS reads the two LIBSVM files.
func loadUSPS(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := digitShape("usps", r.Shape); err != nil {
		return nil, err
	}
	l, err := uspsLayout(r.Options.String("fit"), r.Shape.Width)
	if err != nil {
		return nil, err
	}
	d := &domains.Domain{Name: "usps"}
	d.Lock.Transform = l.transform("[-1, 1] as stored", r.Shape.Channels)
	for _, part := range []struct {
		name  string
		split *domains.Split
		limit int
	}{{"usps.bz2", &d.Train, r.Limit}, {"usps.t.bz2", &d.Test, 0}} {
		text, locked, err := domains.ReadPacked(r, "usps", part.name)
		if err != nil {
			return nil, err
		}
		set, err := parseUSPS(text)
		if err != nil {
			return nil, domains.Damaged("domains: usps: %s: %w", part.name, err)
		}
		d.Lock.Files = append(d.Lock.Files, locked)
		indices := domains.Subset(r.Seed, "usps", r.Side, len(set.labels), part.limit)
		if *part.split, err = set.laid(ctx, l, r.Shape.Channels, indices); err != nil {
			return nil, fmt.Errorf("domains: usps: %w", err)
		}
	}
	return d, nil
}

// parseUSPS reads LIBSVM text: the labels 1..10 are the digits 0..9, the indices 1..256
// pixels with values in [-1, 1]. One left out is 0, which is mid-grey: background is -1.
func parseUSPS(text []byte) (digitSet, error) {
	const pixels = uspsSide * uspsSide
	var set digitSet
	rows, err := arrays.LIBSVM{Columns: pixels, Low: -1, High: 1}.Rows(text)
	if err != nil {
		return set, err
	}
	for _, row := range rows {
		label, err := strconv.Atoi(row.Label)
		if err != nil || label < 1 || label > 10 {
			return set, fmt.Errorf("line %d: label %.20q, want from 1 to 10", row.Line, row.Label)
		}
		set.labels = append(set.labels, label-1)
	}
	if len(rows) == 0 {
		return set, fmt.Errorf("no images")
	}
	set.image = func(i int, dst []float64) {
		clear(dst[:pixels])
		for k, j := range rows[i].Index {
			dst[j] = rows[i].Values[k]
		}
	}
	return set, nil
}
