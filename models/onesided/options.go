package onesided

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Options are those of every one-sided system; the published values are the defaults.
var Options = []option.Option{
	{Name: "separate", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the separate code; 0 takes 25 at 128 pixels, the paper's, and in proportion to the side elsewhere"},
	{Name: "base", Kind: option.Int, Default: 32, Min: 4, Max: 128, Doc: "channels of the first stage; 32 is the paper's"},
	{Name: "train.learning_rate", Kind: option.Float, Default: 2e-4, Min: 1e-9, Max: 10, Doc: "of both Adam optimisers"},
	{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	{Name: "train.clip", Kind: option.Float, Default: 5.0, Min: 0, Max: 1e6, Doc: "bound on the global gradient norm of encoders and decoders; 0 does not clip"},
}

// Sizes are the channels of the networks of a half.
type Sizes struct {
	Common   []int // of the stages of the common encoder
	Separate []int // of the stages of the separate encoder
	Decoder  []int // of the stages of a decoder but the last
	Code     int   // of common and separate code together
}

// SizesOf are the published widths at 128 pixels: 32 64 128 256 487 487, 32 64 128 128 128 25 and
// 512 256 128 64 32. A smaller image has as many stages less as leave a code of 2 x 2 places.
func SizesOf(shape domains.Shape, o option.Values) Sizes {
	n, base, s := models.Halvings(shape.Height), o.Int("base"), separate(shape, o)
	width := base << (n - 2)
	z := Sizes{Code: width}
	for i := range n - 1 {
		z.Separate = append(z.Separate, min(base<<i, 4*base))
		z.Decoder = append(z.Decoder, width>>i)
		if i < n-2 {
			z.Common = append(z.Common, base<<i)
		}
	}
	z.Common = append(z.Common, width-s, width-s)
	z.Separate = append(z.Separate, s)
	return z
}

func separate(shape domains.Shape, o option.Values) int {
	if s := o.Int("separate"); s > 0 {
		return s
	}
	return 25 * shape.Height / 128
}

// Check finds sizes of images without a table, and separate codes that leave no common channels.
func Check(c models.Config) []option.Error {
	out := models.CheckSide(c.Shape)
	if len(out) > 0 {
		return out
	}
	width := c.Options.Int("base") << (models.Halvings(c.Shape.Height) - 2)
	if s := separate(c.Shape, c.Options); s >= width {
		out = append(out, option.Error{Option: "model.separate", Problem: fmt.Sprintf("%d leaves no common channels of %d; at most %d", s, width, width-1)})
	}
	return out
}
