package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// wideTask has 12 and 9 rows of 30 columns, and four other rows that lie partly outside their span.
func wideTask() (t adapt.Task, others *mat.Dense) {
	source, target := blobs(1, 12, 30, 3, 1), blobs(2, 9, 30, 3, 1)
	for i := range 9 {
		for j := range 30 {
			target.X.Set(i, j, 0.7*target.X.At(i, j)+0.3*float64(j%4))
		}
	}
	return adapt.Task{Source: source, Target: target.X}, blobs(3, 4, 30, 3, 1).X
}

// same compares embeddings column by column, whose signs are arbitrary.
func same(t *testing.T, what string, got, want *mat.Dense) {
	t.Helper()
	n, k := want.Dims()
	if gn, gk := got.Dims(); gn != n || gk != k {
		t.Fatalf("%s: %d x %d, want %d x %d", what, gn, gk, n, k)
	}
	for j := range k {
		a, b := mat.Col(nil, j, got), mat.Col(nil, j, want)
		var plus, minus, size float64
		for i := range a {
			plus, minus, size = math.Max(plus, math.Abs(a[i]-b[i])), math.Max(minus, math.Abs(a[i]+b[i])), math.Max(size, math.Abs(b[i]))
		}
		if math.Min(plus, minus) > 1e-6*size {
			t.Errorf("%s: column %d is %v, want %v", what, j, a, b)
		}
	}
}

// JGSA in the span of the rows is JGSA on the columns, solved with the 60 x 60 denominator.
func TestWideJGSA(t *testing.T) {
	task, others := wideTask()
	info, _ := adapt.Adapters.Get("jgsa")
	s := option.Defaults(info.Options)
	s["dim"], s["iterations"], s["lambda"], s["mu"] = 4, 1, 0.6, 1.7
	h := headOf(t, "knn", nil)
	got, err := jointAlignment(task, s, h)
	if err != nil {
		t.Fatal(err)
	}
	source, target := dense.UnitRows(task.Source.X), dense.UnitRows(task.Target)
	labelled := task.Source.Moved(source)
	pseudo, err := pseudoLabels(h, labelled, target)
	if err != nil {
		t.Fatal(err)
	}
	factor := meanDiscrepancy{marginal: 3, conditional: 1}.factor(task.Source.Labels, 9, pseudo, 3)
	_, r := factor.Dims()
	p := newAlignment(labelled, target, 30, 0.1, 0.6, 1.7)
	a, b, err := p.solve(dense.ProductT(source, mat.DenseCopyOf(factor.Slice(0, 12, 0, r))), dense.ProductT(target, mat.DenseCopyOf(factor.Slice(12, 21, 0, r))), 4)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "source", got.Source.X, dense.Product(source, a))
	same(t, "target", got.Target, dense.Product(target, b))
	from, _ := got.MapSource(others)
	same(t, "other rows as source", from, dense.Product(dense.UnitRows(others), a))
	to, _ := got.Map(others)
	same(t, "other rows as target", to, dense.Product(dense.UnitRows(others), b))
	// The ridge is that of all columns: the trace outside the span is 9 times 2 lambda + mu.
	if short := newAlignment(task.Source.Moved(subspace.NewSpan(source, target).Into(source)), subspace.NewSpan(source, target).Into(target), 30, 0.1, 0.6, 1.7); !(math.Abs(mat.Trace(short.denominator)+short.outside-mat.Trace(p.denominator)) <= 1e-9) ||
		!(math.Abs(short.outside-9*2.9) <= 1e-12) || p.outside != 0 || short.width != 30 {
		t.Errorf("outside %v and %v, width %d", short.outside, p.outside, short.width)
	}
	// Without mu the denominator is only semi-definite: its ridge, of all columns, says how long the projections are.
	s["dim"], s["lambda"], s["mu"] = 2, 1.0, 0.0
	if got, err = jointAlignment(task, s, h); err != nil {
		t.Fatal(err)
	}
	a, _, err = newAlignment(labelled, target, 30, 0.1, 1, 0).solve(dense.ProductT(source, mat.DenseCopyOf(factor.Slice(0, 12, 0, r))), dense.ProductT(target, mat.DenseCopyOf(factor.Slice(12, 21, 0, r))), 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "semi-definite", got.Source.X, dense.Product(source, a))
	s["dim"], s["lambda"], s["mu"] = 100, 0.6, 1.7
	if all, err := jointAlignment(task, s, h); err != nil || len(all.Warnings) != 1 || all.Warnings[0] != "42 dimensions: the data has no more of the 100 asked for" {
		t.Errorf("%v, %v", all, err)
	}
}

