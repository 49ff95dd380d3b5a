package render

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"regexp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/venn-adapt/venn/reports"
)

// dpi of PNG figures.
const dpi = 300

// A Drawing is a figure as a picture in every graphic format.
type Drawing struct{ *reports.Figure }

// Draw makes the drawing of a figure.
func Draw(f *reports.Figure) Drawing { return Drawing{f} }

// Size is that of the figure, in points.
func (f Drawing) Size() (w, h vg.Length) {
	rows := (len(f.Panels) + f.Columns - 1) / f.Columns
	w = f.Panel[0] * vg.Length(f.Columns)
	if f.Legend > 0 {
		w += f.Legend - f.Panel[0]
	}
	return w, f.Panel[1] * vg.Length(rows)
}

// Paint paints the panels on a canvas of the figure's size.
func (f Drawing) Paint(c vg.CanvasSizer) {
	_, height := f.Size()
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

// PNG renders the figure at 300 dots an inch.
func (f Drawing) PNG() ([]byte, error) {
	w, h := f.Size()
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))}
	f.Paint(c)
	data, err := written(f.Name, c)
	return withDensity(data), err
}

// SVG renders the figure as scalable vectors.
func (f Drawing) SVG() ([]byte, error) {
	w, h := f.Size()
	c := vgsvg.New(w, h)
	f.Paint(c)
	return written(f.Name, c)
}

// PDF renders the figure as a page of its size, without the time of day.
func (f Drawing) PDF() ([]byte, error) {
	w, h := f.Size()
	c := pdfCanvas{vgpdf.New(w, h)}
	f.Paint(c)
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

// Numbers is a CSV of what a figure shows.
func Numbers(f *reports.Figure) ([]byte, error) {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if err := w.WriteAll(append([][]string{f.Header}, f.Data...)); err != nil {
		return nil, fmt.Errorf("reports: figure %s: %w", f.Name, err)
	}
	return buf.Bytes(), nil
}
