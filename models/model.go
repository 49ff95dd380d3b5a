package models

import (
	"context"
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
)

// A Model is anything that is trained in steps and kept in checkpoints. What else it can
// do it says by the interfaces below, which the evaluations ask for.
type Model interface {
	// Step makes one training step on a batch and returns the losses by name, the same
	// names in the same order at every step of a phase. It fails, before any update, when
	// a loss is not finite.
	Step(step int, b *Batch) ([]Loss, error)
	// Parameters are all that a checkpoint keeps beside the optimisers: weights, and as
	// state averages, memories by sample, pseudo-labels.
	Parameters() *Parameters
	Optimisers() []*Optimiser
}

// An Encoder says what an image's codes are, the same blocks for images of either domain.
type Encoder interface {
	Encode(x *domains.Images) (Codes, error)
}

// A SidedEncoder has a common encoder for each domain, into one space of codes.
type SidedEncoder interface {
	// Encode reads images as if they were of A.
	Encoder
	// EncodeOf reads images of the given domain.
	EncodeOf(side domains.Side, x *domains.Images) (Codes, error)
}

// EncoderOf is the encoder of images of a domain.
func EncoderOf(e Encoder, side domains.Side) Encoder {
	if s, ok := e.(SidedEncoder); ok {
		return encoderOf{s, side}
	}
	return e
}

type encoderOf struct {
	SidedEncoder
	side domains.Side
}

func (e encoderOf) Encode(x *domains.Images) (Codes, error) { return e.EncodeOf(e.side, x) }

// A Decoder makes images of codes.
type Decoder interface {
	Encoder
	// Decode makes n images from blocks of n rows; a role without a block is an empty slot.
	Decode(n int, c Codes) (*domains.Images, error)
}

// A Classifier has classes of its own for images of either domain.
type Classifier interface {
	// Classify returns the logits of images, n x classes.
	Classify(x *domains.Images) (*Block, error)
}

// A FeatureClassifier encodes and classifies in one pass.
type FeatureClassifier interface {
	Encoder
	Classifier
	// Read returns the only block of what Encode returns, and what Classify does.
	Read(x *domains.Images) (features, logits *Block, err error)
}

// A Discriminator says from codes which domain an image is of.
type Discriminator interface {
	Encoder
	// Discriminate returns n x 1 logits for the n rows of codes, positive for A; nil where the
	// options train no discriminator.
	Discriminate(c Codes) (*Block, error)
}

// A Refresher works between steps over the whole training set (pseudo-labels, say). What
// it finds is state among its parameters, so that a resumed training goes on with it.
type Refresher interface {
	// Refresh is called before steps 0, n, 2n ... of a phase whose RefreshEvery is n; step
	// counts from the start of the training.
	Refresh(ctx context.Context, step int, d *Data) error
}

// A Costed model knows what a step costs.
type Costed interface {
	// MACs is the number of multiply-accumulates of one training step for one pair of
	// images.
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

// A Role says what a block of codes holds.
type Role string

// The roles: what both domains share, what only A and only B have, and what a network
// computes of an image without saying whose it is.
const (
	Common    Role = "common"
	SeparateA Role = "separate-a"
	SeparateB Role = "separate-b"
	Features  Role = "features"
)

// Separate is the role of what only the given domain has.
func Separate(side domains.Side) Role { return [2]Role{SeparateA, SeparateB}[side] }

// A Block is one block of codes: n rows of d float32 values. Channels says how
// many channels the d values are, each of d/Channels places.
type Block struct {
	Role     Role
	N, D     int
	Channels int
	Data     []float32
}

// NewBlock makes a zero block of n rows of channels, each of so many places.
func NewBlock(role Role, n, channels, places int) *Block {
	return &Block{Role: role, N: n, D: channels * places, Channels: channels, Data: make([]float32, n*channels*places)}
}

// Row is row i of the block.
func (b *Block) Row(i int) []float32 { return b.Data[i*b.D : (i+1)*b.D : (i+1)*b.D] }

// Take copies rows into a new block; a negative index gives a zero row.
func (b *Block) Take(rows []int) *Block {
	out := NewBlock(b.Role, len(rows), b.Channels, b.D/b.Channels)
	for i, r := range rows {
		if r >= 0 {
			copy(out.Row(i), b.Row(r))
		}
	}
	return out
}

// Codes are the blocks of codes of the same images, each role once.
type Codes []*Block

// Of is the block of a role, nil where there is none.
func (c Codes) Of(role Role) *Block {
	for _, b := range c {
		if b != nil && b.Role == role {
			return b
		}
	}
	return nil
}

// Shared is the block that stands for an image in either domain, on which classifiers are
// fitted: the common code, or the features of a network without one.
func (c Codes) Shared() *Block {
	if b := c.Of(Common); b != nil {
		return b
	}
	return c.Of(Features)
}

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
