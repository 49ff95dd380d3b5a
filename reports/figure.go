package reports

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/color"
	"io"
	"math"
	"regexp"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/venn-adapt/venn/internal/registry"
)

// A FigureInfo describes a kind of figure. Each is one file that registers itself
// in Figures.
type FigureInfo struct {
	Name  string
	Order int // place in a bundle
	// Build makes the figure of runs, or says in skip why it cannot.
	Build func(runs []Run) (f *Figure, skip string, err error)
}

// Figures holds every figure by name.
var Figures = registry.New[FigureInfo]("figure")

// A Figure is panels side by side with the numbers that they show.
type Figure struct {
	Name    string
	Title   string
	Caption string
	// Panels are drawn in rows of Columns; a nil panel leaves its place empty.
	Panels  []*plot.Plot
	Columns int
	Panel   [2]vg.Length // width and height of one panel
	Legend  vg.Length    // width of the last column where it holds legends alone; 0: none does
	Header  []string     // of the CSV
	Data    [][]string
}

// dpi of PNG figures.
const dpi = 300

// Okabe and Ito's palette, which colour-blind readers can tell apart.
var palette = []color.Color{
	color.RGBA{0, 114, 178, 255}, color.RGBA{213, 94, 0, 255}, color.RGBA{0, 158, 115, 255}, color.RGBA{204, 121, 167, 255},
	color.RGBA{230, 159, 0, 255}, color.RGBA{86, 180, 233, 255}, color.RGBA{0, 0, 0, 255}, color.RGBA{240, 228, 66, 255},
	color.RGBA{120, 94, 62, 255}, color.RGBA{140, 140, 140, 255},
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

func (f *Figure) size() (w, h vg.Length) {
	rows := (len(f.Panels) + f.Columns - 1) / f.Columns
	w = f.Panel[0] * vg.Length(f.Columns)
	if f.Legend > 0 {
		w += f.Legend - f.Panel[0]
	}
	return w, f.Panel[1] * vg.Length(rows)
}

// draw paints the panels on a canvas of the figure's size.
func (f *Figure) draw(c vg.CanvasSizer) {
	_, height := f.size()
	dc := draw.New(c)
	for i, p := range f.Panels {
		if p == nil {
			continue
		}
		column, row := i%f.Columns, i/f.Columns
		width := f.Panel[0]
		if f.Legend > 0 && column == f.Columns-1 {
			width = f.Legend
		}
		left, top := vg.Length(column)*f.Panel[0], height-vg.Length(row)*f.Panel[1]
		p.Draw(draw.Canvas{Canvas: dc, Rectangle: vg.Rectangle{
			Min: vg.Point{X: left + vg.Points(5), Y: top - f.Panel[1] + vg.Points(5)},
			Max: vg.Point{X: left + width - vg.Points(8), Y: top - vg.Points(5)}}})
	}
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

// PNG renders the figure at 300 dots an inch.
func (f *Figure) PNG() ([]byte, error) {
	w, h := f.size()
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))}
	f.draw(c)
	data, err := written(f.Name, c)
	return withDensity(data), err
}

// SVG renders the figure as scalable vectors.
func (f *Figure) SVG() ([]byte, error) {
	w, h := f.size()
	c := vgsvg.New(w, h)
	f.draw(c)
	return written(f.Name, c)
}

// PDF renders the figure as a page of its size, without the time of day.
func (f *Figure) PDF() ([]byte, error) {
	w, h := f.size()
	c := pdfCanvas{vgpdf.New(w, h)}
	f.draw(c)
	return undated(written(f.Name, c))
}

func undated(pdf []byte, err error) ([]byte, error) {
	return pdfDate.ReplaceAll(pdf, []byte("${1}20000101000000")), err
}

// pdfDate finds the dates that the PDF writer takes from the clock. The
// replacement has the same length, since the file holds byte offsets.
var pdfDate = regexp.MustCompile(`(/(?:CreationDate|ModDate) ?\(D:)\d{14}`)

func written(name string, c io.WriterTo) ([]byte, error) {
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("reports: figure %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// withDensity tells readers of a PNG that it has 300 dots an inch (a pHYs chunk, after
// the header's 33 bytes), so that it is set at its size and not at screen size.
func withDensity(data []byte) []byte {
	const header = 33
	if len(data) < header {
		return data
	}
	chunk := []byte("\x00\x00\x00\x09pHYs")
	perMetre := uint32(math.Round(dpi / 0.0254))
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(data[:header], chunk, data[header:])
}
