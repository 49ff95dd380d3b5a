package domains

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// exifOrientation is the orientation tag (1 to 8) of a JPEG, PNG or WebP file; 1,
// upright, where there is none or where it cannot be read: cameras write much into
// EXIF, and a fault there does not make the picture unreadable.
func exifOrientation(file []byte) int {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8")):
		return tiffOrientation(jpegEXIF(file))
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return tiffOrientation(pngEXIF(file))
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return tiffOrientation(webpEXIF(file))
	}
	return 1
}

// exifHead begins the EXIF segment of a JPEG, and of some WebP files.
var exifHead = []byte("Exif\x00\x00")

// jpegEXIF finds the APP1 segment with EXIF, which comes before the image's data.
func jpegEXIF(file []byte) []byte {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker := file[at+1]
		if marker == 0xff { // padding
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xda || marker == 0xd9 || size < 2 || at+2+size > len(file) {
			return nil
		}
		segment := file[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(segment, exifHead) {
			return segment[len(exifHead):]
		}
		at += 2 + size
	}
	return nil
}

// pngEXIF finds the eXIf chunk.
func pngEXIF(file []byte) []byte {
	for at := 8; at+12 <= len(file); {
		size := int64(binary.BigEndian.Uint32(file[at:]))
		if int64(at)+12+size > int64(len(file)) {
			return nil
		}
		if string(file[at+4:at+8]) == "eXIf" {
			return file[at+8 : at+8+int(size)]
		}
		at += 12 + int(size)
	}
	return nil
}

// webpEXIF finds the EXIF chunk.
func webpEXIF(file []byte) []byte {
	for at := 12; at+8 <= len(file); {
		size := int64(binary.LittleEndian.Uint32(file[at+4:]))
		if int64(at)+8+size > int64(len(file)) {
			return nil
		}
		if string(file[at:at+4]) == "EXIF" {
			return bytes.TrimPrefix(file[at+8:at+8+int(size)], exifHead)
		}
		at += 8 + int(size) + int(size&1)
	}
	return nil
}

// tiffShort is the type of a 16-bit value.
const tiffShort = 3

// tiffOrientation reads tag 0x0112 of the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	} else if string(tiff[:2]) != "II" {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	const entry = 12
	count := int64(order.Uint16(tiff[at:]))
	for k := range count {
		e := at + 2 + k*entry
		if e+entry > int64(len(tiff)) {
			return 1
		}
		tag, kind, value := order.Uint16(tiff[e:]), order.Uint16(tiff[e+2:]), order.Uint16(tiff[e+8:])
		if tag == 0x0112 {
			if kind == tiffShort && value >= 1 && value <= 8 {
				return int(value)
			}
			return 1
		}
	}
	return 1
}

// upright turns an image as its orientation tag says: 2 mirrored left to right, 3
// turned by 180 degrees, 4 mirrored top to bottom, 5 transposed, 6 to be turned
// clockwise, 7 transposed over the other diagonal, 8 to be turned anticlockwise.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	b := img.Bounds()
	in := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(in, in.Bounds(), img, b.Min, draw.Src)
	w, h := b.Dx(), b.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], in.Pix[in.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
