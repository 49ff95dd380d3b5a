package independence

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// A column of 0, 1, 2, 5 has mean 2 and variance 14/4: its scale is 1/sqrt(3.5). Columns that are no counts keep theirs.
func TestExactlyByHand(t *testing.T) {
	got, ok := exactly([]float64{3, 5, 7, 13})
	scale := 1 / math.Sqrt(3.5)
	if !ok || len(got) != 4 {
		t.Fatalf("%v, %v", got, ok)
	}
	for i, place := range []float64{0, 1, 2, 5} {
		if !(math.Abs(got[i]-got[0]-place*scale) <= 1e-6) || (got[i]-got[0]) != place*(got[1]-got[0]) {
			t.Errorf("%v, want steps of %v", got, scale)
		}
	}
	if _, ok := exactly([]float64{0, 1, math.Sqrt2}); ok {
		t.Error("steps that differ are taken for counts")
	}
}

// Of 12 columns, one of them constant, the rest z-scored are projected to ten: of many rows and of few the components are at
// right angles, of falling variance, which adds up to that of the ten largest singular values, and each is a
// combination of columns whose largest weight is above 0.
func TestProjectedColumns(t *testing.T) {
	for _, n := range []int{11, 12, 40} {
		r := stream.New(8, "projected", n)
		x := mat.NewDense(n, 13, nil)
		for i := range n {
			common := r.NormFloat64()
			for j := range 12 {
				x.Set(i, j, r.NormFloat64()*float64(j+1)+common)
			}
			x.Set(i, 12, 7)
		}
		out, notes, err := Prepare(x, false, 0, "x")
		if err != nil || fmt.Sprint(notes) != "[x: 1 constant columns left out x: 12 columns projected to 10 principal components of the same rows]" {
			t.Errorf("%d rows: notes %q, %v", n, notes, err)
			continue
		}
		z := mat.NewDense(n, 12, nil)
		for j := range 12 {
			c := mat.Col(nil, j, x)
			m, s := stat.PopMeanStdDev(c, nil)
			floats.AddConst(-m, c)
			floats.Scale(1/s, c)
			z.SetCol(j, c)
		}
		var svd mat.SVD
		if !svd.Factorize(z, mat.SVDThin) {
			t.Fatal("no singular values")
		}
		values := svd.Values(nil)
		var v mat.Dense
		svd.VTo(&v)
		if rows, d := out.Dims(); rows != n || d != 10 {
			t.Fatalf("%d x %d, want %d x 10", rows, d, n)
		}
		for k := range 10 {
			if values[k] < 1e-8 { // rows less their mean have one direction fewer
				continue
			}
			loadings := mat.Col(nil, k, &v)
			largest := loadings[0]
			for _, w := range loadings {
				if !(math.Abs(w) <= math.Abs(largest)) {
					largest = w
				}
			}
			for i := range n {
				want := floats.Dot(z.RawRowView(i), loadings) * math.Copysign(1, largest)
				if !(math.Abs(out.At(i, k)-want) <= 1e-8) {
					t.Errorf("%d rows: component %d of row %d is %v, want %v", n, k, i, out.At(i, k), want)
					break
				}
			}
		}
	}
	ten := mat.NewDense(20, 10, nil)
	ten.Apply(func(i, j int, _ float64) float64 { return math.Sin(float64(i*i + j*j*7)) }, ten)
	if out, notes, err := Prepare(ten, false, 0, "x"); err != nil || notes != nil {
		t.Errorf("ten columns: %v, %q, %v", out, notes, err)
	}
	if _, _, err := Prepare(mat.NewDense(5, 2, nil), false, 0, "x"); fmt.Sprint(err) != "no column varies" {
		t.Errorf("no columns: %v", err)
	}
}

// Above 0.5 hang together: two entries at the top, three at the left below, which meet at a corner only; of two of one size the first.
func TestLargestRegionByHand(t *testing.T) {
	c := []float64{
		0, 1, 1, 0,
		1, 0, 0, 1,
		1, 1, 0, 1,
	}
	if got := largestRegion(c, 3, 4, 0.5); !slices.Equal(got, []int{4, 8, 9}) {
		t.Errorf("%v, want entries 4, 8 and 9", got)
	}
	c[8], c[9] = 0.5, 0.5 // on the threshold
	if got := largestRegion(c, 3, 4, 0.5); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("%v, want the first of two pairs", got)
	}
	if got := largestRegion(c, 3, 4, 1); got != nil {
		t.Errorf("%v, want none", got)
	}
}

