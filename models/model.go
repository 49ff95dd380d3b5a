package models

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
)

// A Model is a disentangled model of two image domains: it can be trained on
// unlabelled images, encodes any image into codes and decodes codes into images.
type Model interface {
	// Step makes one training step on a batch of each domain and returns the
	// losses by name, the same names in the same order each time. It fails, before
	// any update, when a loss is not finite.
	Step(step int, a, b *domains.Images) ([]Loss, error)
	// Encode returns the codes of images of either domain.
	Encode(x *domains.Images) (*Codes, error)
	// Decode makes n images from codes; a nil separate code means an empty slot,
	// a nil common code an empty common part.
	Decode(n int, common, separateA, separateB *Block) (*domains.Images, error)
	Parameters() *Parameters
	Optimisers() []*Optimiser
	// MACs is the number of multiply-accumulates of one training step for one
	// pair of images.
	MACs() int
	// Layers are the convolutions of the networks.
	Layers() []Layer
}

// A Layer is a convolution of a network, transposed or not.
type Layer struct {
	Name       string
	Conv       kernels.Conv
	Transposed bool
	In, Out    int // channels
	Side       int // of the input, in pixels
}

// OutSide is the side of the layer's output.
func (l Layer) OutSide() int {
	if l.Transposed {
		return l.Conv.In(l.Side)
	}
	return l.Conv.Out(l.Side)
}

// MACs is the number of multiply-accumulates of the layer on one image.
func (l Layer) MACs() int {
	places := l.Side * l.Side
	if !l.Transposed {
		places = l.OutSide() * l.OutSide()
	}
	return places * l.In * l.Out * l.Conv.Kernel * l.Conv.Kernel
}

// A Loss is a named value of a training step: a loss as its formula states it,
// before any weight, or an accuracy.
type Loss struct {
	Name  string
	Value float64
}

// A Block is one block of codes: n rows of d float32 values. Channels says how
// many channels the d values are, each of d/Channels places.
type Block struct {
	N, D     int
	Channels int
	Data     []float32
}

// Row is row i of the block.
func (b *Block) Row(i int) []float32 { return b.Data[i*b.D : (i+1)*b.D : (i+1)*b.D] }

// Take copies rows into a new block; a negative index gives a zero row.
func (b *Block) Take(rows []int) *Block {
	out := &Block{N: len(rows), D: b.D, Channels: b.Channels, Data: make([]float32, len(rows)*b.D)}
	for i, r := range rows {
		if r >= 0 {
			copy(out.Row(i), b.Row(r))
		}
	}
	return out
}

// Codes are the codes of n images: what both domains share, and what only A and
// only B have.
type Codes struct{ Common, SeparateA, SeparateB *Block }

// CheckFinite fails on the first loss that is NaN or infinite.
func CheckFinite(method string, step int, losses, last []Loss) error {
	for i, l := range losses {
		if math.IsNaN(l.Value) || math.IsInf(l.Value, 0) {
			before := ""
			if i < len(last) {
				before = fmt.Sprintf(" (last finite %.4g)", last[i].Value)
			}
			return fmt.Errorf("models: %s: step %d: %s is %v%s; try a lower model.train.learning_rate or a model.train.clip", method, step, l.Name, l.Value, before)
		}
	}
	return nil
}
