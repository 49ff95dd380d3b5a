package probe

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/perceptron"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// The settings that the text of the network states: batches of a sixteenth of the rows, from 16 to 128.
func TestNetworkSettings(t *testing.T) {
	for n, batch := range map[int]int{10: 16, 256: 16, 640: 40, 2048: 128, 3000: 128} {
		s := network(n)
		if !slices.Equal(s.Hidden, []int{128, 128}) || s.Rate != 0.001 || s.Decay != 0.001 || s.Dropout != 0 || s.Batch != batch || s.Epochs != 100 || s.Seed != 0 {
			t.Errorf("%d rows: %+v, want batches of %d", n, s, batch)
		}
	}
}

// Columns and values brought to mean 0 and deviation 1 by training figures, every tenth row held to choose the epoch, the last
// tenth too; and the same of classes by both kinds that are fitted.
func TestFitsByDefinition(t *testing.T) {
	r := stream.New(12, "definition")
	const n, held = 53, 9
	x, y, labels := mat.NewDense(n+held, 2, nil), make([]float64, n), make([]int, n)
	for i := range n + held {
		x.SetRow(i, []float64{3 + 2*r.NormFloat64(), r.NormFloat64() - 1})
		if i < n {
			y[i], labels[i] = 5+x.At(i, 0)+r.NormFloat64(), i%3
		}
	}
	train, test := mat.DenseCopyOf(x.Slice(0, n, 0, 2)), mat.DenseCopyOf(x.Slice(n, n+held, 0, 2))
	for c := range 2 {
		mean, deviation := stat.PopMeanStdDev(mat.Col(nil, c, train), nil)
		for i := range n + held {
			x.Set(i, c, (x.At(i, c)-mean)/deviation)
		}
	}
	z, queries := mat.DenseCopyOf(x.Slice(0, n, 0, 2)), mat.DenseCopyOf(x.Slice(n, n+held, 0, 2))
	mean, deviation := stat.PopMeanStdDev(y, nil)
	var kept, chooses perceptron.Rows
	var in, out []int
	for i := range n {
		if i%10 == 9 {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	kept.X, chooses.X = rows.Take(z, in), rows.Take(z, out)
	for _, i := range in {
		kept.Values = append(kept.Values, (y[i]-mean)/deviation)
	}
	for _, i := range out {
		chooses.Values = append(chooses.Values, (y[i]-mean)/deviation)
	}
	s := perceptron.Settings{Hidden: []int{128, 128}, Rate: 1e-3, Decay: 1e-3, Batch: 16, Epochs: 100}
	net := reference.Must[*perceptron.Network](t)(perceptron.Fit(kept, chooses, 1, s))
	p := reference.Must[[]float64](t)(NetworkValues(train, y, test))
	for i, v := range p {
		if want := mean + deviation*net.Outputs(queries).At(i, 0); len(p) != held || !(math.Abs(v-want) <= 1e-9) {
			t.Errorf("value %d of %d: %v, want %v", i, len(p), v, want)
		}
	}
	kept.Values, chooses.Values, kept.Labels, chooses.Labels = nil, nil, Pick(labels, in), Pick(labels, out)
	net = reference.Must[*perceptron.Network](t)(perceptron.Fit(kept, chooses, 4, s))
	lambda := reference.Must[float64](t)(chooseLambda(z, labels, 4))
	line := reference.Must[*logistic.Model](t)(logistic.Fit(z, labels, 4, logistic.Settings{Lambda: lambda, Tolerance: 1e-4}))
	for kind, want := range map[Kind]*mat.Dense{Network: net.Probabilities(queries), Linear: line.Probabilities(queries)} {
		for i, row := range reference.Must[[][]float64](t)(kind.Probabilities(train, labels, 4, test)) {
			for c, v := range row {
				if !(math.Abs(v-want.At(i, c)) <= 1e-9) {
					t.Errorf("kind %d, row %d: %v, want %v", kind, i, row, want.RawRowView(i))
					break
				}
			}
		}
	}
}

// Of values 10^i at 0 to 6, 9 and 20 the mean of the five nearest; of three rows the mean of all; and of eight at one
// distance an eighth each, however few are looked at first.
func TestNeighbourValuesByHand(t *testing.T) {
	x := mat.NewDense(9, 1, []float64{0, 1, 2, 3, 4, 5, 6, 9, 20})
	y := []float64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}
	got := reference.Must[[]float64](t)(NeighbourValues(x, y, mat.NewDense(2, 1, []float64{1.9, 15})))
	for i, want := range []float64{11111.0 / 5, 111110000.0 / 5} { // rows 0 to 4, and 4, 5, 6, 9 and 20
		if len(got) != 2 || !(math.Abs(got[i]-want) <= 1e-6) {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
	if got := reference.Must[[]float64](t)(NeighbourValues(mat.NewDense(3, 1, []float64{0, 1, 5}), []float64{1, 2, 6}, mat.NewDense(1, 1, []float64{0}))); !(math.Abs(got[0]-3) <= 1e-12) {
		t.Errorf("of three rows: %v, want 3", got)
	}
	shares := make([]float64, 8)
	neighbourShares(mat.NewDense(1, 1, nil), mat.NewDense(8, 1, []float64{1, 1, 1, -1, -1, 1, -1, -1}), 5, func(_, row int, share float64) { shares[row] += share })
	for _, v := range shares {
		if !(math.Abs(v-0.125) <= 1e-15) {
			t.Errorf("eight at one distance: %v", shares)
			break
		}
	}
}

// Errors 0, 1 and 1 of distances 1, 0 and 4 from the training mean: 1 - 2/17. Without spread nothing is said.
func TestRSquaredByHand(t *testing.T) {
	for _, tt := range []struct {
		y, predicted []float64
		mean, want   float64
	}{
		{[]float64{1, 2, 6}, []float64{1, 3, 5}, 2, 1 - 2.0/17},
		{[]float64{1, 2}, []float64{1, 1.5}, 1, 0.75},
		{[]float64{2, 2}, []float64{1, 3}, 2, 0},
	} {
		if got := RSquared(tt.y, tt.predicted, tt.mean); !(math.Abs(got-tt.want) <= 1e-15) { // NaN is none
			t.Errorf("%v for %v: %v, want %v", tt.predicted, tt.y, got, tt.want)
		}
	}
}
