package drawn

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/venn-adapt/venn/domains"
)

// The factors of a schematic face, in the order in which they are drawn and
// stored. Both domains have the common ones; glasses are particular to A, the
// smile to B. New factors go to the end of their list: a draw takes them in turn.
var (
	commonFactors = []factor{
		{name: "identity", categories: identityNames()},
		{name: "skin_tone", max: 1},                      // 0 palest, 1 darkest
		{name: "tilt", min: -14, max: 14},                // degrees, clockwise
		{name: "eye_spacing", min: 0.25, max: 0.285},     // half the distance of the pupils, canvas is 2 wide
		{name: "background", categories: names(grounds)}, // hue
		{name: "brightness", min: 0.55, max: 1},          // of the background
	}
	glassesFactors = []factor{
		{name: "glasses_shape", categories: []string{"round", "square", "cat-eye"}},
		{name: "glasses_colour", categories: names(frames)},
		{name: "glasses_size", min: 0.21, max: 0.25},       // half the width of a lens with its frame
		{name: "glasses_thickness", min: 0.045, max: 0.08}, // of the frame
	}
	smileFactors = []factor{
		{name: "smile_colour", categories: names(lips)},
		{name: "smile_teeth", categories: []string{"none", "upper", "full"}},
		{name: "smile_width", min: 0.24, max: 0.34},     // half the width of the open mouth
		{name: "smile_height", min: 0.16, max: 0.27},    // of the opening at its middle
		{name: "smile_curvature", min: 0.04, max: 0.14}, // rise of the corners
	}
)

// A factor is one known cause of a face: one of its categories, or a number drawn
// uniformly from [min, max).
type factor struct {
	name       string
	categories []string
	min, max   float64
}

func (f factor) draw(r *rand.Rand) float64 {
	if f.categories != nil {
		return float64(r.IntN(len(f.categories)))
	}
	return f.min + (f.max-f.min)*r.Float64()
}

// separateFactors are those that only one side has.
func separateFactors(side domains.Side) []factor {
	if side == domains.A {
		return glassesFactors
	}
	return smileFactors
}

// A named colour.
type swatch struct {
	name   string
	colour colour
}

func names(swatches []swatch) []string {
	out := make([]string, len(swatches))
	for i, s := range swatches {
		out[i] = s.name
	}
	return out
}

var (
	grounds = []swatch{
		{"sky", colour{0.62, 0.80, 0.96}}, {"mint", colour{0.66, 0.90, 0.76}}, {"sand", colour{0.95, 0.87, 0.68}},
		{"rose", colour{0.96, 0.76, 0.80}}, {"lilac", colour{0.80, 0.75, 0.95}}, {"stone", colour{0.84, 0.86, 0.88}},
	}
	frames = []swatch{
		{"red", colour{0.86, 0.07, 0.12}}, {"blue", colour{0.07, 0.25, 0.88}}, {"green", colour{0.03, 0.58, 0.22}},
		{"violet", colour{0.55, 0.10, 0.78}}, {"amber", colour{1.00, 0.66, 0.00}},
	}
	lips = []swatch{
		{"crimson", colour{0.80, 0.03, 0.12}}, {"pink", colour{1.00, 0.36, 0.62}}, {"plum", colour{0.45, 0.05, 0.42}},
		{"coral", colour{1.00, 0.45, 0.15}},
	}
	hairColours = map[string]colour{
		"black": {0.10, 0.08, 0.10}, "brown": {0.42, 0.25, 0.13}, "blond": {0.96, 0.80, 0.34},
		"red": {0.78, 0.27, 0.07}, "grey": {0.78, 0.79, 0.82},
	}
	skins = []colour{{1.00, 0.88, 0.78}, {0.93, 0.74, 0.58}, {0.76, 0.54, 0.38}, {0.50, 0.33, 0.22}}
)

// An identity is a class: what stays of a person whatever they wear or do. No
// single trait tells the class.
type identity struct{ head, style, hair string }

var identities = []identity{
	{"round", "crop", "black"},
	{"round", "long", "blond"},
	{"round", "curls", "red"},
	{"oval", "long", "black"},
	{"oval", "spikes", "blond"},
	{"oval", "bun", "grey"},
	{"oval", "curls", "brown"},
	{"square", "crop", "red"},
	{"square", "bob", "brown"},
	{"square", "spikes", "grey"},
}

func identityNames() []string {
	out := make([]string, len(identities))
	for i, p := range identities {
		out[i] = p.head + "-" + p.style + "-" + p.hair
	}
	return out
}

// A face is everything that a picture of it depends on; nil glasses or smile are
// bare eyes and a neutral mouth.
type face struct {
	identity         int
	skin, tilt, eyes float64
	background       int
	brightness       float64
	glasses          *glasses
	smile            *smile
}

type glasses struct {
	shape, colour   int
	size, thickness float64
}

type smile struct {
	colour, teeth            int
	width, height, curvature float64
}

// column gives the reader of row i of a table by factor name. A table without
// the factor, or without the row, is a mistake of the caller.
func column(f *domains.Factors, i int) func(name string) float64 {
	return func(name string) float64 {
		j := slices.Index(f.Names, name)
		if j < 0 {
			panic(fmt.Sprintf("domains: faces-schematic: factor %q is not among %v", name, f.Names))
		}
		return f.Values[i][j]
	}
}

func (f *face) setCommon(get func(string) float64) {
	f.identity, f.background = int(get("identity")), int(get("background"))
	f.skin, f.tilt, f.eyes = get("skin_tone"), get("tilt"), get("eye_spacing")
	f.brightness = get("brightness")
}

func (f *face) setGlasses(get func(string) float64) {
	f.glasses = &glasses{
		shape: int(get("glasses_shape")), colour: int(get("glasses_colour")),
		size: get("glasses_size"), thickness: get("glasses_thickness"),
	}
}

func (f *face) setSmile(get func(string) float64) {
	f.smile = &smile{
		colour: int(get("smile_colour")), teeth: int(get("smile_teeth")),
		width: get("smile_width"), height: get("smile_height"), curvature: get("smile_curvature"),
	}
}
