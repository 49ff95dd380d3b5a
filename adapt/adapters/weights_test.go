package adapters

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// adaptBy runs an adapter under its defaults and the given changes.
func adaptBy(t *testing.T, name string, task adapt.Task, changes option.Values) (*adapt.Adapted, error) {
	t.Helper()
	info, err := adapt.Adapters.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	s := option.Defaults(info.Options)
	maps.Copy(s, changes)
	h := adapt.Head{}
	if !info.Own {
		h = headOf(t, "knn", nil)
	}
	return info.Adapt(task, s, h)
}

func mustAdapt(t *testing.T, name string, task adapt.Task, changes option.Values) *adapt.Adapted {
	t.Helper()
	a, err := adaptBy(t, name, task, changes)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

// shifted is a task of two classes whose target is moved and squeezed.
func shifted(seed uint64, n, m, d int) adapt.Task {
	r := stream.New(seed, "shifted")
	x, y := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		y[i] = i % 2
		for j := range d {
			x.Set(i, j, float64(y[i])+r.NormFloat64()*(1+0.5*float64(j)))
		}
	}
	target := mat.NewDense(m, d, nil)
	for i := range m {
		for j := range d {
			target.Set(i, j, 0.5+0.7*r.NormFloat64()+0.3*target.At(i, 0))
		}
	}
	return adapt.Task{Source: adapt.Labelled{X: x, Labels: y, Classes: 2}, Target: target, Seed: seed}
}

func squaredDistance(a, b []float64) (s float64) {
	for j := range a {
		s += (a[j] - b[j]) * (a[j] - b[j])
	}
	return s
}

// In two columns the whitened distance is Mahalanobis' under the pooled covariance, whatever
// the principal directions are.
func TestDensityWeights(t *testing.T) {
	task := shifted(3, 17, 12, 2)
	all := task.Stacked()
	n, _ := all.Dims()
	var mean [2]float64
	for i := range n {
		mean[0], mean[1] = mean[0]+all.At(i, 0)/float64(n), mean[1]+all.At(i, 1)/float64(n)
	}
	var a, b, c float64
	for i := range n {
		x, y := all.At(i, 0)-mean[0], all.At(i, 1)-mean[1]
		a, b, c = a+x*x/float64(n), b+x*y/float64(n), c+y*y/float64(n)
	}
	mahalanobis := func(p, q []float64) float64 {
		x, y := p[0]-q[0], p[1]-q[1]
		return (c*x*x - 2*b*x*y + a*y*y) / (a*c - b*b)
	}
	for _, given := range []float64{0, 0.4} {
		width := given
		if given == 0 {
			width = math.Pow(float64(n), -1./6)
		}
		want, top := make([]float64, 17), 0.0
		for i := range want {
			own := task.Source.X.RawRowView(i)
			var on, off float64
			for j := range 12 {
				on += math.Exp(-mahalanobis(own, task.Target.RawRowView(j))/(2*width*width)) / 12
			}
			for j := range 17 {
				if j != i {
					off += math.Exp(-mahalanobis(own, task.Source.X.RawRowView(j))/(2*width*width)) / 16
				}
			}
			want[i] = on / off
			top = math.Max(top, want[i])
		}
		for i := range want {
			want[i] /= top
		}
		got := mustAdapt(t, "density-weights", task, option.Values{"dim": 2, "width": given})
		toy.Close(t, fmt.Sprintf("width %v", given), got.Source.Weights, want, 1e-9)
	}
	if got := mustAdapt(t, "density-weights", task, option.Values{"dim": 3}).Warnings; fmt.Sprint(got) != "[2 dimensions: the data has no more of the 3 asked for]" {
		t.Errorf("warnings %q", got)
	}
	// One row alone: its density without itself is that of the other rows, up to their number.
	got := logDensity(toy.Column(0, 2), toy.Column(0, 2), 1, false)
	toy.Close(t, "log density", got, []float64{math.Log((1 + math.Exp(-2)) / 2), math.Log((1 + math.Exp(-2)) / 2)}, 1e-12)
	got = logDensity(toy.Column(0), toy.Column(0, 2, -2), 1, false)
	toy.Close(t, "of three rows", got, []float64{math.Log((1 + 2*math.Exp(-2)) / 3)}, 1e-12)
	got = logDensity(toy.Column(0, 2, 6), toy.Column(0, 2, 6), 2, true)
	toy.Close(t, "of the two others", got, []float64{math.Log((math.Exp(-4./8) + math.Exp(-36./8)) / 2), math.Log((math.Exp(-4./8) + math.Exp(-16./8)) / 2), math.Log((math.Exp(-36./8) + math.Exp(-16./8)) / 2)}, 1e-12)
}

