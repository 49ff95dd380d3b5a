package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// evalBatch images are encoded or decoded at a time; what the last batch does not fill is left
// from the one before, and not read.
const evalBatch = 64

// evalGraphs are the programs of evaluation. They read the parameters and the
// spectral norms' vectors as they stand and change nothing.
type evalGraphs struct {
	images  []float32
	regions regionInputs // of what encoders see
	encode  *ops.Program
	code    []float32
	decode  *ops.Program
	common  []float32 // codes that the discriminator is asked about
	tell    *ops.Program
}

func (m *Model) newEval() (*evalGraphs, error) {
	e := &evalGraphs{}
	b := m.bind()
	x, images := models.Input(evalBatch, m.shape.Channels, m.shape.Height, m.shape.Width)
	input := b.Graph.Bind("images", x)
	e.images = images
	encoders := m.nets.encoders()
	if m.options.Bool("train.average_encoders") {
		for i, net := range encoders {
			encoders[i] = models.Averaged(net)
		}
	}
	var err error
	elsewhere, there := m.seenByCommon(&e.regions, b.Graph, "common", input), m.seenBySeparate(&e.regions, b.Graph, "separate", input)
	if e.encode, err = b.Graph.Compile(encoders[0].Build(b, elsewhere), encoders[1].Build(b, there), encoders[2].Build(b, there)); err != nil {
		return nil, err
	}
	b = m.bind()
	z, code := models.Input(evalBatch, m.nets.decoder.In, m.nets.side, m.nets.side)
	e.code = code
	decoder := m.nets.decoder
	if len(m.averages) > 0 {
		decoder = models.Averaged(decoder)
	}
	if e.decode, err = b.Graph.Compile(decoder.Build(b, b.Graph.Bind("code", z))); err != nil {
		return nil, err
	}
	b = m.bind()
	if m.conditional() {
		x, codes := models.Input(evalBatch, m.nets.codes, m.nets.side, m.nets.side)
		e.common = codes
		seen := m.labels.see(b, "telling", b.Graph.Bind("common", x))
		e.tell, err = b.Graph.Compile(discriminator(b, true, m.labels.judged(b, seen)))
		return e, err
	}
	flat, common := models.Input(evalBatch, m.nets.places()*m.nets.codes)
	e.common = common
	e.tell, err = b.Graph.Compile(discriminator(b, true, b.Graph.Bind("flat", flat)))
	return e, err
}

func (m *Model) evaluation() (*evalGraphs, error) {
	if m.eval == nil {
		e, err := m.newEval()
		if err != nil {
			return nil, err
		}
		m.eval = e
	}
	return m.eval, nil
}

// takes says why images are not of the model's shape.
func (m *Model) takes(x *domains.Images) error {
	if x.Shape != m.shape {
		return fmt.Errorf("models: didd: images are %v, the model takes %v", x.Shape, m.shape)
	}
	return nil
}

// Encode returns, for n images, the common code (n x codes·4) and both separate
// codes (n x separate·places), channel-major over the places, 2x2 by default.
func (m *Model) Encode(x *domains.Images) (models.Codes, error) {
	if err := m.takes(x); err != nil {
		return nil, err
	}
	e, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	if len(e.regions) > 0 {
		m.region.find()
		e.regions.fill(m.region)
	}
	n := x.Len()
	c := models.Codes{models.NewBlock(models.Common, n, m.nets.codes, m.nets.places()),
		models.NewBlock(models.SeparateA, n, m.nets.separate, m.nets.places()), models.NewBlock(models.SeparateB, n, m.nets.separate, m.nets.places())}
	size := x.Shape.Len()
	for lo := 0; lo < n; lo += evalBatch {
		copy(e.images, x.Data[lo*size:min(n, lo+evalBatch)*size])
		if err := e.encode.Run(); err != nil {
			return nil, err
		}
		for i, out := range c {
			copy(out.Data[lo*out.D:min(n, lo+evalBatch)*out.D], e.encode.Output(i).Data().([]float32))
		}
	}
	return c, nil
}

// Decode makes n images from a common code, the code in the slot of A and the
// code in the slot of B, or as the option slots arranges them; where there is none, the slot is
// zero.
func (m *Model) Decode(n int, c models.Codes) (*domains.Images, error) {
	if m.options.Bool("region.union") && c.Of(models.SeparateA) != nil && c.Of(models.SeparateB) != nil {
		return m.unite(n, c)
	}
	return m.decodeSlots(n, c)
}

// decodeSlots gives the decoder codes as they are.
func (m *Model) decodeSlots(n int, c models.Codes) (*domains.Images, error) {
	e, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	blocks, err := m.decoderBlocks(n, c)
	if err != nil {
		return nil, err
	}
	places := m.nets.places()
	widths := []int{places * m.nets.codes, places * m.nets.separate, places * m.nets.separate}
	for i, b := range blocks {
		if b != nil && (b.N != n || b.D != widths[i]) {
			return nil, fmt.Errorf("models: didd: code block %d is %dx%d, want %dx%d", i, b.N, b.D, n, widths[i])
		}
	}
	out := &domains.Images{Shape: m.shape, Data: make([]float32, n*m.shape.Len())}
	width := widths[0] + widths[1] + widths[2]
	for lo := 0; lo < n; lo += evalBatch {
		hi := min(n, lo+evalBatch)
		clear(e.code)
		at := 0
		for i, b := range blocks {
			for r := lo; b != nil && r < hi; r++ {
				copy(e.code[(r-lo)*width+at:], b.Row(r))
			}
			at += widths[i]
		}
		if err := e.decode.Run(); err != nil {
			return nil, err
		}
		copy(out.Data[lo*m.shape.Len():hi*m.shape.Len()], e.decode.Output(0).Data().([]float32))
	}
	return out, nil
}

// Discriminate returns what the discriminator makes of common codes, logits positive for A;
// nil of a model without a confusion loss.
func (m *Model) Discriminate(c models.Codes) (*models.Block, error) {
	if m.disc == nil {
		return nil, nil
	}
	e, err := m.evaluation()
	if err != nil {
		return nil, err
	}
	common := c.Of(models.Common)
	if common == nil || common.D != m.nets.places()*m.nets.codes {
		return nil, fmt.Errorf("models: didd: the discriminator takes common codes of %d numbers", m.nets.places()*m.nets.codes)
	}
	out := models.NewBlock("", common.N, 1, 1)
	for lo := 0; lo < common.N; lo += evalBatch {
		hi := min(common.N, lo+evalBatch)
		copy(e.common, common.Data[lo*common.D:hi*common.D])
		if err := e.tell.Run(); err != nil {
			return nil, err
		}
		copy(out.Data[lo:hi], e.tell.Output(0).Data().([]float32))
	}
	return out, nil
}
