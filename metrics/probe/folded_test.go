package probe

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/reference"
	_ "github.com/venn-adapt/venn/internal/seeded"
	"github.com/venn-adapt/venn/internal/stream"
)

// Each row's probabilities are those of scikit-learn (testdata/folded.py), of two classes and of three.
func TestFoldedAgainstScikitLearn(t *testing.T) {
	var want map[string][][]float64
	if err := json.Unmarshal(reference.Must[[]byte](t)(os.ReadFile("testdata/folded.json")), &want); err != nil {
		t.Fatal(err)
	}
	const n = 60
	x, fold := mat.NewDense(n, 3, nil), make([]int, n)
	labels := map[string][]int{}
	for i := range n {
		f, square := float64(i), i*i%7
		x.SetRow(i, []float64{math.Sin(1.3*f) + float64(square%3), 5 + 2*math.Cos(0.7*f*f), math.Sin(2.9*f) * float64(i%4)})
		fold[i] = i % 5
		labels["two"], labels["three"] = append(labels["two"], square%2), append(labels["three"], square%3)
	}
	for name, classes := range map[string]int{"two": 2, "three": 3} {
		p := reference.Must[[][]float64](t)(foldedBy(x, labels[name], classes, fold))
		for i, row := range p {
			for c, v := range row {
				if len(want[name]) != n || !(math.Abs(v-want[name][i][c]) <= 1e-6) {
					t.Fatalf("%s: row %d: %v, want %v", name, i, row, want[name][i])
				}
			}
		}
	}
}

// Folds share out each class evenly, and all rows, whatever the labels; another seed shares out
// otherwise.
func TestDealtIsStratified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.IntRange(0, 3), 10, 80).Draw(t, "labels")
		fold := dealt(labels, 4, rapid.Uint64().Draw(t, "seed"))
		for class := -1; class < 4; class++ { // -1: all
			var size [folds]int
			for i, f := range fold {
				if class < 0 || labels[i] == class {
					size[f]++
				}
			}
			if slices.Max(size[:])-slices.Min(size[:]) > 1 {
				t.Fatalf("class %d: folds of %v", class, size)
			}
		}
	})
	labels := make([]int, 40)
	if slices.Equal(dealt(labels, 1, 1), dealt(labels, 1, 2)) || !slices.Equal(dealt(labels, 1, 1), dealt(labels, 1, 1)) {
		t.Error("the seed does not say the folds")
	}
}

// Separated heaps are told without a fault, a constant code by the shares of the
// training rows, and labels that the code knows nothing of at chance.
func TestFoldedByHand(t *testing.T) {
	const n = 50
	x, noise, labels := mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil), make([]int, n)
	r := stream.New(5, "folded")
	for i := range n {
		labels[i] = i % 2
		x.SetRow(i, []float64{float64(10*labels[i]) + r.NormFloat64(), 7})
		noise.SetRow(i, []float64{r.NormFloat64(), r.NormFloat64()})
	}
	hits := func(p [][]float64) (h int) {
		for i, c := range Predictions(p) {
			if c == labels[i] {
				h++
			}
		}
		return h
	}
	if h := hits(reference.Must[[][]float64](t)(Folded(x, labels, 2, 3))); h != n {
		t.Errorf("%d hits of %d of separated heaps", h, n)
	}
	if h := hits(reference.Must[[][]float64](t)(Folded(noise, labels, 2, 3))); h < 15 || h > 35 {
		t.Errorf("%d hits of %d of noise", h, n)
	}
	for i, row := range reference.Must[[][]float64](t)(Folded(mat.NewDense(n, 2, nil), labels, 2, 3)) {
		if !(math.Abs(row[0]-0.5) <= 1e-12) || !(math.Abs(row[1]-0.5) <= 1e-12) {
			t.Fatalf("row %d of a constant code: %v", i, row)
		}
	}
	if _, err := Folded(mat.NewDense(9, 1, nil), make([]int, 9), 2, 0); err == nil || err.Error() != "metrics: probe: 9 rows, want at least 10" {
		t.Error(err)
	}
}
