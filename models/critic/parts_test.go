package critic

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/zscore"
)

func TestDefaults(t *testing.T) {
	if o := (Options{}).filled(); o != (Options{Width: 128, Steps: 3000, Batch: 256, Rate: 5e-4, Patience: 10}) {
		t.Errorf("%+v", o)
	}
	asked := Options{Width: 1, Steps: 2, Batch: 3, Rate: 4, Patience: 5}
	if o := asked.filled(); o != asked {
		t.Errorf("%+v", o)
	}
}

// Every shift moves every place, by one to n - 1, each place to another.
func TestDeranged(t *testing.T) {
	if got := deranged(4, 0); !slices.Equal(got, []int{1, 2, 3, 0}) {
		t.Errorf("no shift: %v", got)
	}
	if got := deranged(4, 2); !slices.Equal(got, []int{3, 0, 1, 2}) {
		t.Errorf("a shift of 2: %v", got)
	}
	for shift := range 12 {
		if got, want := deranged(5, shift), (1+shift%4)%5; got[0] != want || got[4] != (4+want)%5 {
			t.Errorf("a shift of %d: %v, want places moved by %d", shift, got, want)
		}
	}
}

// Whole pairs come first, then each row of x with the partner of another.
func TestPairsByHand(t *testing.T) {
	x, y := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), mat.NewDense(3, 1, []float64{10, 20, 30})
	input := make([]float32, 12)
	fillPairs(input, x, y, []int{2, 0}, []int{1, 0})
	if want := []float32{5, 6, 30, 1, 2, 10, 5, 6, 10, 1, 2, 30}; !slices.Equal(input, want) {
		t.Errorf("%v, want %v", input, want)
	}
}

// The parameters of the least loss are kept, and so many looks without a lower one end a training.
func TestKeepsTheBest(t *testing.T) {
	c := newTraining("critic", Options{Width: 2, Patience: 2, Rate: 1}, 1)
	c.layers(1, 1)
	p := c.trained()
	at := func(v float32) {
		for _, q := range p {
			for i := range q.Data {
				q.Data[i] = v
			}
		}
	}
	for i, look := range []struct {
		loss float64
		stop bool
		best float32
	}{{3, false, 0}, {2, false, 1}, {2, false, 1}, {1, false, 3}, {1.5, false, 3}, {9, true, 3}} {
		at(float32(i))
		if stop := c.keep(look.loss); stop != look.stop || c.best[0][0] != look.best || len(c.best) != len(p) {
			t.Errorf("look %d: stop %v, parameters of look %v, want %+v", i, stop, c.best[0][0], look)
		}
	}
}

// A training that goes from bad to worse ends with the parameters of its first look, those of a training of as many steps.
func TestTrainingTakesTheBestBack(t *testing.T) {
	x, y := correlated(60, 2, 0.9, 1)
	train := func(steps int) (*mat.Dense, float64) {
		c, err := newCritic(Options{Width: 64, Steps: steps, Batch: 48, Rate: 0.05}.filled(), x, y, 2)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.train(x, y); err != nil {
			t.Fatal(err)
		}
		f, err := c.scores(x, y)
		if err != nil {
			t.Fatal(err)
		}
		return f, c.bestLoss
	}
	short, first := train(50)
	long, best := train(600) // overfits 48 rows from its first looks on
	if best > first {
		t.Errorf("loss %v after 600 steps, %v after 50", best, first)
	}
	if best == first != mat.Equal(short, long) {
		t.Error("the critic is not that of the least loss")
	}
	if best != first {
		t.Error("the loss fell after 50 steps: nothing is proven")
	}
}

