package logistic

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
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

// The gradient is that of the objective and the Hessian that of the gradient, by central differences, with weighted rows.
func TestDerivativesAgainstCentralDifferences(t *testing.T) {
	x, y := blobs(60, 5, 3, 1)
	weight := make([]float64, 60)
	for i := range weight {
		weight[i] = 0.5 + float64(i%3)/2
	}
	p := &problem{Rows: Prepare(x), y: y, classes: 3, lambda: 0.05, weight: weight}
	at := func(v []float64) *state {
		s := &state{v: v, logits: make([]float64, 180), probs: make([]float64, 180), gradient: make([]float64, 18)}
		p.pass(v, nil, func(i int, r []float64) { copy(s.logits[3*i:], r) })
		p.settle(s)
		return s
	}
	v, d := make([]float64, 18), make([]float64, 18)
	for i := range v {
		v[i], d[i] = math.Sin(float64(i)), math.Cos(2*float64(i))
	}
	const h = 1e-5
	moved := func(step float64, along []float64) *state {
		w := slices.Clone(v)
		floats.AddScaled(w, step, along)
		return at(w)
	}
	here := at(v)
	for i := range v {
		unit := make([]float64, 18)
		unit[i] = 1
		if want := (moved(h, unit).value - moved(-h, unit).value) / (2 * h); !(math.Abs(here.gradient[i]-want) <= 1e-8) {
			t.Errorf("gradient %d: %v, want %v", i, here.gradient[i], want)
		}
	}
	got, image := make([]float64, 18), make([]float64, 180)
	p.hessian(got, d, image, here.probs)
	up, down := moved(h, d), moved(-h, d)
	for i := range got {
		if want := (up.gradient[i] - down.gradient[i]) / (2 * h); !(math.Abs(got[i]-want) <= 1e-8) {
			t.Errorf("Hessian %d: %v, want %v", i, got[i], want)
		}
	}
	for i := range image {
		if want := (up.logits[i] - down.logits[i]) / (2 * h); !(math.Abs(image[i]-want) <= 1e-8) {
			t.Errorf("logit %d: %v, want %v", i, image[i], want)
		}
	}
}

// For two classes the curvature within all columns is the Hessian itself, so that solving it undoes a product; within
// all eigenvectors of many columns, too, but for directions in which no row lies, and within the span of fewer rows than
// columns.
func TestCurvatureIsTheHessianOfTwoClasses(t *testing.T) {
	for _, size := range []struct{ n, d, rank int }{{60, 5, 5}, {40, 600, 40}, {700, 600, mostVectors}} {
		x, y := blobs(size.n, size.rank, 2, 1)
		if size.rank < size.d {
			wide, _ := blobs(size.rank, size.d, 2, 2)
			x = dense.Product(x, wide)
		}
		p := &problem{Rows: Prepare(x), y: y, classes: 2, lambda: 0.05}
		n, d := p.x.Dims()
		probs := make([]float64, 2*n)
		for i := range n {
			probs[2*i] = 0.3 + 0.4*float64(i)/float64(n)
			probs[2*i+1] = 1 - probs[2*i]
		}
		v, got, image := make([]float64, 2*(d+1)), make([]float64, 2*(d+1)), make([]float64, 2*n)
		for j := range d { // in the span of the rows, the second class against the first
			v[j] = p.x.At(0, j) - p.x.At(1, j)
			v[d+j] = -v[j]
		}
		v[2*d], v[2*d+1] = 0.7, -0.7
		p.hessian(got, v, image, probs)
		m, err := p.precondition(probs)
		if err != nil {
			t.Fatal(err)
		}
		if within := m.vectors != nil; within != (size.n == 700) || (p.span != nil) != (size.n == 40) {
			t.Errorf("%v: eigenvectors %v, span %v", size, within, p.span != nil)
		}
		if back := m.solve(got); !floats.EqualApprox(back, v, 1e-5) { // biasRidge
			t.Errorf("%v: solving a product gives %v, want %v", size, back[:4], v[:4])
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
		{"steps", "in step 1, want", y, 2, Settings{Lambda: 1e-6, Steps: 1}},
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
		b.ReportMetric(float64(m.Products), "products")
	}
}
