package probe

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// Halves are each row once, the odd one held out; folds take every fifth.
func TestHalvesAndFolds(t *testing.T) {
	train, test := Halves(7, 3)
	both := slices.Sorted(slices.Values(slices.Concat(train, test)))
	if len(train) != 3 || len(test) != 4 || !slices.Equal(both, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("halves %v and %v", train, test)
	}
	if other, _ := Halves(200, 4); slices.Equal(other, first(Halves(200, 3))) {
		t.Error("another seed draws the same halves")
	}
	in, out := foldOf(7, 1)
	if !slices.Equal(out, []int{1, 6}) || !slices.Equal(in, []int{0, 2, 3, 4, 5}) {
		t.Errorf("fold of %v and %v", in, out)
	}
	if got := Pick([]int{5, 6, 7}, []int{2, 0, 0}); !slices.Equal(got, []int{7, 5, 5}) {
		t.Errorf("picked %v", got)
	}
	if got := Predictions([][]float64{{0.2, 0.5, 0.3}, {0.4, 0.4, 0.2}, {0, 0.4, 0.6}}); !slices.Equal(got, []int{1, 0, 2}) {
		t.Errorf("predictions %v", got)
	}
	if Kinds != 3 {
		t.Errorf("%d kinds", Kinds)
	}
}

func first(train, _ []int) []int { return train }

// Shares of the five nearest of 0 to 11: of 2.1 the rows 0 to 4; of the middle, those around it.
func TestNeighbourShares(t *testing.T) {
	x, labels := mat.NewDense(12, 1, nil), make([]int, 12)
	for i := range 12 {
		x.Set(i, 0, float64(i))
		labels[i] = i % 3
	}
	p := reference.Must[[][]float64](t)(Neighbours.Probabilities(x, labels, 4, mat.NewDense(2, 1, []float64{2.1, 6.9})))
	for i, want := range [][]float64{{0.4, 0.4, 0.2, 0}, {0.4, 0.2, 0.4, 0}} { // rows 0 to 4: 0 1 2 0 1; rows 5 to 9: 2 0 1 2 0
		for c, v := range want {
			if !(math.Abs(p[i][c]-v) <= 1e-12) {
				t.Errorf("row %d: %v, want %v", i, p[i], want)
			}
		}
	}
}

func TestErrorsAndConstantCodes(t *testing.T) {
	nine, ten := make([]int, 9), []int{0, 0, 0, 0, 0, 0, 0, 1, 1, 2}
	_, err := Linear.Probabilities(mat.NewDense(9, 1, nil), nine, 2, mat.NewDense(1, 1, nil))
	if fmt.Sprint(err) != "metrics: probe: 9 training rows, want at least 10" {
		t.Errorf("nine rows: %v", err)
	}
	for k := range Kind(Kinds) {
		p := reference.Must[[][]float64](t)(k.Probabilities(mat.NewDense(10, 2, nil), ten, 4, mat.NewDense(3, 2, nil)))
		for _, row := range p {
			if len(p) != 3 || len(row) != 4 || !(math.Abs(row[0]-0.7) <= 1e-12) || !(math.Abs(row[1]-0.2) <= 1e-12) || !(math.Abs(row[2]-0.1) <= 1e-12) || row[3] != 0 {
				t.Errorf("%v of a constant code: %v", k, row)
			}
		}
	}
	if _, err := NetworkValues(mat.NewDense(9, 1, nil), make([]float64, 9), mat.NewDense(1, 1, nil)); fmt.Sprint(err) != "metrics: probe: 9 training rows, want at least 10" {
		t.Errorf("nine values: %v", err)
	}
	y := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	flat := mat.NewDense(10, 1, nil)
	for name, p := range map[string][]float64{
		"network": reference.Must[[]float64](t)(NetworkValues(flat, y, mat.NewDense(2, 1, []float64{3, 4}))),
		"ridge":   reference.Must[[]float64](t)(Ridge(flat, y, 1, mat.NewDense(2, 1, []float64{3, 4}))),
		"chosen":  reference.Must[[]float64](t)(ChosenRidge(flat, y, mat.NewDense(2, 1, []float64{3, 4}))),
	} {
		if len(p) != 2 || !(math.Abs(p[0]-5.5) <= 1e-12) || !(math.Abs(p[1]-5.5) <= 1e-12) {
			t.Errorf("%s of a constant code: %v, want the mean 5.5", name, p)
		}
	}
	if _, err := Ridge(mat.NewDense(2, 2, []float64{0, 0, 1, 1}), []float64{1, 2}, -10, mat.NewDense(1, 2, nil)); fmt.Sprint(err) != "metrics: ridge probe: the normal equations of 2 columns are not positive definite at penalty -10" {
		t.Errorf("negative penalty: %v", err)
	}
}

