package digits

import (
	"context"
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
)

// A layout says how square digits of a native size come to the model's size:
// resized to scaled, padded with background to frame (the odd pixel goes to the
// bottom and the right), resized to final.
type layout struct{ native, scaled, frame, final int }

// The frame that digits are padded to is the model's size where that lies between
// MNIST's own 28 pixels and the customary 32; larger models see the 32-pixel frame
// enlarged, for a digit lost in a wide margin serves nobody.
func paddedFrame(size int) int { return min(size, 32) }

func (l layout) String() string {
	s := fmt.Sprintf("%dx%d", l.native, l.native)
	if l.scaled != l.native {
		s += fmt.Sprintf(" -> bilinear to %dx%d", l.scaled, l.scaled)
	}
	if l.frame != l.scaled {
		s += fmt.Sprintf(" -> padded with background to %dx%d", l.frame, l.frame)
	}
	if l.final != l.frame {
		s += fmt.Sprintf(" -> bilinear to %dx%d", l.final, l.final)
	}
	return s
}

// A digitSet is a split as its file holds it: image i in [-1, 1], row-major,
// background -1.
type digitSet struct {
	labels []int
	image  func(i int, dst []float64)
}

var digitNames = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// digitShape checks that a model's size suits grey square digits.
func digitShape(dataset string, s domains.Shape) error {
	switch {
	case s.Height != s.Width:
		return fmt.Errorf("domains: %s: images of %dx%d pixels, want a square", dataset, s.Height, s.Width)
	case s.Channels != 1 && s.Channels != 3:
		return fmt.Errorf("domains: %s: %d channels, want 1 or 3", dataset, s.Channels)
	}
	return nil
}

// transform states in words what laid does, for the lock.
func (l layout) transform(intensities string, channels int) string {
	s := l.String() + ", intensities " + intensities
	if channels > 1 {
		s += fmt.Sprintf(", channel repeated %d times", channels)
	}
	return s
}

// laid brings the digits of the given indices to the model's size.
func (d digitSet) laid(ctx context.Context, l layout, channels int, indices []int) (domains.Split, error) {
	shape := domains.Shape{Channels: channels, Height: l.final, Width: l.final}
	images := &domains.Images{Shape: shape, Data: make([]float32, len(indices)*shape.Len())}
	labels := make([]int, len(indices))
	parallel.Blocks(len(indices), 256, func(_, lo, hi int) {
		p := newPlacer(l)
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			d.image(indices[i], p.native)
			p.place(images.At(i), channels)
			labels[i] = d.labels[indices[i]]
		}
	})
	return domains.Split{Images: images, Truth: domains.NewTruth(labels, digitNames)}, ctx.Err()
}

// A placer carries the scratch of a layout.
type placer struct {
	layout
	enlarge, finish              *domains.Resampler
	native, scaled, framed, done []float64
}

func newPlacer(l layout) *placer {
	return &placer{
		layout: l, enlarge: domains.NewResampler(l.native, l.scaled), finish: domains.NewResampler(l.frame, l.final),
		native: make([]float64, l.native*l.native), scaled: make([]float64, l.scaled*l.scaled),
		framed: make([]float64, l.frame*l.frame), done: make([]float64, l.final*l.final),
	}
}

// place brings p.native to dst.
func (p *placer) place(dst []float32, channels int) {
	p.enlarge.Resize(p.scaled, p.native)
	for i := range p.framed {
		p.framed[i] = -1
	}
	margin := (p.frame - p.layout.scaled) / 2
	for y := range p.layout.scaled {
		at := (y+margin)*p.frame + margin
		copy(p.framed[at:], p.scaled[y*p.layout.scaled:(y+1)*p.layout.scaled])
	}
	p.finish.Resize(p.done, p.framed)
	for k := range channels {
		plane := dst[k*len(p.done) : (k+1)*len(p.done)]
		for i, v := range p.done { // weights that add up to 1 + 1e-16 may overshoot
			plane[i] = float32(min(1, max(-1, v)))
		}
	}
}
