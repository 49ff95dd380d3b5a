package domains

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// A Sheet says how a contact sheet looks.
type Sheet struct {
	Rows, Columns int  // of each block; fewer where there are fewer images
	Zoom          int  // whole pixels an image pixel is shown as; 0: about 64 pixels an image
	Captions      bool // the class under each image, and the block's title above it
}

// A Block is one part of a contact sheet.
type Block struct {
	Title string
	Split Split
}

const (
	sheetGap   = 4  // pixels between images
	lineHeight = 15 // of a caption
)

// Contact lays the first images of each block out on white, block under block.
// It opens labels to print them; the picture is for people, no code reads it.
// Time and memory are those of the picture.
func Contact(s Sheet, blocks ...Block) *image.RGBA {
	var width, height int
	for _, b := range blocks {
		g := s.grid(b)
		width, height = max(width, g.width), height+g.height
	}
	page := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	top := 0
	for _, b := range blocks {
		g := s.grid(b)
		g.paint(page, top, s.Captions)
		top += g.height
	}
	return page
}

// A grid is a block with its measures in pixels.
type grid struct {
	Block
	count, columns, zoom  int
	cellWidth, cellHeight int
	head                  int
	width, height         int
}

func (s Sheet) grid(b Block) grid {
	shape := b.Split.Images.Shape
	g := grid{Block: b, columns: max(1, s.Columns), zoom: s.Zoom}
	g.count = min(b.Split.Images.Len(), max(1, s.Rows)*g.columns)
	if g.zoom <= 0 {
		g.zoom = max(1, int(math.Round(64/float64(max(1, shape.Width)))))
	}
	g.cellWidth, g.cellHeight = shape.Width*g.zoom+sheetGap, shape.Height*g.zoom+sheetGap
	if s.Captions {
		g.head = lineHeight
		if b.Split.Truth.Known() {
			g.cellHeight += lineHeight
		}
	}
	rows := (g.count + g.columns - 1) / g.columns
	g.width, g.height = g.columns*g.cellWidth+sheetGap, g.head+rows*g.cellHeight+sheetGap
	return g
}

func (g grid) paint(page *image.RGBA, top int, captions bool) {
	if captions {
		write(page, g.Title, sheetGap, top+lineHeight-3, page.Bounds().Dx())
	}
	labels, classes := g.Split.Truth.Reveal(), g.Split.Truth.Classes()
	shape := g.Split.Images.Shape
	for i := range g.count {
		x := sheetGap + i%g.columns*g.cellWidth
		y := top + g.head + sheetGap + i/g.columns*g.cellHeight
		enlarge(page, ToImage(g.Split.Images.At(i), shape), x, y, g.zoom)
		if captions && g.Split.Truth.Known() {
			write(page, classes[labels[i]], x, y+shape.Height*g.zoom+lineHeight-4, shape.Width*g.zoom)
		}
	}
}

// enlarge repeats each pixel, so that what the model sees is seen unsmoothed.
func enlarge(page *image.RGBA, src *image.RGBA, x, y, zoom int) {
	for v := range src.Bounds().Dy() * zoom {
		for u := range src.Bounds().Dx() * zoom {
			page.SetRGBA(x+u, y+v, src.RGBAAt(u/zoom, v/zoom))
		}
	}
}

// write prints text with its baseline at y, cut to the width.
func write(page *image.RGBA, text string, x, y, width int) {
	face := basicfont.Face7x13
	if n := width / face.Advance; len(text) > n {
		text = text[:max(0, n)]
	}
	d := font.Drawer{Dst: page, Src: image.NewUniform(color.Gray{Y: 40}), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// ToImage turns one image of the given shape, C x H x W in [-1, 1] with one or
// three channels, into pixels; values outside are clipped, one channel is grey.
func ToImage(values []float32, shape Shape) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, shape.Width, shape.Height))
	n := shape.Height * shape.Width
	for i := range n {
		for k := range 3 {
			v := (float64(values[min(k, shape.Channels-1)*n+i]) + 1) / 2
			out.Pix[4*i+k] = uint8(math.Round(255 * min(1, max(0, v))))
		}
		out.Pix[4*i+3] = 255
	}
	return out
}
