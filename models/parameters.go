package models

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/stream"
)

// A Parameter is a named float32 tensor of a model. State (the vectors of a power
// iteration) is kept and saved like a weight but not trained.
type Parameter struct {
	Name  string
	Shape []int
	Data  []float32
	State bool
	// Rows says that the first dimension is the number of images of a training set, which
	// the model does not know when it is made: 0 until Resize or a checkpoint gives it.
	Rows bool

	tensor *tensor.Dense // shares Data; nil with Rows
}

// Tensor is the parameter as a tensor that shares its memory.
func (p *Parameter) Tensor() *tensor.Dense { return p.tensor }

// Parameters are the parameters of a model in the order in which they were made.
type Parameters struct {
	list  []*Parameter
	index map[string]*Parameter
}

// NewParameters makes an empty list.
func NewParameters() *Parameters { return &Parameters{index: map[string]*Parameter{}} }

// Add appends a zero parameter. A repeated name is a mistake of ours and panics.
func (ps *Parameters) Add(name string, state bool, shape ...int) *Parameter {
	if ps.index[name] != nil {
		panic(fmt.Sprintf("models: parameter %q is added twice", name))
	}
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	p := &Parameter{Name: name, Shape: shape, Data: t.Data().([]float32), State: state, tensor: t}
	ps.list, ps.index[name] = append(ps.list, p), p
	return p
}

// AddRows appends state with a row of width values for each image of a training set, of which
// there are none yet: what a model keeps by sample. Graphs do not read it.
func (ps *Parameters) AddRows(name string, width int) *Parameter {
	if ps.index[name] != nil {
		panic(fmt.Sprintf("models: parameter %q is added twice", name))
	}
	p := &Parameter{Name: name, Shape: []int{0, width}, State: true, Rows: true}
	ps.list, ps.index[name] = append(ps.list, p), p
	return p
}

// Resize makes room for n images, zero, unless there is just that.
func (p *Parameter) Resize(n int) {
	if p.Shape[0] != n {
		p.Shape[0], p.Data = n, make([]float32, n*p.Shape[1])
	}
}

// Get returns the parameter of a name; asking for one that was not added panics.
func (ps *Parameters) Get(name string) *Parameter {
	p := ps.index[name]
	if p == nil {
		panic(fmt.Sprintf("models: no parameter %q", name))
	}
	return p
}

// All lists every parameter.
func (ps *Parameters) All() []*Parameter { return ps.list }

// Trained lists the parameters below the given prefixes ("common/") that an
// optimiser moves.
func (ps *Parameters) Trained(prefixes ...string) []*Parameter {
	var out []*Parameter
	for _, prefix := range prefixes {
		for _, p := range ps.Below(prefix) {
			if !p.State {
				out = append(out, p)
			}
		}
	}
	return out
}

// Below lists the parameters whose names start with the prefix, state too.
func (ps *Parameters) Below(prefix string) []*Parameter {
	var out []*Parameter
	for _, p := range ps.list {
		if strings.HasPrefix(p.Name, prefix) {
			out = append(out, p)
		}
	}
	return out
}

// Count is the number of trained values below the prefixes.
func (ps *Parameters) Count(prefixes ...string) int {
	n := 0
	for _, p := range ps.Trained(prefixes...) {
		n += len(p.Data)
	}
	return n
}

// InitUniform draws from U(−1/√fanIn, 1/√fanIn), PyTorch's default for
// convolutions and linear layers, from the parameter's own stream.
func (p *Parameter) InitUniform(seed uint64, fanIn int) {
	r := stream.New(seed, "init", p.Name)
	bound := 1 / math.Sqrt(float64(fanIn))
	for i := range p.Data {
		p.Data[i] = float32((2*r.Float64() - 1) * bound)
	}
}

// InitXavier draws from U(−√(6/f), √(6/f)), f the sum of fan-in and fan-out, which count the
// places of a kernel both, from the parameter's own stream (X. Glorot and Y. Bengio, AISTATS 2010).
func (p *Parameter) InitXavier(seed uint64) {
	fans := p.Shape[0] + p.Shape[1]
	for _, k := range p.Shape[2:] {
		fans *= k
	}
	r, bound := stream.New(seed, "init", p.Name), math.Sqrt(6/float64(fans))
	for i := range p.Data {
		p.Data[i] = float32((2*r.Float64() - 1) * bound)
	}
}

// Fill gives every value.
func (p *Parameter) Fill(v float32) {
	for i := range p.Data {
		p.Data[i] = v
	}
}

// InitNormal draws standard normal values, from the parameter's own stream.
func (p *Parameter) InitNormal(seed uint64) {
	r := stream.New(seed, "init", p.Name)
	for i := range p.Data {
		p.Data[i] = float32(r.NormFloat64())
	}
}

// InitDeviation draws normal values of a standard deviation, from the parameter's own stream.
func (p *Parameter) InitDeviation(seed uint64, deviation float64) {
	r := stream.New(seed, "init", p.Name)
	for i := range p.Data {
		p.Data[i] = float32(deviation * r.NormFloat64())
	}
}

// KaimingDeviation is √(2/fan-in), fan-in the inputs of an output of a weight (out x in, or
// out x in x k x k). K. He et al., Delving deep into rectifiers, ICCV 2015.
func (p *Parameter) KaimingDeviation() float64 {
	return math.Sqrt(2 / float64(len(p.Data)/p.Shape[0]))
}

// initUnit draws a direction: standard normal values divided by their norm.
func (p *Parameter) initUnit(seed uint64) {
	r := stream.New(seed, "init", p.Name)
	var square float64
	for i := range p.Data {
		v := r.NormFloat64()
		p.Data[i] = float32(v)
		square += v * v
	}
	for i := range p.Data {
		p.Data[i] /= float32(math.Sqrt(square))
	}
}
