package render

import (
	"strings"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// A pdfCanvas writes text as the PDF's fonts want it: vgpdf embeds them in code
// page 1252 but hands on UTF-8 as it is, which turns é into two other letters.
type pdfCanvas struct{ *vgpdf.Canvas }

func (c pdfCanvas) FillString(face font.Face, at vg.Point, text string) {
	c.Canvas.FillString(face, at, codePage1252(text))
}

// stands are what is written for characters of formulas that the code page lacks.
var stands = strings.NewReplacer("−", "-", "→", "->", "←", "<-", "≤", "<=", "≥", ">=", "≈", "~", "∞", "inf",
	"α", "alpha", "β", "beta", "γ", "gamma", "λ", "lambda", "μ", "µ", "σ", "sigma", "χ", "chi")

// codePage1252 transcodes text for a PDF. A character that neither the code page nor
// stands knows, as in the name of a class, becomes a question mark: the fonts have
// no glyph for it, and the SVG, the page and the CSV hold it.
func codePage1252(text string) string {
	var b strings.Builder
	for _, r := range stands.Replace(text) {
		code, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			code = '?'
		}
		b.WriteByte(code)
	}
	return b.String()
}
