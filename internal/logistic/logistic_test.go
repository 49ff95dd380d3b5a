package logistic

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
)

func blobs(n, d, classes int, spread float64) (*mat.Dense, []int) {
	r := stream.New(3, "blobs", n, d, classes)
	centre := mat.NewDense(classes, d, nil)
	for k := range classes {
		for j := range d {
			centre.Set(k, j, spread*r.NormFloat64())
		}
	}
	x, y := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		y[i] = r.IntN(classes)
		for j := range d {
			x.Set(i, j, centre.At(y[i], j)+r.NormFloat64())
		}
	}
	return x, y
}

func TestReferenceSoftmax(t *testing.T) {
	b := reference.Open(t, "../../metrics/testdata/reference.json")
	x, y := b.Matrix("X"), b.Ints("lab")
	m, err := Fit(x, y, 3, Settings{Lambda: 0.1, Tolerance: 1e-11})
	if err != nil {
		t.Fatal(err)
	}
	b.Check("probe.softmax", "w", m.Weights.RawMatrix().Data...)
	b.Check("probe.softmax", "b", m.Bias...)
	p := m.Probabilities(x)
	var loss, right float64
	for i, c := range y {
		loss -= math.Log(p.At(i, c)) / float64(len(y))
		if row := p.RawRowView(i); row[c] == max(row[0], row[1], row[2]) {
			right++
		}
	}
	b.Check("probe.softmax", "logloss", loss)
	b.Check("probe.softmax", "accuracy", right/float64(len(y)))
}

// One row of weights penalised by lambda/2 |w|^2 is two rows under lambda doubled.
func TestReferenceBinary(t *testing.T) {
	b := reference.Open(t, "../../metrics/testdata/reference.json")
	var x mat.Dense
	x.Stack(b.Matrix("A"), b.Matrix("B"))
	m, err := Fit(&x, b.Ints("dom"), 2, Settings{Lambda: 0.2, Tolerance: 1e-11})
	if err != nil {
		t.Fatal(err)
	}
	var w []float64
	for j := range 3 {
		w = append(w, m.Weights.At(1, j)-m.Weights.At(0, j))
	}
	b.Check("logreg.domain", "w", w...)
	b.Check("logreg.domain", "b", m.Bias[1]-m.Bias[0])
}

func TestGradientAgainstCentralDifferences(t *testing.T) {
	x, y := blobs(60, 5, 3, 1)
	for _, vectors := range []int{0, 2, 5} { // 0: the whole covariance
		p, err := newProblem(Prepare(x), y, 3, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		if vectors > 0 {
			b, err := newBasis(centred(x, p.mean, 60), vectors)
			if err != nil {
				t.Fatal(err)
			}
			p.scale = b.lowRank(3, 0.05)
		}
		v, g := make([]float64, 18), make([]float64, 18)
		for i := range v {
			v[i] = math.Sin(float64(i))
		}
		p.gradientTo(g, v)
		for i := range v {
			const h = 1e-5
			at := v[i]
			v[i] = at + h
			up := p.value(v)
			v[i] = at - h
			down := p.value(v)
			v[i] = at
			if want := (up - down) / (2 * h); math.Abs(g[i]-want) > 1e-8 {
				t.Errorf("%d vectors, entry %d: %v, want %v", vectors, i, g[i], want)
			}
		}
	}
}

// With all its eigenvectors the low-rank form is the inverse root of the Hessian,
// as the factor of the whole covariance is; undo undoes apply.
func TestPreconditionersAgree(t *testing.T) {
	x, _ := blobs(60, 5, 3, 1)
	mean := make([]float64, 5)
	for i := range 60 {
		floats.AddScaled(mean, 1.0/60, x.RawRowView(i))
	}
	whole, err := newTriangular(x, mean, 3, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	c := centred(x, mean, 60)
	for _, vectors := range []int{1, 3, 5} {
		b, err := newBasis(c, vectors)
		if err != nil {
			t.Fatal(err)
		}
		l := b.lowRank(3, 0.05)
		for i := range 5 {
			v := make([]float64, 10)
			v[i], v[5+(i+1)%5] = 1, -2
			if vectors == 5 {
				got, want := slices.Clone(v), slices.Clone(v)
				l.pull(got)
				l.apply(got)
				whole.pull(want)
				whole.apply(want)
				if !floats.EqualApprox(got, want, 1e-9) {
					t.Errorf("inverse Hessian: %v, by the whole covariance %v", got, want)
				}
			}
			back := slices.Clone(v)
			l.apply(back)
			l.undo(back)
			if !floats.EqualApprox(back, v, 1e-12) {
				t.Errorf("%d vectors: undo of apply: %v, want %v", vectors, back, v)
			}
		}
	}
}

// The minimum is one: the start, an offset of the columns and the width of the
// preconditioner may not move it.
func TestMinimumDoesNotDependOnTheWay(t *testing.T) {
	x, y := blobs(300, 8, 4, 1)
	cold, err := Fit(x, y, 4, Settings{Lambda: 1e-3, Tolerance: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	strong, err := Fit(x, y, 4, Settings{Lambda: 1})
	if err != nil {
		t.Fatal(err)
	}
	warm, err := Fit(x, y, 4, Settings{Lambda: 1e-3, Tolerance: 1e-10, Start: strong})
	if err != nil {
		t.Fatal(err)
	}
	moved := mat.DenseCopyOf(x)
	moved.Apply(func(_, _ int, v float64) float64 { return v + 1000 }, moved)
	offset, err := Fit(moved, y, 4, Settings{Lambda: 1e-3, Tolerance: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{"warm": warm, "offset": offset} {
		if !mat.EqualApprox(cold.Weights, m.Weights, 1e-7) {
			t.Errorf("%s: weights differ from those of a cold start", name)
		}
	}
}

func TestSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	x, y := blobs(3000, 20, 5, 0.5)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := Fit(x, y, 5, Settings{Lambda: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := Fit(x, y, 5, Settings{Lambda: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(one.Weights, four.Weights) || one.Loss != four.Loss {
		t.Error("weights differ between 1 and 4 processors")
	}
}

func TestErrors(t *testing.T) {
	x, y := blobs(20, 3, 2, 1)
	for _, tt := range []struct {
		name, want string
		y          []int
		classes    int
		s          Settings
	}{
		{"labels", "19 labels for 20 rows", y[:19], 2, Settings{Lambda: 1}},
		{"classes", "1 classes, want at least 2", y, 1, Settings{Lambda: 1}},
		{"lambda", "lambda 0, want a number above 0", y, 2, Settings{}},
		{"range", "label 7 of row 0, want 0 to 1", append([]int{7}, y[1:]...), 2, Settings{Lambda: 1}},
		{"steps", "after 1 steps, want", y, 2, Settings{Lambda: 1e-6, Iterations: 1}},
	} {
		if _, err := Fit(x, tt.y, tt.classes, tt.s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	x, y := blobs(50000, 512, 10, 0.12)
	for b.Loop() {
		m, err := Fit(x, y, 10, Settings{Lambda: 1e-3, Tolerance: 1e-6})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(m.Iterations), "steps")
	}
}
