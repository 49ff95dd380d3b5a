package disentanglement

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/trees"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/probe"
)

// mixed are codes of two columns, each of both factors and noise, and a table whose first column does not
// vary, whose second has three levels, one rare, and whose third two.
func mixed(n int) (codes, table *mat.Dense) {
	r := stream.New(21, "mixed")
	codes, table = mat.NewDense(n, 2, nil), mat.NewDense(n, 3, nil)
	for i := range n {
		a, b := float64(max(0, r.IntN(8)-5)), float64(r.IntN(2)) // a: 0 six times of eight
		table.SetRow(i, []float64{4, a, b})
		codes.SetRow(i, []float64{a + b/2 + r.NormFloat64()/2, 2*b - a/3 + r.NormFloat64()})
	}
	return codes, table
}

// levelsOfColumn reads a column of the table, whose levels are 0, 1, ...
func levelsOfColumn(table *mat.Dense, j int) []int {
	var out []int
	for _, v := range mat.Col(nil, j, table) {
		out = append(out, int(v))
	}
	return out
}

// part is the value of a part by name.
func part(t *testing.T, r metrics.Result, name string) float64 {
	t.Helper()
	i := slices.IndexFunc(r.Parts, func(p metrics.Part) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("%s has no part %s: %v", r.Name, name, r.Parts)
	}
	return r.Parts[i].Value
}

// Parts are named for the columns of the table, from 1, without the one that is left out; of these measures
// their mean is the value.
func TestPartsOfFactors(t *testing.T) {
	codes, table := mixed(121)
	for _, name := range []string{"mig", "sap", "sap-continuous", "explicitness", "leakage", "dci", "dci-trees"} {
		m := reference.Must[metrics.Descriptor](t)(metrics.Measures.Get(name))
		r := reference.Must[metrics.Result](t)(m.Compute(codes, table, none))
		var names []string
		var sum float64
		for _, p := range r.Parts {
			if len(p.Name) == len("factor 1") && p.Name[:7] == "factor " {
				names, sum = append(names, p.Name), sum+p.Value
			}
		}
		want, value := []string{"factor 2", "factor 3"}, sum/2
		switch name {
		case "sap-continuous":
			want, value = []string{"factor 1", "factor 2", "factor 3"}, sum/3
		case "dci", "dci-trees": // these add up to completeness
			value = r.Value
		}
		if !slices.Equal(names, want) || !near(r.Value, value) || r.N != 121 || sum == 0 {
			t.Errorf("%s: parts %v, %+v", name, names, r)
		}
	}
}

// Accuracies of one-column machines on held-out rows, counted here.
func TestSAPByDefinition(t *testing.T) {
	codes, table := mixed(121)
	train, test := probe.Halves(121, 0)
	var value, corrected float64
	for j, classes := range map[int]int{1: 3, 2: 2} {
		levels := levelsOfColumn(table, j)
		var plain, balanced []float64
		for i := range 2 {
			column := mat.Col(nil, i, codes)
			var z []float64
			for _, from := range train {
				z = append(z, column[from])
			}
			machines := squaredHinge(z, probe.Pick(levels, train), classes)
			hits, size := make([]float64, classes), make([]float64, classes)
			for _, from := range test {
				size[levels[from]]++
				if decide(machines, column[from], classes) == levels[from] {
					hits[levels[from]]++
				}
			}
			var recall float64
			for c := range classes {
				recall += hits[c] / size[c] / float64(classes)
			}
			k := float64(classes)
			plain, balanced = append(plain, floats.Sum(hits)/61), append(balanced, (recall-1/k)/(1-1/k))
		}
		value, corrected = value+math.Abs(plain[0]-plain[1])/2, corrected+math.Abs(balanced[0]-balanced[1])/2
	}
	r := reference.Must[metrics.Result](t)(SAP(codes, table, none))
	if !near(r.Value, value) || !near(part(t, r, "corrected"), corrected) || value == corrected {
		t.Errorf("%+v, want %v and, corrected, %v", r, value, corrected)
	}
}