func TestIndependenceErrorTexts(t *testing.T) {
	good := mat.NewDense(6, 1, []float64{1, 2, 3, 4, 5, 6})
	bad := mat.NewDense(6, 1, []float64{1, 2, math.NaN(), 4, 5, 6})
	labels := []int{0, 0, 1, 1, 2, 2}
	only := func(_ any, err error) error { return err }
	information := func(_ float64, _ int, err error) error { return err }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{only(HSICGivenLabel(bad, good, labels, Widths{}, metrics.Settings{})), "hsic-given-label: x: row 2, column 0 is NaN, want a finite number"},
		{only(HSICGivenLabel(good, bad, labels, Widths{}, metrics.Settings{})), "hsic-given-label: y: row 2, column 0 is NaN, want a finite number"},
		{only(HSICGivenLabel(good, good, labels[:5], Widths{}, metrics.Settings{})), "hsic-given-label: 5 labels for 6 rows"},
		{only(PartialDistanceCorrelation(good, good, bad)), "partial-dcor: y: row 2, column 0 is NaN, want a finite number"},
		{only(PartialDistanceCorrelation(bad, good, good)), "partial-dcor: x: row 2, column 0 is NaN, want a finite number"},
		{only(labelsOf("m", mat.NewDense(3, 2, nil))), "m: 2 columns of labels, want one"},
		{only(labelsOf("m", mat.NewDense(2, 1, []float64{1, 0.5}))), "m: label of row 1 is 0.5, want a whole number"},
		{only(DiscreteInformation([]int{1}, nil)), "discrete information: 1 and 0 labels, want as many and at least one"},
		{only(DiscreteInformation(nil, nil)), "discrete information: 0 and 0 labels, want as many and at least one"},
		{information(LabelInformation(bad, labels, 3)), "label information: row 2, column 0 is NaN, want a finite number"},
		{information(LabelInformation(good, labels[:5], 3)), "label information: 5 labels for 6 rows, 3 neighbours"},
		{information(LabelInformation(good, labels, 0)), "label information: 6 labels for 6 rows, 0 neighbours"},
		{information(LabelInformation(good, []int{0, 1, 2, 3, 4, 5}, 3)), "label information: no class has two rows"},
	} {
		if got := fmt.Sprint(tt.err); got != "metrics: "+tt.want {
			t.Errorf("error %q, want %q", got, "metrics: "+tt.want)
		}
	}
	if _, left, _ := LabelInformation(good, []int{0, 1, 2, 3, 4, 5}, 3); left != 6 {
		t.Errorf("%d rows left out of six alone in their classes", left)
	}
	for name, of := range map[string]func(s metrics.Settings) (metrics.Result, error){
		"hsic-given-label, no class of four": func(s metrics.Settings) (metrics.Result, error) {
			return HSICGivenLabel(good, good, labels, Widths{}, s)
		},
		"hsic-given-label, constant": func(s metrics.Settings) (metrics.Result, error) {
			return HSICGivenLabel(good, mat.NewDense(6, 1, nil), labels, Widths{}, s)
		},
	} {
		plain, asked := reference.Must[metrics.Result](t)(of(metrics.Settings{})), reference.Must[metrics.Result](t)(of(metrics.Settings{Permutations: 9}))
		if !plain.Degenerate || plain.P != nil || !asked.Degenerate || asked.P == nil || *asked.P != 1 {
			t.Errorf("%s: %+v and, asked for a test, %+v", name, plain, asked)
		}
	}
}

// Ross's terms by sorted distances: the k-th of the own class, and how many rows of all are nearer.
func TestLabelInformationByDefinition(t *testing.T) {
	r := stream.New(2, "ross")
	const n, k = 30, 3
	x, labels := mat.NewDense(n, 2, nil), make([]int, n)
	for i := range n {
		labels[i] = r.IntN(3)
		x.SetRow(i, []float64{r.NormFloat64() + float64(labels[i]), r.NormFloat64()})
	}
	labels[4] = 9                // alone
	labels[7], labels[8] = 8, 8  // two: their only neighbour counts
	psi := func(m int) float64 { // psi(m) + Euler's constant
		var sum float64
		for i := 1; i < m; i++ {
			sum += 1 / float64(i)
		}
		return sum
	}
	var sum float64
	for i := range n {
		var own, all []float64
		for j := range n {
			d := math.Hypot(x.At(i, 0)-x.At(j, 0), x.At(i, 1)-x.At(j, 1))
			if all = append(all, d); j != i && labels[j] == labels[i] {
				own = append(own, d)
			}
		}
		if own == nil {
			continue
		}
		slices.Sort(own)
		near := min(k, len(own))
		nearer := 0
		for _, d := range all {
			if d < own[near-1]-1e-12 {
				nearer++ // the row itself among them
			}
		}
		sum += psi(near) - psi(len(own)+1) - psi(nearer)
	}
	got, left, err := LabelInformation(x, labels, k)
	if want := psi(n-1) + sum/(n-1); err != nil || left != 1 || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, %d left, %v; want %v and 1", got, left, err, want)
	}
}
