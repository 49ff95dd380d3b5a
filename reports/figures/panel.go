package figures

import (
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
)

// Okabe and Ito's palette, which colour-blind readers can tell apart.
var palette = []color.Color{
	color.RGBA{R: 0, G: 114, B: 178, A: 255}, color.RGBA{R: 213, G: 94, B: 0, A: 255}, color.RGBA{R: 0, G: 158, B: 115, A: 255}, color.RGBA{R: 204, G: 121, B: 167, A: 255},
	color.RGBA{R: 230, G: 159, B: 0, A: 255}, color.RGBA{R: 86, G: 180, B: 233, A: 255}, color.RGBA{R: 0, G: 0, B: 0, A: 255}, color.RGBA{R: 240, G: 228, B: 66, A: 255},
	color.RGBA{R: 120, G: 94, B: 62, A: 255}, color.RGBA{R: 140, G: 140, B: 140, A: 255},
}

func hue(i int) color.Color { return palette[i%len(palette)] }

// Figures are set in the sans serif of the fonts that come with the plots, as pages
// and image grids are.
func init() { plot.DefaultFont.Variant, plotter.DefaultFont.Variant = "Sans", "Sans" }

// newPlot is an empty panel in the house style.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font.Size = font.Points(10)
	p.Title.Padding = vg.Points(4)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size = font.Points(9)
		a.Tick.Label.Font.Size = font.Points(8)
		a.Padding = vg.Points(3)
	}
	p.Legend.TextStyle.Font.Size = font.Points(8)
	p.Legend.Top = true
	p.Legend.ThumbnailWidth, p.Legend.Padding = vg.Points(12), vg.Points(2)
	return p
}

// legendPanel holds a legend alone, beside the panels that it explains.
func legendPanel() *plot.Plot {
	p := newPlot("", "", "")
	p.HideAxes()
	p.Legend.Left = true
	p.Legend.YOffs = -vg.Points(18) // below the titles of its row
	return p
}

// legendWidth is room for a legend's thumbnails and the longest of its names.
func legendWidth(names ...string) vg.Length {
	face := font.DefaultCache.Lookup(plot.DefaultFont, vg.Points(8))
	width := vg.Points(60)
	for _, name := range names {
		width = max(width, face.Width(name)+vg.Points(35))
	}
	return width
}

// taskTitle is a task's name for people: "mnist to usps".
func taskTitle(task string) string { return strings.Replace(task, "->", " to ", 1) }

// setBeside sets a legend of a width right of the first row of a figure's panels, the column below it empty.
func setBeside(f *reports.Figure, legend *plot.Plot, width vg.Length) {
	var wider []*plot.Plot
	for i, p := range f.Panels {
		wider = append(wider, p)
		if last := i == len(f.Panels)-1; i%f.Columns == f.Columns-1 || last {
			for (len(wider)+1)%(f.Columns+1) != 0 {
				wider = append(wider, nil)
			}
			wider = append(wider, legend)
			legend = nil
		}
	}
	f.Panels, f.Columns, f.Legend = wider, f.Columns+1, width
}