// Gains of trees as they are described, over their sum, and accuracies counted here.
func TestDCITreesByDefinition(t *testing.T) {
	codes, table := mixed(121)
	train, test := probe.Halves(121, 0)
	take := func(rows []int) *mat.Dense {
		out := mat.NewDense(len(rows), 2, nil)
		for i, from := range rows {
			out.SetRow(i, codes.RawRowView(from))
		}
		return out
	}
	matrix := mat.NewDense(2, 2, nil)
	var accuracy float64
	for j := range 2 {
		levels := levelsOfColumn(table, j+1)
		model := trees.Boost(take(train), probe.Pick(levels, train), nil, 3-j, trees.Settings{Rounds: 100, Rate: 0.1, Depth: 3, Leaf: 0.1, Subsample: 1})
		for i, gain := range model.Gain {
			matrix.Set(i, j, gain/(model.Gain[0]+model.Gain[1]))
		}
		p := model.Probabilities(take(test), 3-j)
		for i, from := range test {
			row := p.RawRowView(i)
			if row[levels[from]] == slices.Max(row) {
				accuracy += 1.0 / 61 / 2
			}
		}
	}
	want := NewImportance(matrix)
	r := reference.Must[metrics.Result](t)(DCITrees(codes, table, none))
	if !near(r.Value, want.Disentanglement) || !near(part(t, r, "completeness"), want.Completeness) || !near(part(t, r, "informativeness (accuracy)"), accuracy) ||
		!near(part(t, r, "factor 2"), want.PerFactor[0]) || !near(part(t, r, "factor 3"), want.PerFactor[1]) {
		t.Errorf("%+v, want %+v, accuracy %v", r, want, accuracy)
	}
	// A code that varies in the other half alone gives trees nothing to gain.
	late := mat.NewDense(121, 1, nil)
	for i, from := range test {
		late.Set(from, 0, float64(i))
	}
	if r := reference.Must[metrics.Result](t)(DCITrees(late, table, none)); r.Value != 0 || r.Degenerate || part(t, r, "completeness") != 0 {
		t.Errorf("no gain: %+v", r)
	}
}

// drawable are the rows of each level of the last two columns that has the ten rows that draws want.
func drawable(t *testing.T, table *mat.Dense) (out [2][][]int) {
	t.Helper()
	left := 0
	for j := range out {
		rows := make([][]int, 3-j)
		for i, l := range levelsOfColumn(table, j+1) {
			rows[l] = append(rows[l], i)
		}
		for _, r := range rows {
			if len(r) >= 10 {
				out[j] = append(out[j], r)
			} else {
				left++
			}
		}
	}
	if left != 1 {
		t.Fatalf("%d levels of fewer than ten rows, want one", left)
	}
	return out
}

// Votes by the same draws, with variances in two passes.
func TestFactorVAEByDefinition(t *testing.T) {
	codes, table := mixed(121)
	small := mat.NewDense(121, 4, nil) // with a column of standard deviation 0.07, and one of 0.03
	for i := range 121 {
		small.SetRow(i, []float64{codes.At(i, 0), codes.At(i, 1), 0.14 * float64(i%2), 0.06 * float64(i%2)})
	}
	spread := func(rows []int, j int) float64 {
		var v []float64
		for _, i := range rows {
			v = append(v, small.At(i, j))
		}
		return stat.Variance(v, nil)
	}
	var all []int
	byLevel := drawable(t, table)
	for i := range 121 {
		all = append(all, i)
	}
	r := stream.New(0, "factorvae")
	var votes [2][2][3]int // of training and after, by factor and column
	for v := range 3000 {
		j := r.IntN(2)
		level := byLevel[j][r.IntN(len(byLevel[j]))]
		var drawn []int
		for range 64 {
			drawn = append(drawn, level[r.IntN(len(level))])
		}
		steady := []float64{spread(drawn, 0) / spread(all, 0), spread(drawn, 1) / spread(all, 1), spread(drawn, 2) / spread(all, 2)}
		votes[v/2000][j][floats.MinIdx(steady)]++
	}
	var right int
	for c := range 3 {
		if votes[0][1][c] > votes[0][0][c] {
			right += votes[1][1][c]
		} else {
			right += votes[1][0][c]
		}
	}
	got := reference.Must[metrics.Result](t)(FactorVAE(small, table, none))
	if !near(got.Value, float64(right)/1000) || part(t, got, "columns active") != 3 {
		t.Errorf("%+v, want %v of three columns", got, float64(right)/1000)
	}
}

