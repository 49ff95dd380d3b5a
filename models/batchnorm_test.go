package models

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/models/ops"
)

// A normaliser is a program of one layer, of x (n x 2 x area) or (n x 2) where area is 0.
type normaliser struct {
	ps      *Parameters
	batch   *BatchStatistics
	x       []float32
	program *ops.Program
	out     func() []float32
}

// newNormaliser has a scale of 2 and 3, a shift of 1 and -1, a running mean of 10 and 20 and a
// running variance of 5 and 6; by the batch, and its first split rows apart, where trained.
func newNormaliser(t *testing.T, n, area, split int, trained bool) *normaliser {
	t.Helper()
	k := &normaliser{ps: NewParameters()}
	for _, p := range []struct {
		name   string
		values []float32
	}{{"scale", []float32{2, 3}}, {"shift", []float32{1, -1}}, {"mean", []float32{10, 20}}, {"variance", []float32{5, 6}}} {
		copy(k.ps.Add("norm/"+p.name, false, 2).Data, p.values)
	}
	b := Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), k.ps)
	var keep []*ops.Node
	shape := []int{n, 2}
	if area > 0 {
		shape = []int{n, 2, area, 1}
	}
	x, data := Input(shape...)
	k.x = data
	if trained {
		b.Batch = &BatchStatistics{Split: split}
		k.batch = b.Batch
	}
	y := b.Normalise("norm", b.Graph.Bind("x", x))
	if trained {
		keep = b.Batch.Nodes()
	}
	p, err := b.Graph.Compile(append(keep, y)...)
	if err != nil {
		t.Fatal(err)
	}
	k.program, k.out = p, func() []float32 { return p.Output(len(keep)).Data().([]float32) }
	return k
}

func (k *normaliser) run(t *testing.T, values ...float32) {
	t.Helper()
	copy(k.x, values)
	if err := k.program.Run(); err != nil {
		t.Fatal(err)
	}
}

// running compares the running moments: mean and variance of both channels.
func (k *normaliser) running(t *testing.T, what string, want ...float64) {
	t.Helper()
	for i, name := range []string{"norm/mean", "norm/variance"} {
		for c, v := range k.ps.Get(name).Data {
			if !(math.Abs(float64(v)-want[2*i+c]) <= 1e-5) {
				t.Errorf("%s: %s of channel %d is %v, want %v", what, name, c, v, want[2*i+c])
			}
		}
	}
}

// Values are normalised by the moments of their group of rows or, where nothing is learnt, by
// the running ones; then scaled and shifted.
func TestNormalise(t *testing.T) {
	ten, six := float32(3/math.Sqrt(6+1e-5)), float32(2/math.Sqrt(5+1e-5))
	for _, tt := range []struct {
		name           string
		n, area, split int
		trained        bool
		x, want        []float32
	}{
		// channel 0 holds 1 and 3, channel 1 holds -2 and 2: deviations 1 and 2
		{"rows", 2, 0, 0, true, []float32{1, -2, 3, 2}, []float32{-1, -4, 3, 2}},
		{"places", 1, 2, 0, true, []float32{1, 3, -2, 2}, []float32{-1, 3, -4, 2}},
		{"groups", 4, 0, 2, true, []float32{1, -2, 3, 2, 101, 7, 103, 9}, []float32{-1, -4, 3, 2, -1, -4, 3, 2}},
		{"fixed", 1, 0, 0, false, []float32{11, 22}, []float32{1 + six, -1 + 2*ten}},
	} {
		k := newNormaliser(t, tt.n, tt.area, tt.split, tt.trained)
		k.run(t, tt.x...)
		for i, v := range k.out() {
			if !(math.Abs(float64(v-tt.want[i])) <= 1e-4) { // of the epsilon beside the variance
				t.Errorf("%s: %v, want %v", tt.name, k.out(), tt.want)
				break
			}
		}
	}
	b := Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), newNormaliser(t, 1, 0, 0, true).ps)
	b.Batch = &BatchStatistics{Split: 2}
	x, _ := Input(2, 2)
	if b.Normalise("norm", b.Graph.Bind("x", x)) != nil || len(b.Batch.Nodes()) != 0 {
		t.Error("a second group of no rows is normalised")
	}
}

