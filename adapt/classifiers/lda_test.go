package classifiers

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// Moments and solutions from their definitions, of narrow and wide rows, with and without weights: means, shares, the
// covariance dividing by n, the intensity of Ledoit and Wolf, and S_a times the answer is the mean.
func TestMomentsByDefinition(t *testing.T) {
	for _, size := range [][2]int{{14, 3}, {6, 6}, {5, 8}} {
		for _, weighted := range []bool{false, true} {
			x := toy.Random(uint64(size[0]), size[0], size[1])
			n, d := x.Dims()
			r := &training{x: x, labels: make([]int, n)}
			var sum [2]float64
			for i := range n {
				r.labels[i] = i % 2
				if weighted {
					r.weights = append(r.weights, 1+0.5*math.Pow(-1, float64(i/2)))
				}
				sum[i%2] += r.weight(i)
			}
			means := mat.NewDense(2, d, nil)
			for i := range n {
				for j := range d {
					k := i % 2
					means.Set(k, j, means.At(k, j)+r.weight(i)/sum[k]*x.At(i, j))
				}
			}
			s := mat.NewDense(d, d, nil)
			residual := func(i, j int) float64 { return (x.At(i, j) - means.At(i%2, j)) * math.Sqrt(r.weight(i)) }
			for i := range n {
				for a := range d {
					for b := range d {
						s.Set(a, b, s.At(a, b)+residual(i, a)*residual(i, b)/float64(n))
					}
				}
			}
			var mean, apart, spread float64
			for j := range d {
				mean += s.At(j, j) / float64(d)
			}
			for a := range d {
				for b := range d {
					target := 0.0
					if a == b {
						target = mean
					}
					apart += math.Pow(s.At(a, b)-target, 2)
					for i := range n { // |r r' - S|_F^2 over n^2
						spread += math.Pow(residual(i, a)*residual(i, b)-s.At(a, b), 2) / float64(n*n)
					}
				}
			}
			m := newMoments(r, 2)
			name := fmt.Sprint(size, weighted)
			if m.wide != (n < d) {
				t.Errorf("%s: wide is %t", name, m.wide)
			}
			toy.Close(t, name+": means", m.means.RawMatrix().Data, means.RawMatrix().Data, 1e-12)
			toy.Close(t, name+": shares, mean variance, intensity", []float64{m.shares[0], m.shares[1], m.mean, m.intensity}, []float64{sum[0] / float64(n), sum[1] / float64(n), mean, math.Min(1, spread/apart)}, 1e-9)
			for _, a := range []float64{0.2, 0.7, 1} {
				got, err := m.solve(a)
				if err != nil {
					t.Fatal(err)
				}
				shrunk := mat.DenseCopyOf(s)
				shrunk.Scale(1-a, shrunk)
				for j := range d {
					shrunk.Set(j, j, shrunk.At(j, j)+a*mean)
				}
				var back mat.Dense
				back.Mul(got, shrunk)
				toy.Near(t, fmt.Sprint(name, " shrinkage ", a), &back, means, 1e-9)
			}
		}
	}
}