// Differences by the same draws, columns brought to deviation 1 by those of training.
func TestBetaVAEByDefinition(t *testing.T) {
	codes, table := mixed(121)
	byLevel := drawable(t, table)
	r := stream.New(0, "betavae")
	x, y := mat.NewDense(3000, 2, nil), make([]int, 3000)
	for v := range y {
		y[v] = r.IntN(2)
		for range 64 {
			level := byLevel[y[v]][r.IntN(len(byLevel[y[v]]))]
			a, b := level[r.IntN(len(level))], level[r.IntN(len(level))]
			for c := range 2 {
				x.Set(v, c, x.At(v, c)+math.Abs(codes.At(a, c)-codes.At(b, c))/64)
			}
		}
	}
	for c := range 2 {
		m, s := stat.PopMeanStdDev(mat.Col(nil, c, x)[:2000], nil)
		for v := range y {
			x.Set(v, c, (x.At(v, c)-m)/s)
		}
	}
	model, err := logistic.Fit(x.Slice(0, 2000, 0, 2).(*mat.Dense), y[:2000], 2, logistic.Settings{Lambda: 1.0 / 2000, Tolerance: 1e-4})
	if err != nil {
		t.Fatal(err)
	}
	p := model.Logits(x.Slice(2000, 3000, 0, 2).(*mat.Dense))
	var right float64
	for i := range 1000 {
		if (p.At(i, 1) > p.At(i, 0)) == (y[2000+i] == 1) {
			right++
		}
	}
	if got := reference.Must[metrics.Result](t)(BetaVAE(codes, table, none)); !near(got.Value, right/1000) || right == 1000 {
		t.Errorf("%v, want %v", got.Value, right/1000)
	}
}

// The penalty of one column, whose Lasso has a closed form: the correlation, drawn to 0 by the penalty, over the mean square.
func TestPenaltyByDefinition(t *testing.T) {
	const n = 47
	within := 0
	for seed := range uint64(8) {
		r := stream.New(seed, "penalty")
		z, y := make([]float64, n), make([]float64, n)
		for i := range z {
			z[i] = r.NormFloat64()
			y[i] = 0.2*z[i] + r.NormFloat64()
		}
		order := stream.Permutation(stream.New(seed, "lasso"), n)
		top := math.Abs(floats.Dot(z, y)) / n
		best, at := math.Inf(1), 0
		for a := range 12 {
			var sum float64
			for fold := range 10 {
				var zy, zz, rows float64
				for place, i := range order {
					if place%10 != fold {
						zy, zz, rows = zy+z[i]*y[i], zz+z[i]*z[i], rows+1
					}
				}
				w := math.Copysign(math.Max(0, math.Abs(zy/rows)-top/math.Pow(2, float64(a))), zy) / (zz / rows)
				for place, i := range order {
					if place%10 == fold {
						sum += (y[i] - w*z[i]) * (y[i] - w*z[i])
					}
				}
			}
			if sum < best {
				best, at = sum, a
			}
		}
		alpha, rmse := chooseAlpha(mat.NewDense(n, 1, z), y, seed)
		if !near(alpha, top/math.Pow(2, float64(at))) || !(math.Abs(rmse-math.Sqrt(best/n)) <= 1e-9) {
			t.Errorf("seed %d: penalty %v, error %v; want halving %d, %v", seed, alpha, rmse, at, math.Sqrt(best/n))
		}
		if at > 0 && at < 11 {
			within++
		}
	}
	if within == 0 {
		t.Error("no penalty between the ends")
	}
}

// A column whose mean square is 4 and correlation 2: (2 - 1/2)/4. One of zeros has no part. Two that are nearly one move by their
// difference a sweep, and do not arrive.
func TestLassoByHand(t *testing.T) {
	w, ok := lasso(mat.NewDense(2, 2, []float64{0, 2, 0, -2}), []float64{1, -1}, 0.5, nil)
	if !ok || w[0] != 0 || !near(w[1], 0.375) {
		t.Errorf("%v, %v; want 0 and 3/8", w, ok)
	}
	const apart = 1e-5
	codes, table := mat.NewDense(40, 2, nil), mat.NewDense(40, 1, nil)
	for i := range 40 {
		x, e := float64(i%2*2-1), float64(i/2%2*2-1)
		codes.SetRow(i, []float64{x, x + apart*e})
		table.Set(i, 0, (e+1)/2)
	}
	e := mat.Col(nil, 0, table)
	floats.AddConst(-0.5, e)
	floats.Scale(2, e)
	if w, ok := lasso(codes, e, 0, nil); ok || !(math.Abs(w[1]-0.2) <= 1e-3) || !(math.Abs(w[0]+0.2) <= 1e-3) {
		t.Errorf("%v, %v; want about 20000 steps of 1e-5 and no end", w, ok)
	}
	if _, err := DCI(codes, table, none); fmt.Sprint(err) != "metrics: dci: factor 0: the Lasso of 2 columns did not converge" {
		t.Errorf("%v, want a Lasso that did not converge", err)
	}
}