// The running moments move a tenth of the way to those of one group, whose variance is that of
// a sample: over one value less, but for a lone value.
func TestFollow(t *testing.T) {
	x := []float32{1, -2, 3, 2, 100, 7, 100, 9, 103, 11} // rows of the two channels
	k := newNormaliser(t, 5, 0, 2, true)
	k.run(t, x...)
	k.batch.Follow(k.program, 0) // means 2 and 0, variances 2 and 8
	k.running(t, "the first group", 9.2, 18, 4.7, 6.2)
	k = newNormaliser(t, 5, 0, 2, true)
	k.run(t, x...)
	k.batch.Follow(k.program, 1) // means 101 and 9, variances 3 and 4
	k.running(t, "the second group", 19.1, 18.9, 4.8, 5.8)
	k = newNormaliser(t, 5, 0, 1, true)
	k.run(t, x...)
	k.batch.Follow(k.program, 0) // 1 and -2, which do not vary
	k.running(t, "a lone row", 9.1, 17.8, 4.5, 5.4)
	k = newNormaliser(t, 1, 3, 0, true)
	k.run(t, 100, 100, 103, 7, 9, 11)
	k.batch.Follow(k.program, 0)
	k.running(t, "places", 19.1, 18.9, 4.8, 5.8)
	k = newNormaliser(t, 3, 2, 1, true)
	k.run(t, 1, 3, -2, 2)
	k.batch.Follow(k.program, 0)
	k.running(t, "places of one row", 9.2, 18, 4.7, 6.2)
}

// With a share and an epsilon of its own a layer goes by these.
func TestNormaliseBy(t *testing.T) {
	k := newNormaliser(t, 2, 0, 0, true)
	b, x := Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), k.ps), tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, -2, 3, 2}))
	b.Batch = &BatchStatistics{}
	y := b.NormaliseBy("norm", 3, 0.5, b.Graph.Bind("x", x))
	p, err := b.Graph.Compile(append(b.Batch.Nodes(), y)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got := p.Output(1).Data().([]float32)[:1]; !(math.Abs(float64(got[0])) <= 1e-6) { // 2·(−1)/√(1+3) + 1
		t.Errorf("the first value is %v, want 0", got)
	}
	b.Batch.Follow(p, 0) // means 2 and 0, variances 2 and 8
	k.running(t, "half of the way", 6, 10, 3.5, 7)
	b = Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), k.ps)
	if p, err = b.Graph.Compile(b.NormaliseBy("norm", 12.5, 0.5, b.Graph.Bind("x", x))); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got := p.Output(0).Data().([]float32)[0]; !(math.Abs(float64(got)+1.5) <= 1e-6) { // 2·(1−6)/√(3.5+12.5) + 1
		t.Errorf("by the running moments %v, want -1.5", got)
	}
}

// Pooled moments are those of the rows of all runs.
func TestPool(t *testing.T) {
	k := newNormaliser(t, 2, 0, 0, true)
	for run, tt := range []struct{ x, want []float32 }{
		{[]float32{1, 5, 3, 5}, []float32{2, 5, 1, 0}},
		{[]float32{5, 5, 7, 5}, []float32{4, 5, 5, 0}},        // of 1 3 5 7
		{[]float32{0, 5, 8, 11}, []float32{4, 6, 26. / 3, 5}}, // of 1 3 5 7 0 8, and of five 5 and 11
	} {
		k.run(t, tt.x...)
		k.batch.Pool(k.program, run)
		var want []float64
		for _, v := range tt.want {
			want = append(want, float64(v))
		}
		k.running(t, "pooled", want...)
	}
}
