package independence

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// wideBlocks draws blocks of one and of two columns.
func wideBlocks(n int) (x, y *mat.Dense) {
	r := stream.New(1, "wide", n)
	x, y = mat.NewDense(n, 1, nil), mat.NewDense(n, 2, nil)
	for i := range n {
		x.Set(i, 0, r.NormFloat64())
		y.SetRow(i, []float64{r.NormFloat64(), x.At(i, 0) + r.NormFloat64()})
	}
	return x, y
}

// score is what the trainers below say of a pair.
func score(x, y []float64) float64 { return x[0]*y[1] - y[0]*y[0]/4 }

// The first half of the rows in drawn order trains, up to 512 of the others are scored; values are those of the scores, and of
// pairs one off.
func TestBoundsByDefinition(t *testing.T) {
	for _, tt := range []struct{ n, trained, held int }{{61, 30, 31}, {50, 25, 25}, {1101, 550, 512}} {
		x, y := wideBlocks(tt.n)
		order := stream.Permutation(stream.New(9, "bounds"), tt.n)
		train, held := order[:tt.trained], order[tt.trained:tt.trained+tt.held]
		trainer := func(a, b *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
			if seed != 9 || !mat.Equal(a, rows.Take(x, train)) || !mat.Equal(b, rows.Take(y, train)) {
				t.Errorf("%d rows: trained on others, or with seed %d", tt.n, seed)
			}
			return func(a, b *mat.Dense) (*mat.Dense, error) {
				n, _ := a.Dims()
				out := mat.NewDense(n, n, nil)
				out.Apply(func(i, j int, _ float64) float64 { return score(a.RawRowView(i), b.RawRowView(j)) }, out)
				return out, nil
			}, nil
		}
		var right, wrong float64 // InfoNCE and CLUB of the scores
		var clubRight, clubWrong, pairs float64
		for i, from := range held {
			var row []float64
			for _, other := range held {
				row = append(row, score(x.RawRowView(from), y.RawRowView(other)))
			}
			k := float64(tt.held)
			mean := floats.LogSumExp(row) - math.Log(k)
			right, wrong = right+(row[i]-mean)/k, wrong+(row[(i+1)%tt.held]-mean)/k
			clubRight, clubWrong, pairs = clubRight+(row[i]-stat.Mean(row, nil))/k, clubWrong+(row[(i+1)%tt.held]-stat.Mean(row, nil))/k, pairs+row[i]/k
		}
		for _, m := range append(BoundMeasures(trainer), CLUBMeasure(trainer)) {
			r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Seed: 9}))
			if r.N != tt.n || r.Name != m.Name || m.MinRows != 50 || m.Kind != metrics.Independence || m.Better != metrics.LowerIsBetter {
				t.Errorf("%s: %+v of %+v", m.Name, r, m)
			}
			want := map[string][3]float64{"infonce": {right, wrong, math.Log(float64(tt.held))}, "club": {clubRight, clubWrong, pairs}}[m.Name]
			if m.Name == "infonce" || m.Name == "club" {
				if got := [3]float64{r.Value, r.Parts[0].Value, r.Parts[1].Value}; !floats.EqualApprox(got[:], want[:], 1e-9) {
					t.Errorf("%s of %d rows: %v, want %v", m.Name, tt.n, got, want)
				}
			}
			for _, constant := range [][2]*mat.Dense{{x, mat.NewDense(tt.n, 2, nil)}, {mat.NewDense(tt.n, 1, nil), y}} {
				if c := reference.Must[metrics.Result](t)(m.Compute(constant[0], constant[1], metrics.Settings{Permutations: 9})); !c.Degenerate || c.P != nil || c.Value != 0 {
					t.Errorf("%s of a constant block: %+v", m.Name, c)
				}
			}
			short, other := wideBlocks(49)
			if _, err := m.Compute(short, other, metrics.Settings{}); fmt.Sprint(err) != "metrics: "+m.Name+": 49 rows, want at least 50" {
				t.Errorf("%s of 49 rows: %v", m.Name, err)
			}
		}
	}
}

