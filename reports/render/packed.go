package render

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/venn-adapt/venn/reports"
)

// PackGrid is the PNG that a reference keeps of a grid of a run: its images beside and below one
// another, without gaps, in the 256 levels that they are shown in. It fails as ReadGrid.
func PackGrid(run reports.Run, g reports.Grid) ([]byte, error) {
	shape, data, err := ReadGrid(run, g)
	if err != nil {
		return nil, err
	}
	c, h, w := shape[0], shape[1], shape[2]
	page := image.NewRGBA(image.Rect(0, 0, g.Columns*w, g.Rows*h))
	for i := range g.Rows * g.Columns {
		tile(page, data[i*c*h*w:][:c*h*w], c, h, w, i%g.Columns*w, i/g.Columns*h, 1)
	}
	var picture image.Image = page
	if c == 1 {
		grey := image.NewGray(page.Rect)
		for i := range grey.Pix {
			grey.Pix[i] = page.Pix[4*i]
		}
		picture = grey
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, picture)
	return b.Bytes(), err
}

// mostPixels bounds a packed grid.
const mostPixels = 1 << 24

// unpackGrid reads what PackGrid wrote: in shades of grey one channel, else three.
func unpackGrid(packed []byte, g reports.Grid) (shape [3]int, data []float32, err error) {
	damaged := func(format string, args ...any) error {
		return fmt.Errorf("reports: grid %s of a reference: %s; write the reference anew", g.Name, fmt.Sprintf(format, args...))
	}
	about, err := png.DecodeConfig(bytes.NewReader(packed))
	if err != nil {
		return shape, nil, damaged("%v", err)
	}
	if g.Rows < 1 || g.Columns < 1 || about.Width%g.Columns != 0 || about.Height%g.Rows != 0 || about.Width*about.Height > mostPixels {
		return shape, nil, damaged("%d x %d pixels, want %d x %d images of one size, %d pixels at most", about.Width, about.Height, g.Columns, g.Rows, mostPixels)
	}
	picture, err := png.Decode(bytes.NewReader(packed))
	if err != nil {
		return shape, nil, damaged("%v", err)
	}
	shape = [3]int{3, about.Height / g.Rows, about.Width / g.Columns}
	if _, grey := picture.(*image.Gray); grey {
		shape[0] = 1
	}
	c, h, w := shape[0], shape[1], shape[2]
	data = make([]float32, about.Width*about.Height*c)
	for y := range about.Height {
		for x := range about.Width {
			var rgb [3]uint32
			rgb[0], rgb[1], rgb[2], _ = picture.At(x, y).RGBA()
			at := (y/h*g.Columns+x/w)*c*h*w + y%h*w + x%w
			for k := range c {
				data[at+k*h*w] = float32(rgb[k]>>8)/127.5 - 1
			}
		}
	}
	return shape, data, nil
}

// Shown says whether values in [-1, 1] are shown as the same picture.
func Shown(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if level(v) != level(b[i]) {
			return false
		}
	}
	return true
}