// What all weighing methods return: the task's own weights times the method's, a warning below
// a tenth of the rows, an error of weights that are none.
func TestWeighed(t *testing.T) {
	task := shifted(1, 20, 5, 1)
	weights := make([]float64, 20)
	weights[3], weights[4] = 1, 3
	a, err := weighed(task, weights) // (1+3)^2/(1+9) = 1.6 rows
	if err != nil || fmt.Sprint(a.Warnings) != "[the weights are as good as 1.6 of 20 source rows]" || &a.Source.Weights[0] != &weights[0] {
		t.Errorf("%v, %v", a, err)
	}
	task.Source.Weights = make([]float64, 20)
	for i := range 20 {
		task.Source.Weights[i] = float64(i)
	}
	a, _ = weighed(task, weights)
	want := make([]float64, 20)
	want[3], want[4] = 3, 12
	toy.Close(t, "weights", a.Source.Weights, want, 0)
	for i := range weights {
		weights[i] = 0
	}
	weights[0], weights[1] = 1, 1 // 2 of 20 are a tenth
	if a, _ = weighed(task, weights); a.Warnings != nil {
		t.Errorf("a tenth: %v", a.Warnings)
	}
	weights[1] = 0.63 // (1.63)^2/(1+0.63^2) = 1.90, not quite a tenth
	if a, _ = weighed(task, weights); fmt.Sprint(a.Warnings) != "[the weights are as good as 1.9 of 20 source rows]" {
		t.Errorf("less than a tenth: %v", a.Warnings)
	}
	for bad, text := range map[float64]string{math.NaN(): "weight NaN of source row 2", -1: "weight -1 of source row 2", math.Inf(1): "weight +Inf of source row 2"} {
		weights[2] = bad
		if _, err := weighed(task, weights); err == nil || err.Error() != text {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := weighed(task, make([]float64, 20)); err == nil || err.Error() != "the weights of all 20 source rows are zero: no source row is near the target" {
		t.Errorf("zeros: %v", err)
	}
}

// Source rows 0, 1 and 10; the targets 0.2, 0.4 and 9 have the nearest two (0, 1), (0, 1) and
// (10, 1).
func TestNearestWeights(t *testing.T) {
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 10), Labels: []int{0, 1, 1}, Classes: 2}, Target: toy.Column(0.2, 0.4, 9)}
	toy.Close(t, "one", mustAdapt(t, "nearest-weights", task, nil).Source.Weights, []float64{3, 1, 2}, 0)
	toy.Close(t, "two", mustAdapt(t, "nearest-weights", task, option.Values{"neighbours": 2, "smoothing": 0.5}).Source.Weights, []float64{2.5, 3.5, 1.5}, 0)
	toy.Close(t, "many", mustAdapt(t, "nearest-weights", task, option.Values{"neighbours": 9, "smoothing": 0.0}).Source.Weights, []float64{3, 3, 3}, 0)
}

// The discriminator's weights are the odds of its logistic model, whose optimum is checked by
// its gradient: mean residual times feature plus lambda w is zero, and the mean residual too.
func TestDiscriminatorWeights(t *testing.T) {
	task := shifted(5, 40, 30, 1)
	got := mustAdapt(t, "discriminator-weights", task, option.Values{"lambda": 0.05}).Source.Weights
	all := task.Stacked()
	var mean, square float64
	for i := range 70 {
		mean += all.At(i, 0) / 70
	}
	for i := range 70 {
		square += (all.At(i, 0) - mean) * (all.At(i, 0) - mean) / 70
	}
	z := func(x float64) float64 { return (x - mean) / math.Sqrt(square) }
	// The softmax of two classes with penalised weights -w/2 and w/2 has penalty lambda w^2/4.
	w, b := 0.0, 0.0
	for range 200 { // Newton
		var g0, g1, h00, h01, h11 float64
		for i := range 70 {
			x, y := z(all.At(i, 0)), 0.0
			if i >= 40 {
				y = 1
			}
			p := 1 / (1 + math.Exp(-w*x-b))
			g0, g1 = g0+(p-y)*x/70, g1+(p-y)/70
			h00, h01, h11 = h00+p*(1-p)*x*x/70, h01+p*(1-p)*x/70, h11+p*(1-p)/70
		}
		g0, h00 = g0+0.05*w/2, h00+0.05/2
		det := h00*h11 - h01*h01
		w, b = w-(h11*g0-h01*g1)/det, b-(h00*g1-h01*g0)/det
	}
	want := make([]float64, 40)
	for i := range want {
		want[i] = 40. / 30 * math.Exp(w*z(task.Source.X.At(i, 0))+b)
	}
	toy.Close(t, "weights", got, want, 1e-3)
	flat := adapt.Task{Source: adapt.Labelled{X: toy.Column(1, 1), Labels: []int{0, 1}, Classes: 2}, Target: toy.Column(1, 1)}
	if _, err := adaptBy(t, "discriminator-weights", flat, nil); err == nil || err.Error() != "none of 1 columns varies over both domains" {
		t.Errorf("constant rows: %v", err)
	}
}