func TestBoundErrors(t *testing.T) {
	square := func(v ...float64) *mat.Dense { return mat.NewDense(2, 2, v) }
	x, y := wideBlocks(10)
	never := func(_, _ *mat.Dense, _ uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
		return nil, fmt.Errorf("asked to train")
	}
	bounds := func(x, y *mat.Dense, train float64) error {
		_, _, err := NeuralBounds(x, y, never, train, 5, 1)
		return err
	}
	only := func(_ any, err error) error { return err }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{only(NewBounds(square(1, 2, math.NaN(), 4), 1)), "metrics: bounds: score 1, 0 is NaN, want a finite number"},
		{only(NewBounds(square(1, math.Inf(1), 3, 4), 1)), "metrics: bounds: score 0, 1 is +Inf, want a finite number"},
		{only(NewBounds(square(1, 2, 3, math.Inf(-1)), 1)), "metrics: bounds: score 1, 1 is -Inf, want a finite number"},
		{only(NewBounds(square(1, 2, 3, 4), 0)), "metrics: bounds: scores of 2 x 2, clip 0: want a square of at least 2 and a number above 0"},
		{only(NewBounds(square(1, 2, 3, 4), math.NaN())), "metrics: bounds: scores of 2 x 2, clip NaN: want a square of at least 2 and a number above 0"},
		{only(NewBounds(mat.NewDense(1, 1, nil), 1)), "metrics: bounds: scores of 1 x 1, clip 1: want a square of at least 2 and a number above 0"},
		{only(NewBounds(mat.NewDense(2, 3, nil), 1)), "metrics: bounds: scores of 2 x 3, clip 1: want a square of at least 2 and a number above 0"},
		{only(CLUB(mat.NewDense(2, 3, nil))), "metrics: club: log densities of 2 x 3, want a square"},
		{bounds(x, y, 0.1), "metrics: neural bounds: 10 and 10 rows, 1 to train on: want pairs, and at least 2 on each side"},
		{bounds(x, y, 0.95), "metrics: neural bounds: 10 and 10 rows, 9 to train on: want pairs, and at least 2 on each side"},
		{bounds(x, mat.NewDense(9, 2, nil), 0.5), "metrics: neural bounds: 10 and 9 rows, 5 to train on: want pairs, and at least 2 on each side"},
		{bounds(x, y, 0.2), "asked to train"},
		{bounds(x, y, 0.8), "asked to train"},
		{only(NOCCO(x, y, Widths{}, -1, metrics.Settings{})), "metrics: nocco: 10 rows, epsilon -1: want 4 to 2000 rows and a number above 0"},
		{only(NOCCO(mat.NewDense(2001, 1, nil), mat.NewDense(2001, 1, nil), Widths{}, 1, metrics.Settings{})), "metrics: nocco: 2001 rows, epsilon 1: want 4 to 2000 rows and a number above 0"},
		{only(BlockHSIC(x, y, 3, Widths{}, metrics.Settings{})), "metrics: hsic-block: 3 blocks of 3 rows, want at least 2 of at least 4"},
		{only(BlockHSIC(x, y, 6, Widths{}, metrics.Settings{})), "metrics: hsic-block: 1 blocks of 6 rows, want at least 2 of at least 4"},
	} {
		if got := fmt.Sprint(tt.err); got != tt.want {
			t.Errorf("error %q, want %q", got, tt.want)
		}
	}
}