// What has no solution is said, narrow and wide; classes of one repeated row have no intensity.
func TestDiscriminantRefuses(t *testing.T) {
	info, _ := adapt.Classifiers.Get("lda")
	for _, tt := range []struct {
		x       *mat.Dense
		changes option.Values
		want    string
	}{
		{mat.NewDense(4, 2, []float64{1, 1, 2, 2, 5, 5, 7, 7}), option.Values{"shrinkage": "fixed", "amount": 0.0, "standardise": "none"}, "adapt: lda: the covariance of 2 columns within 2 classes is singular at shrinkage 0: shrink more"},
		{toy.Random(1, 4, 6), option.Values{"shrinkage": "fixed", "amount": 0.0, "standardise": "none"}, "adapt: lda: the covariance of 6 columns within 2 classes is singular at shrinkage 0: shrink more"},
		{mat.NewDense(4, 6, nil), option.Values{"standardise": "none"}, "adapt: lda: the covariance of 6 columns within 2 classes is singular at shrinkage 0: shrink more"},
	} {
		s := option.Defaults(info.Options)
		for k, v := range tt.changes {
			s[k] = v
		}
		train := adapt.Labelled{X: tt.x, Labels: []int{0, 0, 1, 1}, Classes: 2}
		if err := info.New(s).Fit(train); err == nil || err.Error() != tt.want {
			t.Errorf("%v, want %q", err, tt.want)
		}
		if got := discriminantPath([]option.Values{s}, train, tt.x); got[0].Err == nil || got[0].Err.Error() != tt.want || got[0].Probabilities != nil {
			t.Errorf("path: %v", got[0].Err)
		}
	}
	if got := discriminantPath([]option.Values{option.Defaults(info.Options)}, adapt.Labelled{X: toy.Column(1), Labels: []int{0}, Classes: 2}, toy.Column(1)); got[0].Err == nil || got[0].Classifier == nil {
		t.Errorf("one class: %+v", got[0])
	}
	if m := newMoments(&training{x: toy.Column(1, 1, 4, 4), labels: []int{0, 0, 1, 1}}, 2); m.intensity != 0 || m.mean != 0 {
		t.Errorf("no variance: %+v", m)
	}
	if cause(nil) != "" || cause(fmt.Errorf("x")) != " (x)" {
		t.Error("causes")
	}
	// One column, variance 1 within, means 0 and 4, shares 1/2: the border is 2, logits 4 x - 8 apart.
	c := fitted(t, info, adapt.Labelled{X: toy.Column(-1, 1, 3, 5), Labels: []int{0, 0, 1, 1}, Classes: 2}, 2, option.Values{"standardise": "none", "shrinkage": "fixed", "amount": 0.5})
	p := probabilities(t, c, toy.Column(1.5))
	if want := 1 / (1 + math.Exp(-2)); !(math.Abs(p.At(0, 0)-want) <= 1e-12) {
		t.Errorf("%v, want %v", p.At(0, 0), want)
	}
	// Three rows of the first class and one of the second: the prior's log 3 on top.
	c = fitted(t, info, adapt.Labelled{X: toy.Column(-1, 1, 0, 4), Labels: []int{0, 0, 0, 1}, Classes: 2}, 2, option.Values{"standardise": "none", "shrinkage": "fixed", "amount": 1.0})
	if got, want := probabilities(t, c, toy.Column(2)).At(0, 0), 0.75; !(math.Abs(got-want) <= 1e-12) { // on the border the shares decide
		t.Errorf("%v, want %v", got, want)
	}
}

// Both forms of the covariance solve the same system.
func TestMomentsOfWideRows(t *testing.T) {
	data := blobs(4, 12, 9, 3, 1)
	wide := newMoments(&training{x: data.X, labels: data.Labels}, 3)
	n, d := data.X.Dims()
	twice := mat.NewDense(2*n, d, nil) // every row twice: the same moments, and more rows than columns
	twice.Slice(0, n, 0, d).(*mat.Dense).Copy(data.X)
	twice.Slice(n, 2*n, 0, d).(*mat.Dense).Copy(data.X)
	narrow := newMoments(&training{x: twice, labels: append(append([]int(nil), data.Labels...), data.Labels...)}, 3)
	wide.gram, wide.wide = dense.Gram(wide.residual, false), true
	wide.gram.ScaleSym(1/float64(n), wide.gram)
	if narrow.wide {
		t.Fatal("24 rows of 9 columns are not wide")
	}
	a, err := wide.solve(0.3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := narrow.solve(0.3)
	if err != nil || !mat.EqualApprox(a, b, 1e-9) {
		t.Errorf("%v\nand\n%v (%v)", mat.Formatted(a), mat.Formatted(b), err)
	}
}

// Ledoit and Wolf's intensity of 12 rows of 9 columns in three classes, by
// sklearn.covariance.ledoit_wolf(residuals, assume_centered=True), scikit-learn 1.2.1.
func TestLedoitWolf(t *testing.T) {
	x, y := mat.NewDense(12, 9, nil), make([]int, 12)
	for i := range 12 {
		y[i] = i % 3
		for j := range 9 {
			x.Set(i, j, math.Sin(float64(3*i+5*j))+0.2*math.Cos(float64(i*j)))
		}
	}
	const want = 0.04305417728402384
	if got := newMoments(&training{x: x, labels: y}, 3).intensity; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("intensity %.17g, want %v", got, want)
	}
	x.Scale(0.01, x) // which changes no share
	if got := newMoments(&training{x: x, labels: y}, 3).intensity; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("in other units intensity %.17g, want %v", got, want)
	}
}