// Scores of all pairs are those of each pair alone, for blocks of unequal width and samples of unequal size; columns that
// do not vary are left out.
func TestScoresPairByPair(t *testing.T) {
	x, y := correlated(80, 3, 0.8, 1)
	y = mat.DenseCopyOf(y.Slice(0, 80, 0, 2))
	wide := mat.NewDense(80, 4, nil)
	for i := range 80 {
		wide.SetRow(i, []float64{x.At(i, 0), 7, x.At(i, 1), x.At(i, 2)})
	}
	o := Options{Width: 8, Steps: 60, Batch: 16, Rate: 1e-2}
	for name, train := range map[string]func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error){"critic": Train(o), "density": TrainDensity(o)} {
		of, err := train(wide, y, 3)
		if err != nil {
			t.Fatal(err)
		}
		a, b := mat.DenseCopyOf(wide.Slice(0, 5, 0, 4)), mat.DenseCopyOf(y.Slice(10, 17, 0, 2))
		all, err := of(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if n, m := all.Dims(); n != 5 || m != 7 {
			t.Fatalf("%s: scores of %d x %d", name, n, m)
		}
		for i := range 5 {
			for j := range 7 {
				one, err := of(mat.DenseCopyOf(a.Slice(i, i+1, 0, 4)), mat.DenseCopyOf(b.Slice(j, j+1, 0, 2)))
				if err != nil || !(math.Abs(one.At(0, 0)-all.At(i, j)) <= 1e-5) {
					t.Fatalf("%s: pair %d, %d: %v alone (%v), %v among all", name, i, j, one.At(0, 0), err, all.At(i, j))
				}
			}
		}
		if all.At(0, 0) == all.At(0, 1) || all.At(0, 0) == all.At(1, 0) {
			t.Errorf("%s: the scores do not tell rows apart", name)
		}
		for _, tt := range []struct {
			p, q int
			want string
		}{{3, 2, "3 and 2"}, {4, 3, "4 and 3"}} {
			if _, err := of(mat.NewDense(2, tt.p, nil), mat.NewDense(2, tt.q, nil)); fmt.Sprint(err) != "models: "+name+": rows of "+tt.want+" columns, trained on 4 and 2" {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, tt := range []struct{ n, m int }{{19, 19}, {80, 40}, {40, 80}} {
			if _, err := train(mat.NewDense(tt.n, 1, nil), mat.NewDense(tt.m, 1, nil), 0); fmt.Sprint(err) != fmt.Sprintf("models: %s: %d and %d rows, want pairs and at least 20", name, tt.n, tt.m) {
				t.Errorf("%s: %v", name, err)
			}
		}
		few := mat.DenseCopyOf(y.Slice(0, 20, 0, 2))
		if _, err := train(few, few, 0); err != nil {
			t.Errorf("%s of 20 rows: %v", name, err)
		}
		for _, pair := range [][2]*mat.Dense{{few, mat.NewDense(20, 2, nil)}, {mat.NewDense(20, 2, nil), few}} {
			if _, err := train(pair[0], pair[1], 0); fmt.Sprint(err) != "models: "+name+": all rows of a block are equal" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A density of parameters 0 is the standard normal law of the z-scored columns: by hand, with the change of units.
func TestDensityOfNothingLearnt(t *testing.T) {
	x, y := correlated(40, 2, 0, 1)
	d := &density{training: newTraining("density", Options{Width: 4}, 1), scaleX: zscore.Learn(x), scaleY: zscore.Learn(y), p: 2, q: 2}
	d.layers(2, 2, 2)
	for _, p := range d.trained() {
		clear(p.Data)
	}
	var mean, variance [2]float64
	for j := range 2 {
		for i := range 40 {
			mean[j] += y.At(i, j) / 40
		}
		for i := range 40 {
			variance[j] += (y.At(i, j) - mean[j]) * (y.At(i, j) - mean[j]) / 40
		}
	}
	got, err := d.logDensity(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		for k := range 40 {
			want := 0.0
			for j := range 2 {
				gap := y.At(k, j) - mean[j]
				want -= (math.Log(2*math.Pi*variance[j]) + gap*gap/variance[j]) / 2
			}
			if !(math.Abs(got.At(i, k)-want) <= 1e-6) {
				t.Fatalf("row %d: %v, want %v", k, got.At(i, k), want)
			}
		}
	}
}
