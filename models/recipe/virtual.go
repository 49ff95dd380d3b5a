package recipe

import (
	"math"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Virtual finds, for each image of a batch, the change of a given length that most changes
// what the network says of it (T. Miyato et al., Virtual adversarial training, TPAMI 41 (2019),
// arXiv 1704.03976, section 3.3): the gradient, at a small random change, of the cross-entropy
// against what it says of the image as it is. One such gradient is one power iteration with
// the second derivatives, which are not needed themselves.
type Virtual struct {
	Radius, Probe float64                       // Euclidean lengths of the change and of the random one
	Draw          func(dst []float32, step int) // standard normal values
	pass          *Pass
	said          []float32
}

// NewVirtual makes one for batches of so many images, of which the first split are normalised
// by themselves.
func (n *Network) NewVirtual(images, split int, radius, probe float64) (*Virtual, error) {
	v := &Virtual{Radius: radius, Probe: probe}
	v.Draw = func(dst []float32, step int) {
		r := stream.New(n.Seed, "virtual", step)
		for i := range dst {
			dst[i] = float32(r.NormFloat64())
		}
	}
	var err error
	v.pass, err = n.NewPass(images, split, nil, func(p *Pass, b *models.Binding, x *ops.Node) {
		by, said := models.Input(images, n.Classes)
		v.said = said
		logits := n.Head.Build(b, n.Encoder.Build(b, x))
		p.Terms = []Term{{Name: "probe", Weight: 1, Node: b.Graph.Soft("loss/probe", ops.Rows{Lo: 0, Hi: images}, logits, b.Graph.Bind("said", by))}}
		p.By = []*ops.Node{x}
	})
	return v, err
}

// Change makes changed the images with the worst change of each, of which the network says the
// probabilities said (images x classes) when it normalises by the batch. An image of which
// nothing changes stays as it is.
func (v *Virtual) Change(changed, images, said []float32, seed uint64, step int) error {
	size := len(images) / v.pass.Count
	v.Draw(v.pass.Images, step)
	lengthen(v.pass.Images, size, v.Probe)
	for i, x := range images {
		v.pass.Images[i] += x
	}
	copy(v.said, said)
	if err := v.pass.Run(seed, step); err != nil {
		return err
	}
	copy(changed, v.pass.Program.Gradient(0).Data().([]float32))
	lengthen(changed, size, v.Radius)
	for i, x := range images {
		changed[i] += x
	}
	return nil
}

// lengthen brings every row of so many values to a length; a row of zeros stays.
func lengthen(x []float32, size int, length float64) {
	for lo := 0; lo < len(x); lo += size {
		square := 0.0
		for _, v := range x[lo : lo+size] {
			square += float64(v) * float64(v)
		}
		if square == 0 {
			continue
		}
		scale := length / math.Sqrt(square)
		for i := lo; i < lo+size; i++ {
			x[i] = float32(float64(x[i]) * scale)
		}
	}
}
