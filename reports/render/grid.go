package render

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
)

// Tiles of a grid are enlarged by whole factors, without smoothing, to at least
// minTile pixels; gaps are white.
const (
	minTile  = 96
	tileGap  = 4
	textSize = 20 // pixels
)

// A GridPicture is a drawn grid of images.
type GridPicture struct {
	name string
	page *image.RGBA
}

// PNG is the picture at 300 dots an inch.
func (p GridPicture) PNG() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p.page); err != nil {
		return nil, fmt.Errorf("reports: grid %s: %w", p.name, err)
	}
	return withDensity(b.Bytes()), nil
}

// PDF is a page of the picture's size that holds its pixels.
func (p GridPicture) PDF() ([]byte, error) {
	c := vgpdf.New(p.size())
	p.fill(c)
	return undated(written(p.name, c))
}

// SVG is a drawing of the picture's size that holds its pixels.
func (p GridPicture) SVG() ([]byte, error) {
	c := vgsvg.New(p.size())
	p.fill(c)
	return written(p.name, c)
}

func (p GridPicture) size() (w, h vg.Length) {
	return vg.Length(p.page.Bounds().Dx()) * vg.Inch / dpi, vg.Length(p.page.Bounds().Dy()) * vg.Inch / dpi
}

func (p GridPicture) fill(c vg.Canvas) {
	w, h := p.size()
	c.DrawImage(vg.Rectangle{Max: vg.Point{X: w, Y: h}}, p.page)
}

// DrawGrid draws a grid of a run. With a header, the first row and column are set
// off by a wider gap and the corner is left white. It fails as ReadGrid.
func DrawGrid(run reports.Run, g reports.Grid) (*GridPicture, error) {
	shape, data, err := ReadGrid(run, g)
	if err != nil {
		return nil, err
	}
	return DrawImages(g, shape[0], shape[1], shape[2], data)
}

// ReadGrid reads the images of a grid of a run, row by row, and their channels, height and
// width: those that a reference keeps, or the file below the run's directory. It fails when the file is
// missing or holds another number of images.
func ReadGrid(run reports.Run, g reports.Grid) (shape [3]int, data []float32, err error) {
	if packed := run.Pictures[g.Name]; packed != nil {
		return unpackGrid(packed, g)
	}
	path := filepath.Join(run.Dir, filepath.FromSlash(g.File))
	found, data, err := npy.Read(path)
	if err != nil {
		return shape, nil, &DamagedGridError{g.Name, run.Dir, err.Error()}
	}
	if len(found) != 5 || found[0] != g.Rows || found[1] != g.Columns || (found[2] != 1 && found[2] != 3) || found[3] < 1 || found[4] < 1 {
		return shape, nil, &DamagedGridError{g.Name, run.Dir, fmt.Sprintf("%s holds %v, want %d x %d images", path, found, g.Rows, g.Columns)}
	}
	return [3]int(found[2:]), data, nil
}

// A DamagedGridError says that the file of a grid is not what its results say.
type DamagedGridError struct{ Grid, Dir, Found string }

func (e *DamagedGridError) Error() string {
	return fmt.Sprintf("reports: grid %s: %s; `venn resume %s` makes it anew", e.Grid, e.Found, e.Dir)
}

// Damaged marks the error for the exit code of damaged data.
func (e *DamagedGridError) Damaged() bool { return true }

// DrawImages draws a grid whose images, C x H x W values in [-1, 1], follow one
// another row by row. It fails on images without pixels and on another number of values.
func DrawImages(g reports.Grid, c, h, w int, data []float32) (*GridPicture, error) {
	if g.Rows < 1 || g.Columns < 1 || c < 1 || h < 1 || w < 1 || len(data) != g.Rows*g.Columns*c*h*w {
		return nil, fmt.Errorf("reports: grid %s: %d values for %d x %d images of %d x %d x %d", g.Name, len(data), g.Rows, g.Columns, c, h, w)
	}
	zoom := (minTile + min(h, w) - 1) / min(h, w)
	face, err := labelFace()
	if err != nil {
		return nil, err
	}
	margin := 0
	for _, l := range g.RowLabels {
		margin = max(margin, font.MeasureString(face, l).Ceil()+2*tileGap)
	}
	top := 0
	if len(g.ColumnLabels) > 0 {
		top = textSize + 2*tileGap
	}
	x := func(j int) int { return margin + tileGap + j*(w*zoom+tileGap) + extra(g, j) }
	y := func(i int) int { return top + tileGap + i*(h*zoom+tileGap) + extra(g, i) }
	page := image.NewRGBA(image.Rect(0, 0, x(g.Columns), y(g.Rows)))
	for i := range page.Pix {
		page.Pix[i] = 255 // white
	}
	for i := range g.Rows {
		for j := range g.Columns {
			if g.Header && i == 0 && j == 0 {
				continue
			}
			tile(page, data[(i*g.Columns+j)*c*h*w:][:c*h*w], c, h, w, x(j), y(i), zoom)
		}
	}
	for i, l := range g.RowLabels {
		write(page, face, l, tileGap, y(i)+h*zoom/2+textSize/3)
	}
	for j, l := range g.ColumnLabels {
		write(page, face, l, x(j), top-tileGap)
	}
	return &GridPicture{g.Name, page}, nil
}

// extra is the wider gap after a header's row or column.
func extra(g reports.Grid, i int) int {
	if g.Header && i > 0 {
		return 2 * tileGap
	}
	return 0
}

// Picture is one image, C x H x W in [-1, 1], as it is.
func Picture(v []float32, c, h, w int) *image.RGBA {
	page := image.NewRGBA(image.Rect(0, 0, w, h))
	tile(page, v, c, h, w, 0, 0, 1)
	return page
}

// tile paints one image, C x H x W in [-1, 1].
func tile(page *image.RGBA, v []float32, c, h, w, left, top, zoom int) {
	for i := range h {
		for j := range w {
			r := level(v[i*w+j])
			p := color.RGBA{R: r, G: r, B: r, A: 255}
			if c == 3 {
				p.G, p.B = level(v[h*w+i*w+j]), level(v[2*h*w+i*w+j])
			}
			for a := range zoom {
				for b := range zoom {
					page.SetRGBA(left+j*zoom+b, top+i*zoom+a, p)
				}
			}
		}
	}
}

// level is what of 256 a value in [-1, 1] is shown as.
func level(x float32) uint8 { return uint8(min(255, max(0, (x+1)*127.5+0.5))) }

func labelFace() (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("reports: label font: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("reports: label font: %w", err)
	}
	return face, nil
}

func write(page *image.RGBA, face font.Face, text string, x, y int) {
	d := font.Drawer{Dst: page, Src: image.Black, Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}
