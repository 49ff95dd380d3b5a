package domains

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // formats of DecodeImage
	_ "image/jpeg" //
	_ "image/png"  //

	_ "golang.org/x/image/bmp" //
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" //
)

// pixelLimit bounds what any file may claim to unpack to.
const pixelLimit = 1 << 27

// mostPixels bounds what a file of so many bytes may claim, as decoders make room before
// they read: BMP has a bit a pixel at least, and no PNG, JPEG or GIF comes near 2^14
// pixels a byte. WebP can hold a picture of one colour in any size.
func mostPixels(format string, bytes int) int {
	switch format {
	case "bmp":
		return 8 * bytes
	case "webp":
		return pixelLimit
	}
	return min(pixelLimit, 1<<20+bytes<<14)
}

// DecodeImage decodes PNG, JPEG, GIF (its first picture), WebP or BMP (not compressed),
// turned upright as its EXIF says. It fails on anything else, on a damaged file, on
// more than 2^27 pixels and on more than the file can hold, and never panics.
func DecodeImage(data []byte) (img image.Image, err error) {
	defer func() { // the decoders are the work of many hands
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("cannot be decoded: %v", r)
		}
	}()
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a readable image: %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > pixelLimit/c.Height {
		return nil, fmt.Errorf("%s of %dx%d pixels, want from 1 to %d pixels", format, c.Width, c.Height, pixelLimit)
	}
	if most := mostPixels(format, len(data)); c.Width*c.Height > most {
		return nil, fmt.Errorf("damaged %s: %dx%d pixels in %d bytes, which hold at most %d", format, c.Width, c.Height, len(data), most)
	}
	if img, _, err = image.Decode(bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("damaged %s of %dx%d pixels: %w", format, c.Width, c.Height, err)
	}
	return upright(img, exifOrientation(data)), nil
}

// FitImage brings an image to the shape (1 or 3 channels) and writes C x H x W
// values in [-1, 1] to dst: transparency over white, the largest central crop of
// the shape's aspect, then Catmull-Rom resampling, which widens its kernel when it
// shrinks so that nothing aliases. One channel is luma.
func FitImage(dst []float32, img image.Image, shape Shape) {
	page := image.NewRGBA(image.Rect(0, 0, shape.Width, shape.Height))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(page, page.Bounds(), img, CentreCrop(img.Bounds(), shape), draw.Over, nil)
	n := shape.Height * shape.Width
	for i := range n {
		px := page.Pix[4*i : 4*i+3]
		if shape.Channels == 1 {
			dst[i] = float32(Luma(float64(px[0]), float64(px[1]), float64(px[2]))/127.5 - 1)
			continue
		}
		for k, v := range px {
			dst[k*n+i] = float32(float64(v)/127.5 - 1)
		}
	}
	for i, v := range dst[:shape.Len()] { // luma of white may round to just above 1
		dst[i] = min(1, max(-1, v))
	}
}

// CentreCrop is the largest rectangle of the shape's aspect in the middle of b.
func CentreCrop(b image.Rectangle, shape Shape) image.Rectangle {
	w, h := b.Dx(), b.Dy()
	if cut := h * shape.Width / shape.Height; cut < w {
		w = max(1, cut)
	} else {
		h = max(1, w*shape.Height/shape.Width)
	}
	x, y := b.Min.X+(b.Dx()-w)/2, b.Min.Y+(b.Dy()-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// Luma is the brightness of a colour as ITU-R BT.601 weighs it.
func Luma(r, g, b float64) float64 { return 0.299*r + 0.587*g + 0.114*b }
