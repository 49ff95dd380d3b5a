package drawn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

const facesName = "faces-schematic"

func init() {
	domains.Datasets.Add(facesName, domains.Dataset{
		Name:     facesName,
		Doc:      "drawn faces of ten people, every factor known: glasses in A, open smiles in B",
		Citation: "drawn by Venn; no external data",
		Options: []option.Option{
			{Name: "train", Doc: "training images drawn for a domain", Kind: option.Int, Default: 2000, Min: 1, Max: 1e6},
			{Name: "test", Doc: "test images drawn for a domain", Kind: option.Int, Default: 500, Min: 1, Max: 1e6},
			{Name: "noise", Doc: "standard deviation of the pixel noise, on the scale of [-1, 1]; 0 draws clean pictures", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.5},
			{Name: "data_seed", Doc: "seed of the pictures; the seed of a job does not change them", Kind: option.Int, Default: 0, Min: 0, Max: 1e9},
		},
		Images: func(o option.Values) int { return o.Int("train") },
		Load:   loadFaces,
	})
}

// loadFaces draws one side. Image i of a split depends on the data seed, the
// side, the split and i alone, so that a longer dataset begins with the shorter
// one and every seed of a study trains on the same pictures.
func loadFaces(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if r.Shape.Channels != 1 && r.Shape.Channels != 3 {
		return nil, fmt.Errorf("domains: %s: %d channels, want 1 or 3", facesName, r.Shape.Channels)
	}
	if r.Shape.Height < 8 || r.Shape.Width < 8 {
		return nil, fmt.Errorf("domains: %s: a face of %dx%d pixels, want at least 8x8", facesName, r.Shape.Height, r.Shape.Width)
	}
	train := domains.Every(r.Options.Int("train"))
	if r.Limit > 0 {
		train = domains.Subset(r.Seed, facesName, r.Side, len(train), r.Limit)
	}
	d := &domains.Domain{Name: facesName + "/" + r.Side.String(), Render: FaceRenderer{Shape: r.Shape}}
	var err error
	if d.Train, err = drawFaces(ctx, r, "train", train); err != nil {
		return nil, err
	}
	if d.Test, err = drawFaces(ctx, r, "test", domains.Every(r.Options.Int("test"))); err != nil {
		return nil, err
	}
	d.Lock.Transform = fmt.Sprintf("drawn at %s by exact area coverage, intensities in [-1, 1]", r.Shape)
	if r.Shape.Channels == 1 {
		d.Lock.Transform += ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	if noise := r.Options.Float("noise"); noise > 0 {
		d.Lock.Transform += fmt.Sprintf(", Gaussian noise of deviation %g, clipped to [-1, 1]", noise)
	}
	return d, nil
}

func drawFaces(ctx context.Context, r domains.Request, split string, indices []int) (domains.Split, error) {
	factors := facesFactors(r.Side, uint64(r.Options.Int("data_seed")), split, indices)
	images := &domains.Images{Shape: r.Shape, Data: make([]float32, len(indices)*r.Shape.Len())}
	labels := make([]int, len(indices))
	noise := r.Options.Float("noise")
	parallel.Blocks(len(indices), 64, func(_, lo, hi int) {
		c := newCanvas(r.Shape.Width, r.Shape.Height)
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			f := new(face)
			f.setCommon(column(factors, i))
			if r.Side == domains.A {
				f.setGlasses(column(factors, i))
			} else {
				f.setSmile(column(factors, i))
			}
			f.draw(c)
			c.planes(images.At(i), r.Shape.Channels)
			labels[i] = f.identity
			addNoise(images.At(i), noise, r, split, indices[i])
		}
	})
	if err := ctx.Err(); err != nil {
		return domains.Split{}, fmt.Errorf("domains: %s: %w", facesName, err)
	}
	return domains.Split{Images: images, Truth: domains.NewTruth(labels, identityNames()), Factors: factors}, nil
}

// facesFactors draws the factors of the images of the given indices.
func facesFactors(side domains.Side, seed uint64, split string, indices []int) *domains.Factors {
	all := append(append([]factor{}, commonFactors...), separateFactors(side)...)
	table := &domains.Factors{Values: make([][]float64, len(indices))}
	for _, f := range all {
		table.Names = append(table.Names, f.name)
		table.Categories = append(table.Categories, f.categories)
	}
	for row, index := range indices {
		s := stream.New(seed, facesName, side, split, index)
		values := make([]float64, len(all))
		for j, f := range all {
			values[j] = f.draw(s)
		}
		table.Values[row] = values
	}
	return table
}

func addNoise(image []float32, deviation float64, r domains.Request, split string, index int) {
	if deviation == 0 {
		return
	}
	s := stream.New(uint64(r.Options.Int("data_seed")), facesName, r.Side, split, index, "noise")
	for k := range image {
		image[k] = float32(min(1, max(-1, float64(image[k])+deviation*s.NormFloat64())))
	}
}

// A FaceRenderer draws clean faces (without noise) of known factors.
type FaceRenderer struct{ Shape domains.Shape }

// Render draws the common factors of row c of content, with the glasses of row a
// of fromA unless a is negative, and the smile of row b of fromB unless b is
// negative: both sides' parts are the union of the domains, neither their
// intersection. The result has Shape.Len() values in [-1, 1]. A table that lacks
// the factors asked of it is a mistake of the caller and panics.
func (fr FaceRenderer) Render(content *domains.Factors, c int, fromA *domains.Factors, a int, fromB *domains.Factors, b int) []float32 {
	f := new(face)
	f.setCommon(column(content, c))
	if a >= 0 {
		f.setGlasses(column(fromA, a))
	}
	if b >= 0 {
		f.setSmile(column(fromB, b))
	}
	paper := newCanvas(fr.Shape.Width, fr.Shape.Height)
	f.draw(paper)
	out := make([]float32, fr.Shape.Len())
	paper.planes(out, fr.Shape.Channels)
	return out
}

// thirds are the parts of a number's range that are told apart: low, middle and high.
const thirds = 3

// Scale is all categories of a factor, or the middles of the thirds of its range. Who wears no
// glasses has no colour of glasses. An unknown factor is a mistake of the caller and panics.
func (fr FaceRenderer) Scale(name string) domains.Scale {
	all := slices.Concat(commonFactors, glassesFactors, smileFactors)
	i := slices.IndexFunc(all, func(f factor) bool { return f.name == name })
	if i < 0 {
		panic(fmt.Sprintf("domains: %s: no factor %q", facesName, name))
	}
	s := domains.Scale{Constant: math.NaN()}
	f := all[i]
	for c := range f.categories {
		s.Levels = append(s.Levels, float64(c))
	}
	if f.categories == nil {
		for k := range thirds {
			s.Levels = append(s.Levels, f.min+(f.max-f.min)*(float64(k)+0.5)/thirds)
		}
	}
	return s
}
