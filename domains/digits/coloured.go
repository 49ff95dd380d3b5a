package digits

import (
	"context"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
)

// colouring states in words what coloured does, for the lock.
func colouring(native int, s domains.Shape) string {
	size := s.Width
	text := layout{native: native, scaled: size, frame: size, final: size}.String()
	if s.Channels == 1 {
		text += ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	return text + ", bytes, x/127.5-1 -> [-1, 1]"
}

// coloured brings square colour images of the given rows to the model's size and channels, and
// keeps them as bytes. image sets three planes of native x native values from 0 to 255.
func coloured(ctx context.Context, s domains.Shape, native int, rows, labels []int, image func(row int, planes []float64)) (domains.Split, error) {
	data, own := make([]byte, len(rows)*s.Len()), make([]int, len(rows))
	parallel.Blocks(len(rows), 256, func(_, lo, hi int) {
		size := s.Width
		n, area := native*native, size*size
		planes, sized, resize := make([]float64, 3*n), make([]float64, 3*area), domains.NewResampler(native, size)
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			image(rows[i], planes)
			for c := range 3 {
				resize.Resize(sized[c*area:], planes[c*n:])
			}
			toBytes(data[i*s.Len():(i+1)*s.Len()], sized)
			own[i] = labels[rows[i]]
		}
	})
	return domains.Split{Images: domains.OfBytes(s, nil, data), Truth: domains.NewTruth(own, digitNames)}, ctx.Err()
}

// toBytes rounds three planes of values from 0 to 255 into as many, or into one of their luma.
func toBytes(dst []byte, planes []float64) {
	if len(dst) == len(planes) {
		for i, v := range planes {
			dst[i] = byte(math.Round(v))
		}
		return
	}
	n := len(dst)
	for i := range dst {
		dst[i] = byte(math.Round(domains.Luma(planes[i], planes[n+i], planes[2*n+i])))
	}
}
