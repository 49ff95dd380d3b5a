package metricstest

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func (r *report) refuses() {
	x, y := r.pair(60, "refusals")
	bad := mat.DenseCopyOf(x)
	bad.Set(7, 1, math.NaN())
	infinite := mat.DenseCopyOf(y)
	infinite.Set(3, 0, math.Inf(1))
	short := func(x *mat.Dense, n int) *mat.Dense {
		_, d := x.Dims()
		return mat.DenseCopyOf(x.Slice(0, n, 0, d))
	}
	type fault struct {
		name string
		x, y *mat.Dense
		want string
	}
	faults := []fault{{"NaN in x", bad, y, "row 7, column 1 is NaN"}, {"infinity in y", x, infinite, "row 3, column 0 is +Inf"}}
	if r.m.Kind == metrics.Discrepancy {
		_, d := x.Dims()
		faults = append(faults, fault{"two widths", x, mat.NewDense(40, 2, nil), fmt.Sprintf("%d columns in x, 2 in y", d)})
	} else {
		faults = append(faults, fault{"two lengths", x, short(y, 50), "60"})
	}
	if r.m.MinRows > 1 {
		faults = append(faults, fault{fmt.Sprintf("%d rows", r.m.MinRows-1), short(x, r.m.MinRows-1), short(y, r.m.MinRows-1), "want"})
	}
	for _, f := range faults {
		switch _, err := r.m.Compute(f.x, f.y, metrics.Settings{Permutations: 19}); {
		case err == nil:
			r.addf("%s is not refused, want an error with %q", f.name, f.want)
		case !strings.Contains(err.Error(), f.want) || strings.Contains(err.Error(), "\n"):
			r.addf("%s: error %q, want one line with %q", f.name, err, f.want)
		}
	}
}

// fewest: as many rows as the descriptor asks for are enough, where they hold little.
func (r *report) fewest() {
	k := r.m.MinRows
	x, y := r.pair(60, "fewest")
	_, d := x.Dims()
	_, e := y.Dims()
	switch r.m.Kind {
	case metrics.Independence: // a column each, which no rank exceeds
		d, e = 1, 1
	case metrics.Disentanglement: // levels of as many rows as can be
		e = 1
		y.Apply(func(i, _ int, _ float64) float64 { return float64(i % 2) }, y)
	}
	what := fmt.Sprintf("the fewest rows, %d", k)
	if res, ok := r.run(what, mat.DenseCopyOf(x.Slice(0, k, 0, d)), mat.DenseCopyOf(y.Slice(0, k, 0, e)), metrics.Settings{}); ok {
		r.inRange(what, res)
	}
}

// collapses: a collapsed block is told, never called independent or aligned.
func (r *report) collapses() {
	x, y := r.pair(60, "collapse")
	flatX, flatY := constantLike(x), constantLike(y)
	pairs := map[string][2]*mat.Dense{"two constant blocks": {flatX, flatY}}
	if r.m.Kind == metrics.Independence {
		pairs["a constant x"], pairs["a constant y"] = [2]*mat.Dense{flatX, y}, [2]*mat.Dense{x, flatY}
	}
	for _, s := range []metrics.Settings{{}, {Permutations: 19}} {
		sound, ok := r.run("60 rows", x, y, s)
		for what, p := range pairs {
			res, fine := r.run(what, p[0], p[1], s)
			if fine && (res.Value != r.o.Collapsed || !res.Degenerate || len(res.Warnings) == 0 || (res.P != nil && *res.P != 1)) {
				r.addf("%s: %+v, want %v, degenerate, with a warning, and a p of 1", what, res, r.o.Collapsed)
			}
			if ok && fine && (res.P == nil) != (sound.P == nil) {
				r.addf("%s, %d permutations: p given %v, of other rows %v", what, s.Permutations, res.P != nil, sound.P != nil)
			}
		}
	}
}

func (r *report) sound() {
	x, y := r.pair(60, "collapse")
	keptX, keptY := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
	res, ok := r.run("60 rows", x, y, metrics.Settings{Permutations: 19})
	if !mat.Equal(x, keptX) || !mat.Equal(y, keptY) {
		r.addf("changes its input")
	}
	if !ok {
		return
	}
	if res.Name != r.m.Name || res.N == 0 || res.Degenerate {
		r.addf("60 rows: a result named %q of %d rows, degenerate %v", res.Name, res.N, res.Degenerate)
	}
	r.inRange("60 rows", res)
}

