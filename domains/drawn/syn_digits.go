package drawn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

const digitsName = "syn-digits"

func init() {
	domains.Datasets.Add(digitsName, domains.Dataset{
		Name: digitsName,
		Doc:  "printed digits of 24 open fonts on coloured ground, turned, blurred and between neighbours, as house numbers look",
		Citation: "after the synthetic numbers of Y. Ganin, V. Lempitsky, \"Unsupervised domain adaptation by backpropagation\", ICML 2015, which are drawn in other fonts; " +
			"fonts: Go (B. Bigelow, K. Holmes) and Liberation (S. Matteson)",
		Options: []option.Option{
			{Name: "train", Doc: "training images drawn", Kind: option.Int, Default: 20000, Min: 1, Max: 1e6},
			{Name: "test", Doc: "test images drawn", Kind: option.Int, Default: 5000, Min: 1, Max: 1e6},
			{Name: "turn", Doc: "degrees that a number is turned at most, either way", Kind: option.Float, Default: 20.0, Min: 0, Max: 180},
			{Name: "blur", Doc: "standard deviation of the strongest blur, in thirty-seconds of the side; an image's is even from 0 on", Kind: option.Float, Default: 1.0, Min: 0, Max: 8},
			{Name: "neighbours", Doc: "share of the images with another digit on the left, and of those with one on the right", Kind: option.Float, Default: 0.5, Min: 0, Max: 1},
			{Name: "data_seed", Doc: "seed of the pictures; the seed of a job does not change them", Kind: option.Int, Default: 0, Min: 0, Max: 1e9},
		},
		Images: func(o option.Values) int { return o.Int("train") },
		Load:   loadDigits,
	})
}

// loadDigits draws them. An image depends on the data seed, the split and its place alone.
func loadDigits(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if r.Shape.Height != r.Shape.Width || r.Shape.Height < 8 || r.Shape.Channels != 1 && r.Shape.Channels != 3 {
		return nil, fmt.Errorf("domains: %s: images of %s, want squares of 8 pixels at least and 1 or 3 channels", digitsName, r.Shape)
	}
	fonts, err := digitFonts()
	if err != nil {
		return nil, fmt.Errorf("domains: %s: %w", digitsName, err)
	}
	train := domains.Every(r.Options.Int("train"))
	if r.Limit > 0 {
		train = domains.Subset(r.Seed, digitsName, r.Side, len(train), r.Limit)
	}
	d := &domains.Domain{Name: digitsName}
	d.Lock.Transform = fmt.Sprintf("drawn at %s by exact area coverage, intensities in [-1, 1]", r.Shape)
	if r.Shape.Channels == 1 {
		d.Lock.Transform += ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	for _, part := range []struct {
		name    string
		indices []int
		split   *domains.Split
	}{{"train", train, &d.Train}, {"test", domains.Every(r.Options.Int("test")), &d.Test}} {
		if *part.split, err = printDigits(ctx, r, fonts, part.name, part.indices); err != nil {
			return nil, fmt.Errorf("domains: %s: %w", digitsName, err)
		}
	}
	return d, nil
}

func printDigits(ctx context.Context, r domains.Request, fonts []digitFont, split string, indices []int) (domains.Split, error) {
	images := &domains.Images{Shape: r.Shape, Data: make([]float32, len(indices)*r.Shape.Len())}
	labels := make([]int, len(indices))
	parallel.Blocks(len(indices), 64, func(_, lo, hi int) {
		c, s := newCanvas(r.Shape.Width, r.Shape.Height), newSmoother(r.Shape.Width, r.Shape.Height)
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			n := drawNumber(r.Options, len(fonts), stream.New(uint64(r.Options.Int("data_seed")), digitsName, split, indices[i]))
			n.paint(c, fonts[n.font])
			s.smooth(c, n.blur*float64(r.Shape.Width)/32)
			c.planes(images.At(i), r.Shape.Channels)
			labels[i] = n.digits[1]
		}
	})
	return domains.Split{Images: images, Truth: domains.NewTruth(labels, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})}, ctx.Err()
}