// TCA's projection of columns is found in the span of the rows.
func TestWideTransfer(t *testing.T) {
	task, others := wideTask()
	info, _ := adapt.Adapters.Get("tca")
	s := option.Defaults(info.Options)
	s["dim"] = 4
	got, err := transfer(task, s, headOf(t, "knn", nil), 1, meanDiscrepancy{marginal: 1})
	if err != nil {
		t.Fatal(err)
	}
	x := dense.UnitRows(task.Stacked())
	w, err := newEmbedding(x).top(meanDiscrepancy{marginal: 1}.factor(task.Source.Labels, 9, nil, 3), 1, nil, 4)
	if err != nil {
		t.Fatal(err)
	}
	z := dense.UnitRows(dense.Product(x, w))
	same(t, "source", got.Source.X, mat.DenseCopyOf(z.Slice(0, 12, 0, 4)))
	same(t, "target", got.Target, mat.DenseCopyOf(z.Slice(12, 21, 0, 4)))
	to, _ := got.Map(others)
	same(t, "other rows", to, dense.UnitRows(dense.Product(dense.UnitRows(others), w)))
}

// No adapter decomposes a matrix of 5,000 columns by as many, which takes minutes: 60 rows are done in seconds.
func TestWideRowsEndSoon(t *testing.T) {
	source, target := blobs(1, 60, 5000, 3, 0.5), blobs(2, 60, 5000, 3, 0.5)
	for _, info := range adapt.Adapters.All() {
		start := time.Now()
		m := adapt.Method{Adapter: info, Settings: option.Defaults(info.Options)}
		if !info.Own {
			m.Head = headOf(t, "knn", nil)
		}
		if _, err := m.Fit(adapt.Task{Source: source, Target: target.X}); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		t.Logf("%s: %v", info.Name, time.Since(start))
		if time.Since(start) > 30*time.Second {
			t.Errorf("%s took %v", info.Name, time.Since(start))
		}
	}
}

