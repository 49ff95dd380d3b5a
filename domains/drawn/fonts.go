package drawn

import (
	"fmt"
	"sync"

	liberationmonobold "codeberg.org/go-fonts/liberation/liberationmonobold"
	liberationmonobolditalic "codeberg.org/go-fonts/liberation/liberationmonobolditalic"
	liberationmonoitalic "codeberg.org/go-fonts/liberation/liberationmonoitalic"
	liberationmonoregular "codeberg.org/go-fonts/liberation/liberationmonoregular"
	liberationsansbold "codeberg.org/go-fonts/liberation/liberationsansbold"
	liberationsansbolditalic "codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	liberationsansitalic "codeberg.org/go-fonts/liberation/liberationsansitalic"
	liberationsansregular "codeberg.org/go-fonts/liberation/liberationsansregular"
	liberationserifbold "codeberg.org/go-fonts/liberation/liberationserifbold"
	liberationserifbolditalic "codeberg.org/go-fonts/liberation/liberationserifbolditalic"
	liberationserifitalic "codeberg.org/go-fonts/liberation/liberationserifitalic"
	liberationserifregular "codeberg.org/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fontFiles are the fonts of printed digits; their order is part of what is drawn.
var fontFiles = [][]byte{
	gobold.TTF, gobolditalic.TTF, goitalic.TTF, gomedium.TTF, gomediumitalic.TTF, gomono.TTF, gomonobold.TTF, gomonobolditalic.TTF,
	gomonoitalic.TTF, goregular.TTF, gosmallcaps.TTF, gosmallcapsitalic.TTF,
	liberationmonobold.TTF, liberationmonobolditalic.TTF, liberationmonoitalic.TTF, liberationmonoregular.TTF,
	liberationsansbold.TTF, liberationsansbolditalic.TTF, liberationsansitalic.TTF, liberationsansregular.TTF,
	liberationserifbold.TTF, liberationserifbolditalic.TTF, liberationserifitalic.TTF, liberationserifregular.TTF,
}

// A digitFont has the outlines of the digits 0 to 9.
type digitFont [10]glyph

// A glyph is a digit at the origin of its line, y down: its outlines, the middle and the
// height of their bounds, and how far on the next digit stands. The unit is the font's.
type glyph struct {
	outlines []contour
	middle   point
	height   float64
	advance  float64
}

// digitFonts reads the outlines of all fonts, once.
var digitFonts = sync.OnceValues(func() ([]digitFont, error) {
	out := make([]digitFont, len(fontFiles))
	for i, file := range fontFiles {
		f, err := sfnt.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("font %d: %w", i, err)
		}
		for digit := range out[i] {
			if out[i][digit], err = readGlyph(f, rune('0'+digit)); err != nil {
				return nil, fmt.Errorf("font %d, digit %d: %w", i, digit, err)
			}
		}
	}
	return out, nil
})

// glyphSize is the size, in pixels an em, at which outlines are read: their points are whole
// sixty-fourths of these.
const glyphSize = 1000

func readGlyph(f *sfnt.Font, r rune) (glyph, error) {
	var buffer sfnt.Buffer
	index, err := f.GlyphIndex(&buffer, r)
	if err != nil || index == 0 {
		return glyph{}, fmt.Errorf("no glyph: %w", err)
	}
	bounds, advance, err := f.GlyphBounds(&buffer, index, fixed.I(glyphSize), font.HintingNone)
	if err != nil {
		return glyph{}, err
	}
	segments, err := f.LoadGlyph(&buffer, index, fixed.I(glyphSize), nil)
	if err != nil {
		return glyph{}, err
	}
	at := func(p fixed.Point26_6) point { return point{float64(p.X), float64(p.Y)} }
	g := glyph{advance: float64(advance), height: float64(bounds.Max.Y - bounds.Min.Y),
		middle: point{float64(bounds.Min.X+bounds.Max.X) / 2, float64(bounds.Min.Y+bounds.Max.Y) / 2}}
	for _, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo {
			g.outlines = append(g.outlines, contour{at(s.Args[0])})
			continue
		}
		last := &g.outlines[len(g.outlines)-1]
		switch s.Op {
		case sfnt.SegmentOpLineTo:
			*last = append(*last, at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			*last = curved(*last, at(s.Args[0]), at(s.Args[1]))
		default:
			return glyph{}, fmt.Errorf("a segment of kind %d, which no TrueType outline has", s.Op)
		}
	}
	return g, nil
}

// curved appends a quadratic curve from the contour's end, by way of a point, to another.
func curved(c contour, by, to point) contour {
	const steps = 8
	from := c[len(c)-1]
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		a, b, d := (1-t)*(1-t), 2*t*(1-t), t*t
		c = append(c, point{a*from.x + b*by.x + d*to.x, a*from.y + b*by.y + d*to.y})
	}
	return c
}