// wide: more columns than rows, and rows that come twice, give a value in range or one
// line that says why not.
func (r *report) wide() {
	wideX, wideY := normal(24, 60, "wide", r.m.Name, "x"), normal(24, 60, "wide", r.m.Name, "y")
	x, y := r.pair(60, "twice")
	switch {
	case r.labelled():
		wideX, wideY = withLabels(wideX), withLabels(wideY)
	case r.m.Labels:
		wideY = mat.NewDense(24, 1, nil)
		wideY.Apply(func(i, _ int, _ float64) float64 { return float64(i % 3) }, wideY)
	}
	for i := range 60 {
		x.SetRow(i, x.RawRowView(i/2*2)) // every row twice, in pairs that stay pairs
		y.SetRow(i, y.RawRowView(i/2*2))
	}
	for what, p := range map[string][2]*mat.Dense{"24 rows of 60 columns": {wideX, wideY}, "rows that come twice": {x, y}} {
		res, err := r.m.Compute(p[0], p[1], metrics.Settings{Permutations: 19})
		if err == nil {
			r.inRange(what, res)
		} else if text := err.Error(); strings.Contains(text, "\n") || (!strings.Contains(text, "rows") && !strings.Contains(text, "dimensions")) {
			r.addf("%s: error %q, want a value, or one line that says what of the rows or dimensions", what, text)
		}
	}
}

// invariances are those that the descriptor states.
func (r *report) invariances() {
	for seed := range uint64(4) {
		g := stream.New(seed, "change")
		angle, shift, scale := g.Float64(), 10*g.NormFloat64(), 0.2+g.Float64()
		x, y := r.pair(30, "invariance", g.IntN(1000))
		want, ok := r.run("30 rows", x, y, metrics.Settings{})
		for _, to := range r.m.Invariant {
			a, b := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
			switch to {
			case "row order":
				for i, from := range stream.Permutation(g, 30) {
					a.SetRow(i, x.RawRowView(from))
					if r.m.Kind == metrics.Independence {
						b.SetRow(i, y.RawRowView(from))
					}
				}
			case "translation":
				r.moveBoth(a, b, func(row []float64) {
					for j := range row {
						row[j] += shift
					}
				})
			case "scale":
				r.moveBoth(a, b, func(row []float64) {
					for j := range row {
						row[j] *= scale
					}
				})
			case "rotation":
				r.moveBoth(a, b, func(row []float64) {
					row[0], row[1] = row[0]*math.Cos(angle)-row[1]*math.Sin(angle), row[0]*math.Sin(angle)+row[1]*math.Cos(angle)
				})
			}
			got, fine := r.run("a change of "+to, a, b, metrics.Settings{})
			if ok && fine && !(math.Abs(got.Value-want.Value) <= 2e-6*math.Max(math.Abs(want.Value), 1e-2)) {
				r.addf("%v after a change of %s, want %v", got.Value, to, want.Value)
			}
		}
	}
}

// moveBoth changes the rows of x and, where it is not labels, of y.
func (r *report) moveBoth(x, y *mat.Dense, change func(row []float64)) {
	for _, b := range []*mat.Dense{x, y} {
		n, d := b.Dims()
		switch {
		case r.labelled():
			d--
		case b == y && r.m.Labels:
			continue
		}
		for i := range n {
			change(b.RawRowView(i)[:d])
		}
	}
}

// threads: the same bytes with one and with several, over more rows than a tile.
func (r *report) threads() {
	defer parallel.SetThreads(0)
	x, y := r.pair(270, "threads")
	s := metrics.Settings{Permutations: 9, Seed: 3}
	parallel.SetThreads(1)
	one, ok := r.run("270 rows", x, y, s)
	parallel.SetThreads(3)
	if again, fine := r.run("270 rows", x, y, s); ok && fine && !reflect.DeepEqual(one, again) {
		r.addf("three threads, or a second time, give another result than one thread: %v and %v", again.Value, one.Value)
	}
}

// clear: dependence, or distance, that nobody could miss, and none at all.
func (r *report) clear() {
	x, y := r.pair(80, "clear")
	other, _ := r.pair(80, "other")
	null := y // pairs with rows of which they know nothing
	if r.m.Kind == metrics.Discrepancy {
		null = other
	}
	s := metrics.Settings{Permutations: 49, Sequential: true}
	if res, ok := r.run("a clear case", x, y, s); ok && res.P != nil && *res.P > 0.05 && r.o.Weak == "" {
		r.addf("p %v of a clear case, want 0.05 at most, or a reason in Weak", *res.P)
	}
	if res, ok := r.run("no difference", other, null, s); ok && res.P != nil && *res.P < 0.001 {
		r.addf("p %v where there is nothing to find", *res.P)
	}
}

// codes: what is the factors is better than what is noise.
func (r *report) codes() {
	y := factors(120)
	kept := mat.DenseCopyOf(y)
	perfect := mat.DenseCopyOf(y)
	held := mat.DenseCopyOf(perfect)
	good, ok := r.run("a code that is the factors", perfect, y, metrics.Settings{Permutations: 19})
	if !mat.Equal(y, kept) || !mat.Equal(perfect, held) {
		r.addf("changes its input")
	}
	noise, fine := r.run("a code that is noise", normal(120, 2, "codes"), y, metrics.Settings{Permutations: 19})
	if !ok || !fine {
		return
	}
	r.inRange("a code that is the factors", good)
	r.inRange("a code that is noise", noise)
	if (r.m.Better == metrics.HigherIsBetter && !(good.Value > noise.Value)) || (r.m.Better == metrics.LowerIsBetter && !(good.Value < noise.Value)) {
		r.addf("a code that is the factors scores %v, noise %v, where %s", good.Value, noise.Value, r.m.Better)
	}
}
