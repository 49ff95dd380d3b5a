package critic

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// correlated draws d pairs of columns of correlation rho.
func correlated(n, d int, rho float64, seed uint64) (x, y *mat.Dense) {
	r := stream.New(seed, "correlated")
	x, y = mat.NewDense(n, d, nil), mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			u := r.NormFloat64()
			x.Set(i, j, u)
			y.Set(i, j, rho*u+math.Sqrt(1-rho*rho)*r.NormFloat64())
		}
	}
	return x, y
}

// bound is InfoNCE of held-out rows: the mean of f_ii - log mean_j exp f_ij.
func bound(f *mat.Dense) float64 {
	n, _ := f.Dims()
	var sum float64
	for i := range n {
		row := f.RawRowView(i)
		top := row[0]
		for _, v := range row {
			top = math.Max(top, v)
		}
		var s float64
		for _, v := range row {
			s += math.Exp(v - top)
		}
		sum += row[i] - top - math.Log(s/float64(n))
	}
	return sum / float64(n)
}

// Two pairs of correlation 0.8 hold 1.0217 nats; the critic finds most of it, and of shuffled rows nothing.
func TestInformationOfNormalPairs(t *testing.T) {
	x, y := correlated(3000, 2, 0.8, 1)
	heldX, heldY := correlated(400, 2, 0.8, 2)
	score, err := Train(Options{Width: 64, Steps: 1500})(x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := score(heldX, heldY)
	if err != nil {
		t.Fatal(err)
	}
	truth := -math.Log(1 - 0.64)
	if v := bound(f); v < 0.8*truth || v > 1.1*truth {
		t.Errorf("InfoNCE %v, want about %v", v, truth)
	}
	// The critic is the logarithm of the density ratio: its mean over pairs is the information.
	if v := mat.Trace(f) / 400; !(math.Abs(v-truth) <= 0.35) {
		t.Errorf("mean critic of pairs %v, want about %v", v, truth)
	}
	_, other := correlated(3000, 2, 0.8, 3)
	score, err = Train(Options{Width: 64, Steps: 400})(x, other, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, heldOther := correlated(400, 2, 0.8, 4)
	if f, err = score(heldX, heldOther); err != nil {
		t.Fatal(err)
	}
	if v := bound(f); !(math.Abs(v) <= 0.05) {
		t.Errorf("InfoNCE of unrelated rows %v, want about 0", v)
	}
}

func TestSameBytesAndFaults(t *testing.T) {
	x, y := correlated(200, 2, 0.5, 5)
	var first *mat.Dense
	for _, threads := range []int{1, 2} {
		parallel.SetThreads(threads)
		score, err := Train(Options{Width: 16, Steps: 60, Batch: 32})(x, y, 7)
		if err != nil {
			t.Fatal(err)
		}
		f, err := score(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = f
		} else if !mat.Equal(first, f) {
			t.Error("other bytes with another number of threads")
		}
		if _, err := score(y, mat.NewDense(200, 3, nil)); err == nil || !strings.Contains(err.Error(), "2 and 3 columns, trained on 2 and 2") {
			t.Errorf("rows of another width: %v", err)
		}
	}
	parallel.SetThreads(0)
	for want, pair := range map[string][2]*mat.Dense{
		"200 and 10 rows":      {x, mat.NewDense(10, 1, nil)},
		"all rows of a block":  {x, mat.NewDense(200, 2, nil)},
		"10 and 10 rows, want": {mat.NewDense(10, 1, nil), mat.NewDense(10, 1, nil)},
	} {
		if _, err := Train(Options{})(pair[0], pair[1], 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Train(Options{Rate: 1e30, Steps: 20})(x, y, 0); err == nil || !strings.Contains(err.Error(), "loss is") {
		t.Errorf("a diverging training: %v", err)
	}
}

// The law of normal pairs is known: q(y | x) is normal of mean rho·x and variance 1 - rho².
func TestDensityOfNormalPairs(t *testing.T) {
	const rho = 0.8
	x, y := correlated(3000, 2, rho, 1)
	y.Apply(func(_, j int, v float64) float64 { return 10*v + float64(j) }, y) // other units
	logDensity, err := TrainDensity(Options{Width: 64, Steps: 1500})(x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	heldX, heldY := correlated(400, 2, rho, 2)
	moved := mat.DenseCopyOf(heldY)
	moved.Apply(func(_, j int, v float64) float64 { return 10*v + float64(j) }, moved)
	got, err := logDensity(heldX, moved)
	if err != nil {
		t.Fatal(err)
	}
	var off, pairs, truth float64
	for i := range 400 {
		for j := range 400 {
			var want float64
			for k := range 2 {
				gap := heldY.At(j, k) - rho*heldX.At(i, k)
				want -= math.Log(2*math.Pi*(1-rho*rho))/2 + gap*gap/(2*(1-rho*rho)) + math.Log(10)
			}
			off += math.Abs(got.At(i, j)-want) / (400 * 400)
			if i == j {
				pairs += got.At(i, i) / 400
				truth += want / 400
			}
		}
	}
	if off > 0.8 || !(math.Abs(pairs-truth) <= 0.1) || pairs > truth+0.02 {
		t.Errorf("log density off by %v over all pairs; of true pairs %v, want about %v", off, pairs, truth)
	}
}

func TestDensityFaults(t *testing.T) {
	x, y := correlated(200, 2, 0.5, 5)
	for want, pair := range map[string][2]*mat.Dense{
		"density: 200 and 10 rows": {x, mat.NewDense(10, 1, nil)}, "density: all rows of a block": {x, mat.NewDense(200, 2, nil)},
	} {
		if _, err := TrainDensity(Options{})(pair[0], pair[1], 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	var first *mat.Dense
	for _, threads := range []int{1, 2} {
		parallel.SetThreads(threads)
		q, err := TrainDensity(Options{Width: 16, Steps: 60, Batch: 32})(x, y, 7)
		if err != nil {
			t.Fatal(err)
		}
		f, err := q(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = f
		} else if !mat.Equal(first, f) {
			t.Error("other bytes with another number of threads")
		}
		if _, err := q(mat.NewDense(3, 1, nil), y); err == nil || !strings.Contains(err.Error(), "1 and 2 columns, trained on 2 and 2") {
			t.Errorf("rows of another width: %v", err)
		}
	}
	parallel.SetThreads(0)
}