// A number is what is printed: a digit and what may stand on either side of it.
type number struct {
	digits       [3]int // left, the one that counts, right; negative: none
	font         int
	height       float64 // of a digit, of the canvas's 2
	turn         float64 // degrees
	middle       point   // of the digit that counts
	ink          colour
	above, below colour  // of the ground
	blur         float64 // pixels of 32
}

// leastContrast parts the luma of ink and ground, on a scale of 1.
const leastContrast = 0.25

func drawNumber(o option.Values, fonts int, r *rand.Rand) number {
	n := number{font: r.IntN(fonts)}
	for k := range n.digits {
		n.digits[k] = r.IntN(10)
		if missing := r.Float64() >= o.Float("neighbours"); missing && k != 1 {
			n.digits[k] = -1
		}
	}
	n.height = 1.1 + 0.6*r.Float64()
	n.turn = o.Float("turn") * (2*r.Float64() - 1)
	n.middle = point{0.16 * (r.Float64() - 0.5), 0.16 * (r.Float64() - 0.5)}
	any := func() colour { return colour{r.Float64(), r.Float64(), r.Float64()} }
	n.above = any()
	n.below = mix(n.above, any(), 0.3)
	for n.ink = any(); min(contrast(n.ink, n.above), contrast(n.ink, n.below)) < leastContrast; {
		n.ink = any()
	}
	n.blur = o.Float("blur") * r.Float64()
	return n
}

func contrast(a, b colour) float64 {
	return math.Abs(domains.Luma(a[0], a[1], a[2]) - domains.Luma(b[0], b[1], b[2]))
}

// paint prints the number on its ground, as its font sets it, the bounds of the digit that
// counts about their middle.
func (n number) paint(c *canvas, f digitFont) {
	c.turn(0, point{})
	c.gradient(n.above, n.below)
	c.turn(n.turn, n.middle)
	own := f[n.digits[1]]
	scale := n.height / own.height
	for k, digit := range n.digits {
		if digit < 0 {
			continue
		}
		g, origin := f[digit], point{-own.middle.x, -own.middle.y}
		switch k {
		case 0:
			origin.x -= g.advance
		case 2:
			origin.x += own.advance
		}
		var outlines []contour
		for _, outline := range g.outlines {
			placed := make(contour, len(outline))
			for i, p := range outline {
				placed[i] = point{n.middle.x + scale*(origin.x+p.x), n.middle.y + scale*(origin.y+p.y)}
			}
			outlines = append(outlines, placed)
		}
		c.fill(n.ink, 1, outlines...)
	}
}

// A smoother blurs canvases of one size.
type smoother struct {
	width, height int
	rows          []float64
}

func newSmoother(width, height int) *smoother {
	return &smoother{width, height, make([]float64, 3*width*height)}
}

// smooth convolves a canvas with a normal density of the deviation in pixels, cut at three of
// them, edges repeated.
func (s *smoother) smooth(c *canvas, deviation float64) {
	reach := int(math.Ceil(3 * deviation))
	if reach == 0 {
		return
	}
	weights, sum := make([]float64, 2*reach+1), 0.0
	for i := range weights {
		d := float64(i-reach) / deviation
		weights[i] = math.Exp(-d * d / 2)
		sum += weights[i]
	}
	along := func(dst, src []float64, length, step, lines, apart int) {
		for line := range lines {
			for i := range length {
				for k := range 3 {
					v := 0.0
					for j, w := range weights {
						v += w / sum * src[3*(line*apart+min(max(i+j-reach, 0), length-1)*step)+k]
					}
					dst[3*(line*apart+i*step)+k] = v
				}
			}
		}
	}
	along(s.rows, c.pixels, s.width, 1, s.height, s.width)
	along(c.pixels, s.rows, s.height, s.width, s.width, 1)
}