// CORAL and the linear transport are those of the 30 x 30 covariances, for rows inside and outside the span.
func TestWideCovariances(t *testing.T) {
	task, others := wideTask()
	whole := func(x *mat.Dense, f func(v float64) float64) *mat.Dense {
		m, err := subspace.Function(subspace.Ridged(subspace.Covariance(x), 0.5), f)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	inverse := func(v float64) float64 { return 1 / math.Sqrt(v) }
	white, root := whole(task.Source.X, inverse), whole(task.Source.X, math.Sqrt)
	coralled := dense.Product(white, whole(task.Target, math.Sqrt))
	full := mat.DenseCopyOf(subspace.Ridged(subspace.Covariance(task.Target), 0.5))
	middle, err := subspace.Function(dense.Symmetrised(dense.Product(dense.Product(root, full), root)), math.Sqrt)
	if err != nil {
		t.Fatal(err)
	}
	moved := dense.Product(dense.Product(white, middle), white)
	for name, a := range map[string]*mat.Dense{"coral": coralled, "linear-ot": moved, "easytl": coralled} {
		info, _ := adapt.Adapters.Get(name)
		s := option.Defaults(info.Options)
		s["lambda"] = 0.5
		if name == "linear-ot" {
			s["bias"] = false
		}
		got, err := info.Adapt(task, s, adapt.Head{})
		if err != nil {
			t.Fatal(err)
		}
		z, _ := got.MapSource(others)
		if want := dense.Product(others, a); !mat.EqualApprox(z, want, 1e-9) {
			t.Errorf("%s: other rows", name)
		}
		if want := dense.Product(task.Source.X, a); !mat.EqualApprox(got.Source.X, want, 1e-9) {
			t.Errorf("%s: source rows", name)
		}
	}
}

// Each pass of JGSA is one of the labels that the pass before brings; it ends at the last or where labels stay.
func TestJGSAPassByPass(t *testing.T) {
	info, _ := adapt.Adapters.Get("jgsa")
	h := headOf(t, "knn", nil)
	changes := 0
	for _, seed := range []uint64{0, 2, 19} {
		task := shifted(seed, 14, 12, 3)
		source, target := dense.UnitRows(task.Source.X), dense.UnitRows(task.Target)
		at := task.Source.Moved(source)
		pseudo, err := pseudoLabels(h, at, target)
		if err != nil {
			t.Fatal(err)
		}
		for passes := 1; passes <= 5; passes++ {
			factor := meanDiscrepancy{marginal: 2, conditional: 1}.factor(task.Source.Labels, 12, pseudo, 2)
			_, r := factor.Dims()
			gs, gt := dense.ProductT(source, mat.DenseCopyOf(factor.Slice(0, 14, 0, r))), dense.ProductT(target, mat.DenseCopyOf(factor.Slice(14, 26, 0, r)))
			a, b, err := newAlignment(at, target, 3, 0.1, 1, 1).solve(gs, gt, 2)
			if err != nil {
				t.Fatal(err)
			}
			s := option.Defaults(info.Options)
			s["dim"], s["iterations"] = 2, passes
			got, err := jointAlignment(task, s, h)
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint("seed ", seed, " passes ", passes), got.Source.X, dense.Product(source, a))
			same(t, fmt.Sprint("seed ", seed, " passes ", passes), got.Target, dense.Product(target, b))
			next, err := pseudoLabels(h, task.Source.Moved(dense.Product(source, a)), dense.Product(target, b))
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(next, pseudo) {
				break
			}
			pseudo = next
			changes++
		}
	}
	if changes < 9 {
		t.Fatalf("%d changes of labels: the tasks prove little", changes)
	}
}

// The ridge is a billionth of the mean of the denominator's diagonal, over all columns: where there is nothing else it says
// how long a projection is, 1/sqrt(ridge). What is not a number has no decomposition.
func TestRidgeOfJGSA(t *testing.T) {
	copied := func(dst, v []float64) { copy(dst, v) }
	for _, tt := range []struct {
		outside float64
		width   int
		ridge   float64
	}{{0, 1, 5e-10}, {7, 4, 1e-9}, {31, 4, 4e-9}} {
		p := &alignment{d: 1, outside: tt.outside, width: tt.width, between: copied, total: copied, beta: 1, mu: 1, denominator: mat.NewSymDense(2, nil)}
		a, b, err := p.solve(mat.NewDense(1, 1, []float64{1}), mat.NewDense(1, 1, nil), 1) // trace 1, all of it the source's
		if err != nil || !(math.Abs(a.At(0, 0)) <= 1e-6) || !(math.Abs(math.Abs(b.At(0, 0))*math.Sqrt(tt.ridge)-1) <= 1e-9) {
			t.Errorf("%+v: %v and %v, want 0 and %v (%v)", tt, a, b, 1/math.Sqrt(tt.ridge), err)
		}
		if _, _, err := p.solve(mat.NewDense(1, 1, []float64{math.NaN()}), mat.NewDense(1, 1, nil), 1); err == nil || err.Error() != "the denominator of 2 rows is not positive definite; raise lambda or mu" {
			t.Errorf("not a number: %v", err)
		}
	}
}