// Ridge of one column by hand: standardised it is -1, 1 (twice each), y 0, 0, 4, 4: slope 8/(4 + penalty) about the mean 2.
func TestRidgeByHand(t *testing.T) {
	p := reference.Must[[]float64](t)(Ridge(mat.NewDense(4, 1, []float64{1, 1, 3, 3}), []float64{0, 0, 4, 4}, 4, mat.NewDense(3, 1, []float64{1, 2, 5})))
	for i, want := range []float64{1, 2, 5} {
		if !(math.Abs(p[i]-want) <= 1e-12) {
			t.Errorf("%v, want 1, 2 and 5", p)
		}
	}
	if v := RSquared([]float64{1, 3}, []float64{2, 2}, 1); !(math.Abs(v-0.5) <= 1e-12) {
		t.Errorf("R squared about the training mean %v, want 1/2", v)
	}
}

// The penalties chosen are those of the least held-out loss over five folds, counted plainly.
func TestPenaltiesByPlainFolds(t *testing.T) {
	lambdasSeen, penaltiesSeen := map[float64]bool{}, map[float64]bool{}
	for _, spread := range []float64{0.1, 0.8, 0.9, 1, 3.5, 80} {
		r := stream.New(9, "penalty", spread)
		const n = 40
		x, labels, values := mat.NewDense(n, 6, nil), make([]int, n), make([]float64, n)
		for i := range n {
			labels[i] = i % 2
			for j := range 6 {
				x.Set(i, j, r.NormFloat64()*spread+float64(labels[i]))
			}
			values[i] = 3 + x.At(i, 0) + 2*spread*r.NormFloat64()
		}
		loss := func(of func(in, out []int) float64) float64 {
			var sum float64
			for fold := range 5 {
				var in, out []int
				for i := range n {
					if i%5 == fold {
						out = append(out, i)
					} else {
						in = append(in, i)
					}
				}
				sum += of(in, out)
			}
			return sum
		}
		best, chosen := math.Inf(1), 0.0
		for _, lambda := range []float64{1, 1e-1, 1e-2, 1e-3, 1e-4} {
			if v := loss(func(in, out []int) (sum float64) {
				m := reference.Must[*logistic.Model](t)(logistic.Fit(rows.Take(x, in), Pick(labels, in), 2, logistic.Settings{Lambda: lambda, Tolerance: 1e-7}))
				p := m.Probabilities(rows.Take(x, out))
				for i, from := range out {
					sum -= math.Log(p.At(i, labels[from]))
				}
				return sum
			}); v < best {
				best, chosen = v, lambda
			}
		}
		if got := reference.Must[float64](t)(chooseLambda(x, labels, 2)); got != chosen {
			t.Errorf("spread %v: lambda %v, want %v", spread, got, chosen)
		}
		lambdasSeen[chosen] = true
		best, chosen = math.Inf(1), 0
		of := func(values []float64, rows []int) (out []float64) {
			for _, i := range rows {
				out = append(out, values[i])
			}
			return out
		}
		for _, penalty := range []float64{1e4, 1e3, 1e2, 10, 1} {
			if v := loss(func(in, out []int) (sum float64) {
				p := reference.Must[[]float64](t)(Ridge(rows.Take(x, in), of(values, in), penalty, rows.Take(x, out)))
				for i, from := range out {
					sum += (values[from] - p[i]) * (values[from] - p[i])
				}
				return sum
			}); v < best {
				best, chosen = v, penalty
			}
		}
		got, want := reference.Must[[]float64](t)(ChosenRidge(x, values, x)), reference.Must[[]float64](t)(Ridge(x, values, chosen, x))
		if !slices.Equal(got, want) {
			t.Errorf("spread %v: the ridge chosen is not that of %v", spread, chosen)
		}
		penaltiesSeen[chosen] = true
	}
	if len(lambdasSeen) != 5 || len(penaltiesSeen) != 5 {
		t.Errorf("chosen are %v and %v, want each of five once at least", lambdasSeen, penaltiesSeen)
	}
}