// Blocks of rows in drawn order, each by the statistic of its own, with widths of all rows.
func TestBlocksByDefinition(t *testing.T) {
	for _, tt := range []struct{ n, size, rows, blocks int }{{103, 0, 10, 10}, {10, 0, 4, 2}, {100, 5, 5, 20}, {83, 4, 4, 20}} {
		x, y := wideBlocks(tt.n)
		w := Widths{X: 1.5, Y: 2}
		order := stream.Permutation(stream.New(4, "blocks"), tt.n)
		var values []float64
		for k := range tt.blocks {
			some := order[k*tt.rows : (k+1)*tt.rows]
			f := Statistic{Name: "one", Widths: w, Estimator: U}
			values = append(values, reference.Must[metrics.Result](t)(f.Measure(rows.Take(x, some), rows.Take(y, some), metrics.Settings{})).Value)
		}
		mean, deviation := stat.MeanStdDev(values, nil)
		z := mean / deviation * math.Sqrt(float64(tt.blocks))
		r := reference.Must[metrics.Result](t)(BlockHSIC(x, y, tt.size, w, metrics.Settings{Seed: 4}))
		if !floats.EqualApprox([]float64{r.Value, r.Parts[0].Value, r.Parts[1].Value, *r.P}, []float64{mean, deviation, z, distuv.UnitNormal.Survival(z)}, 1e-10) {
			t.Errorf("%+v: %+v, p %v; want %v, %v, %v", tt, r, *r.P, mean, deviation, z)
		}
		few := fmt.Sprintf("%d blocks, fewer than 20", tt.blocks)
		if name := "hsic-block"; slices.Contains(r.Warnings, few) != (tt.blocks < 20) || (r.Name == name) != (tt.size != 4) {
			t.Errorf("%+v: %s, %q", tt, r.Name, r.Warnings)
		}
	}
}

// Features of all rows multiply to the kernel: landmarks exactly, Cholesky's factor but for a millionth of the trace, Fourier's with
// a diagonal of 1.
func TestFeaturesMultiplyToTheKernel(t *testing.T) {
	const n, width = 24, 1.3
	_, y := wideBlocks(n)
	landmarks := reference.Must[*mat.Dense](t)(nystromFeatures(y, rows.All(n), width))
	factor := reference.Must[*mat.Dense](t)(choleskyFeatures(y, width))
	fourier := reference.Must[*mat.Dense](t)(Fourier.features(y, width, 1, "x"))
	for i := range n {
		for j := range n {
			a, b := y.RawRowView(i), y.RawRowView(j)
			want := math.Exp(-((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1])) / (2 * width * width))
			of := func(phi *mat.Dense) float64 { return floats.Dot(phi.RawRowView(i), phi.RawRowView(j)) }
			if !(math.Abs(of(landmarks)-want) <= 1e-6) || !(math.Abs(of(factor)-want) <= 1e-4) || !(math.Abs(of(fourier)-want) <= 0.6) || i == j && !(math.Abs(of(fourier)-1) <= 1e-12) {
				t.Errorf("rows %d and %d: %v by landmarks, %v by the factor, %v by frequencies; want %v", i, j, of(landmarks), of(factor), of(fourier), want)
			}
		}
	}
	if _, d := fourier.Dims(); d != 128 {
		t.Errorf("%d columns of 64 frequencies", d)
	}
	if some := reference.Must[*mat.Dense](t)(Nystrom.features(y, width, 1, "x")); some.RawMatrix().Cols != 10 { // 2 sqrt(24) = 9.8
		t.Errorf("%d landmarks of 24 rows, want 10", some.RawMatrix().Cols)
	}
	wide := mat.NewDense(600, 12, nil)
	r := stream.New(3, "wide")
	wide.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, wide)
	if _, err := choleskyFeatures(wide, 1); err == nil || !strings.HasPrefix(err.Error(), "512 columns leave 0.1") || !strings.HasSuffix(err.Error(), " of the kernel's trace: the block has too many dimensions for an incomplete Cholesky factor") {
		t.Errorf("twelve dimensions: %v", err)
	}
	kept := math.Inf(1)
	x, y := wideBlocks(60)
	for _, b := range []*mat.Dense{x, y} {
		phi := reference.Must[*mat.Dense](t)(Nystrom.features(b, 1, 7, map[bool]string{true: "x", false: "y"}[b == x]))
		kept = math.Min(kept, math.Pow(mat.Norm(phi, 2), 2)/60)
	}
	if got := reference.Must[metrics.Result](t)(FeatureHSIC(x, y, Nystrom, Widths{X: 1, Y: 1}, metrics.Settings{Seed: 7})); !(math.Abs(got.Parts[0].Value-kept) <= 1e-12) {
		t.Errorf("kept %v, want the smaller share %v", got.Parts[0].Value, kept)
	}
}
