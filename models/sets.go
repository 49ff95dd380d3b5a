package models

import (
	"math"

	"github.com/venn-adapt/venn/domains"
)

// AtOnce bounds the images that are encoded or classified, and held as float32, at a time.
const AtOnce = 1024

// EncodeAll encodes a set of images, which may be larger than memory: n rows in each block.
func EncodeAll(m Encoder, images *domains.Images) (Codes, error) {
	n := images.Len()
	if n <= AtOnce {
		return m.Encode(images.Range(0, n))
	}
	var whole Codes
	for lo := 0; lo < n; lo += AtOnce {
		part, err := m.Encode(images.Range(lo, min(n, lo+AtOnce)))
		if err != nil {
			return nil, err
		}
		for i, p := range part {
			if lo == 0 {
				whole = append(whole, &Block{Role: p.Role, D: p.D, Channels: p.Channels, Data: make([]float32, 0, n*p.D)})
			}
			whole[i].N += p.N
			whole[i].Data = append(whole[i].Data, p.Data...)
		}
	}
	return whole, nil
}

// ReadAll is EncodeAll for the block that stands for images, and the logits that a classifier gives them, in one pass
// where the model is a FeatureClassifier.
func ReadAll(m Encoder, c Classifier, images *domains.Images) (shared, logits *Block, err error) {
	read := func(x *domains.Images) (*Block, *Block, error) {
		codes, err := m.Encode(x)
		if err != nil {
			return nil, nil, err
		}
		logits, err := c.Classify(x)
		return codes.Shared(), logits, err
	}
	if r, ok := c.(FeatureClassifier); ok {
		read = r.Read
	}
	for lo := 0; lo < images.Len(); lo += AtOnce {
		codes, told, err := read(images.Range(lo, min(images.Len(), lo+AtOnce)))
		if err != nil {
			return nil, nil, err
		}
		shared, logits = below(shared, codes), below(logits, told)
	}
	return shared, logits, nil
}

// below adds the rows of a part to those of a whole, which is nil before the first.
func below(whole, part *Block) *Block {
	if whole == nil {
		return part
	}
	whole.N += part.N
	whole.Data = append(whole.Data, part.Data...)
	return whole
}

// LongestCode is the most numbers of a block of a translator that does not decode codes: maps of
// features with a quarter of the image's side have many more, and probes and classifiers that read
// them would take hours.
const LongestCode = 1024

// Readable is a block with the means of 2 x 2 places, over and over, in place of its places, until
// it has LongestCode numbers or fewer; a block whose places are no square of an even side stays as
// it is.
func (b *Block) Readable() *Block {
	places := b.D / b.Channels
	side := int(math.Round(math.Sqrt(float64(places))))
	if b.D <= LongestCode || side*side != places || side%2 != 0 {
		return b
	}
	half := side / 2
	out := NewBlock(b.Role, b.N, b.Channels, half*half)
	for m := range b.N * b.Channels {
		from, to := b.Data[m*places:(m+1)*places], out.Data[m*half*half:(m+1)*half*half]
		for i := range to {
			at := i/half*2*side + i%half*2
			to[i] = (from[at] + from[at+1] + from[at+side] + from[at+side+1]) / 4
		}
	}
	return out.Readable()
}

// EncodeReadable is EncodeAll of images of a side, as probes and classifiers read them: the blocks of
// a translator that does not decode them are Readable.
func EncodeReadable(m Encoder, side domains.Side, images *domains.Images) (Codes, error) {
	c, err := EncodeAll(EncoderOf(m, side), images)
	if _, translates := m.(Translator); !translates || err != nil {
		return c, err
	}
	if _, decodes := m.(Decoder); decodes {
		return c, nil
	}
	for i, b := range c {
		c[i] = b.Readable()
	}
	return c, nil
}

// Mix is (1−f)·x + f·y of two blocks of the same shape, from x at f = 0 to y at 1.
func Mix(x, y *Block, f float32) *Block {
	out := NewBlock(x.Role, x.N, x.Channels, x.D/x.Channels)
	for i := range out.Data {
		out.Data[i] = (1-f)*x.Data[i] + f*y.Data[i]
	}
	return out
}

// Fraction is the place of step j of n that go evenly from 0 to 1.
func Fraction(j, n int) float32 {
	if n == 1 {
		return 0
	}
	return float32(j) / float32(n-1)
}

// Softmax writes the probabilities of a row of logits, as many.
func Softmax(dst []float64, logits []float32) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range logits {
		top = max(top, float64(v))
	}
	for k, v := range logits {
		dst[k] = math.Exp(float64(v) - top)
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
}
