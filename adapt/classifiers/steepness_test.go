package classifiers

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// Decisions of s for the own class in right rows and for the other in wrong ones: the mean cross-entropy of
// softmax(b f) is least where the chance of being right is its share, so b = log(right/wrong)/s.
func TestSteepness(t *testing.T) {
	for _, tt := range []struct {
		wrong, scale float64
		want         float64 // nan: by the share
	}{{0.25, 1, math.NaN()}, {0.4, 3, math.NaN()}, {0, 0.05, 100}, {1, 1, 0.01}} {
		n := 100
		r := &training{x: mat.NewDense(n, 1, nil), labels: make([]int, n)}
		draw := stream.New(1, "steep")
		for i := range n {
			r.labels[i] = i % 2
			r.x.Set(i, 0, tt.scale)
			if draw.Float64() < tt.wrong {
				r.x.Set(i, 0, -tt.scale)
			}
			if i%2 == 1 {
				r.x.Set(i, 0, -r.x.At(i, 0))
			}
		}
		kept, held, err := domains.HoldOut(r.labels, 2, 0.2, 0)
		if err != nil || len(held) != 20 {
			t.Fatal(err)
		}
		var right, wrong float64
		for _, i := range held {
			if r.x.At(i, 0) > 0 == (r.labels[i] == 0) {
				right++
			} else {
				wrong++
			}
		}
		got, err := steepness(r, 2, func(part *training) (func(x *mat.Dense) *mat.Dense, error) {
			if !mat.Equal(part.x, rows.Take(r.x, kept)) {
				t.Error("the first fit is on the kept rows")
			}
			return func(x *mat.Dense) *mat.Dense {
				f := mat.NewDense(len(held), 2, nil)
				f.SetCol(0, mat.Col(nil, 0, x))
				return f
			}, nil
		})
		want := tt.want
		if math.IsNaN(want) {
			want = math.Log(right/wrong) / tt.scale
		}
		if err != nil || !(math.Abs(got/want-1) <= 1e-6) {
			t.Errorf("%+v: %v, want %v (%v)", tt, got, want, err)
		}
	}
	single := &training{x: toy.Column(1, 2), labels: []int{0, 1}}
	if got, err := steepness(single, 2, nil); got != 1 || err != nil {
		t.Errorf("no class of two rows: %v, %v", got, err)
	}
	two := &training{x: toy.Column(1, 2, 3), labels: []int{0, 1, 1}, weights: []float64{1, 2, 3}}
	if got, err := steepness(two, 2, func(*training) (func(x *mat.Dense) *mat.Dense, error) { return nil, fmt.Errorf("no") }); got != 0 || err == nil {
		t.Errorf("a fit that fails: %v, %v", got, err)
	}
	part := two.take([]int{2, 0})
	if !slices.Equal(part.labels, []int{1, 0}) || !slices.Equal(part.weights, []float64{3, 1}) || part.x.At(0, 0) != 3 {
		t.Errorf("taken: %+v", part)
	}
	p := softmaxOf(mat.NewDense(1, 2, []float64{1, 3}), 0.5)
	toy.Close(t, "softmax", p.RawRowView(0), []float64{1 / (1 + math.E), math.E / (1 + math.E)}, 1e-12)
}
