package discrepancy

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func head(x *mat.Dense, lo, hi int) *mat.Dense {
	_, d := x.Dims()
	return mat.DenseCopyOf(x.Slice(lo, hi, 0, d))
}

var none = metrics.Settings{}

func TestReferenceMoments(t *testing.T) {
	b := reference.Metrics(t)
	x, y, w := b.Matrix("A"), b.Matrix("B"), b.Matrix("W1")
	b.Check("coral", "coral", reference.Must[metrics.Result](t)(CORAL(x, y, none)).Value)
	b.Check("coral", "frob_sq", coral(x, y))
	f := reference.Must[FrechetParts](t)(FrechetOf(x, y))
	b.Check("frechet", "fd", f.Distance)
	b.Check("frechet", "mean_part", f.Means)
	b.Check("frechet", "trace_sqrt", f.RootTrace)
	b.Check("frechet.singular", "", reference.Must[FrechetParts](t)(FrechetOf(head(w, 0, 6), head(w, 6, 12))).Distance)
	// Both forms of CORAL on more columns than rows.
	short, wide := coral(head(w, 0, 6), head(w, 6, 12)), 0.0
	a, _ := centredOver(head(w, 0, 6))
	c, _ := centredOver(head(w, 6, 12))
	var ca, cb, diff mat.Dense
	ca.Mul(a.T(), a)
	cb.Mul(c.T(), c)
	diff.Sub(&ca, &cb)
	wide = mat.Norm(&diff, 2)
	if !(math.Abs(short-wide*wide) <= 1e-10*short) {
		t.Errorf("CORAL by rows %v, by columns %v", short, wide*wide)
	}
	k := reference.Must[metrics.Result](t)(KID(x, y, none))
	b.Check("kid", "", k.Value)
	var subsets []float64
	for _, i := range []int{0, 10} {
		subsets = append(subsets, reference.Must[metrics.Result](t)(kid.measure(head(x, i, i+10), head(y, i, i+10), none)).Value)
	}
	mean := (subsets[0] + subsets[1]) / 2
	b.Check("kid.subsets", "mean", mean)
	b.Check("kid.subsets", "std", math.Abs(subsets[0]-subsets[1])/2)
}

func TestReferenceTransport(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("A"), b.Matrix("B")
	theta := mat.DenseCopyOf(b.Matrix("theta").T())
	for k := range 6 {
		row := theta.RawRowView(k)
		floats.Scale(1/floats.Norm(row, 2), row)
	}
	b.Check("sliced", "w2sq", alongEach(x, y, theta, 2)...)
	b.Check("sliced", "sw1", floats.Sum(alongEach(x, y, theta, 1))/6)
	b.Check("sliced", "sw2", math.Sqrt(floats.Sum(alongEach(x, y, theta, 2))/6))
	b.Check("sliced", "max_sw2", math.Sqrt(floats.Max(alongEach(x, y, theta, 2))))
	b.Check("ot.exact", "w2_sq", reference.Must[float64](t)(ExactTransport(x, head(y, 0, 25), 2)))
	b.Check("ot.exact", "w1", reference.Must[float64](t)(ExactTransport(x, head(y, 0, 25), 1)))
	d := reference.Must[Divergence](t)(sinkhornOf(x, y, 1, 1e-13, 0))
	for part, got := range map[string]float64{"ot_ab": d.AB.Value, "ot_aa": d.AA.Value, "ot_bb": d.BB.Value, "divergence": d.Value, "sharp": d.Sharp} {
		b.Check("sinkhorn", part, got)
	}
	// A translation: the same number by every distance, at any epsilon.
	moved := mat.DenseCopyOf(x)
	for i := range 25 {
		floats.Add(moved.RawRowView(i), []float64{1, -2, 0.5})
	}
	for epsilon, slack := range map[float64]float64{0.1: 1e-4, 1: 1e-6, 20: 1e-6} { // 1000 iterations are few at 0.1
		if v := reference.Must[Divergence](t)(SinkhornOf(x, moved, epsilon, 0)).Value; !(math.Abs(v-5.25) <= slack) {
			t.Errorf("translation at epsilon %v: %v, want 5.25", epsilon, v)
		}
	}
	b.Check("translation", "", reference.Must[float64](t)(ExactTransport(x, moved, 2)))
	b.Check("translation", "", reference.Must[FrechetParts](t)(FrechetOf(x, moved)).Distance)
	if v := reference.Must[metrics.Result](t)(MaxSliced(x, moved, none)).Value; !(math.Abs(v*v-5.25) <= 0.01) {
		t.Errorf("max-sliced of a translation %v, want the root of 5.25", v)
	}
	if v := coral(x, moved); v > 1e-24 {
		t.Errorf("CORAL of a translation %v", v)
	}
}

// A small epsilon runs through many absorptions and approaches the exact distance.
func TestSinkhornNearsExact(t *testing.T) {
	x, z := normal(60, 3, 0, "s0"), normal(60, 3, 1, "s2")
	exact := reference.Must[float64](t)(ExactTransport(x, z, 2))
	if d := reference.Must[Divergence](t)(SinkhornOf(x, z, 0.02, 0)); !(math.Abs(d.AB.Cost-exact) <= 0.02*exact) {
		t.Errorf("cost at epsilon 0.02 %v, exact %v", d.AB.Cost, exact)
	}
}

func TestReferenceLinearAndPower(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("A"), b.Matrix("B")
	k := Kernel{Width: b.Value("median.pooled", "")}
	r := reference.Must[metrics.Result](t)(linearMMD(head(x, 0, 24), head(y, 0, 24), rows.All(24), rows.All(24), k, none))
	b.Check("mmd2.linear_time", "stat", r.Value)
	b.Check("mmd2.linear_time", "sd", r.Parts[0].Value)
	b.Check("mmd2.linear_time", "z", r.Parts[1].Value)
	b.Check("mmd2.linear_time", "p", *r.P)
}

func TestReferenceSupport(t *testing.T) {
	b := reference.Metrics(t)
	for id, k := range map[string]int{"prdc.k3": 3, "prdc.k5": 5} {
		s := reference.Must[Support](t)(SupportOf(b.Matrix("A"), b.Matrix("B"), k))
		b.Check(id, "precision", s.Precision)
		b.Check(id, "recall", s.Recall)
		b.Check(id, "density", s.Density)
		b.Check(id, "coverage", s.Coverage)
	}
	x := normal(300, 2, 0, "prdc")
	covered := 1.0 // mean coverage of one law by another sample: 1 - prod (N-i)/(N+M-i)
	for i := 1.0; i <= 5; i++ {
		covered *= (300 - i) / (600 - i)
	}
	same := reference.Must[Support](t)(SupportOf(x, normal(300, 2, 0, "prdc2"), 5))
	if !(math.Abs(same.Density-1) <= 0.15) || !(math.Abs(same.Coverage-(1-covered)) <= 0.05) {
		t.Errorf("equal laws: %+v", same)
	}
	twice := mat.NewDense(4, 1, []float64{1, 1, 1, 2})
	if s := reference.Must[Support](t)(SupportOf(twice, mat.NewDense(4, 1, []float64{1, 5, 6, 7}), 2)); s.Empty != 3 {
		t.Errorf("three equal rows: %d empty balls", s.Empty)
	}
}

// The arithmetic of probe scores on the reference's own fit, in sample.
func TestReferenceProbes(t *testing.T) {
	b := reference.Metrics(t)
	all := stack(b.Matrix("A"), b.Matrix("B"))
	model, err := logistic.Fit(all, b.Ints("dom"), 2, logistic.Settings{Lambda: 0.2, Tolerance: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	logits := model.Logits(all)
	var h heldOut
	wrong := [2]float64{}
	for i := range 55 {
		z := logits.At(i, 1) - logits.At(i, 0)
		if i < 25 {
			h.a = append(h.a, z)
			if z > 0 {
				wrong[0] += 1.0 / 25
			}
		} else {
			h.b = append(h.b, z)
			if z <= 0 {
				wrong[1] += 1.0 / 30
			}
		}
	}
	b.Check("js.classifier", "", jensenShannon(h))
	balanced := (wrong[0] + wrong[1]) / 2
	b.Check("a_distance", "balanced_error", balanced)
	b.Check("a_distance", "a_distance", 2*(1-2*balanced))
	b.Check("c2st", "p_exact", binomialTail(63, 100))
}

// Closed forms of the cards, and samples that approach them.
func TestReferencePopulation(t *testing.T) {
	b := reference.Metrics(t)
	mmd := func(d, s, square, width float64) float64 {
		w := width * width
		at := func(v float64) float64 { return math.Pow(w/(w+v), d/2) }
		return at(2) + at(2*s*s) - 2*at(1+s*s)*math.Exp(-square/(2*(w+1+s*s)))
	}
	b.Check("mmd2.gauss.population", "", mmd(1, 1, 1, 1), mmd(3, 1, 2, 1.5), mmd(2, 2, 0, 1))
	energy := func(m float64) float64 {
		return 2*(2/math.Sqrt(math.Pi)*math.Exp(-m*m/4)+m*(2*distuv.UnitNormal.CDF(m/math.Sqrt2)-1)) - 4/math.Sqrt(math.Pi)
	}
	b.Check("energy.gauss.population", "", energy(0.5), energy(1), energy(2))
	x, y := normal(1500, 1, 0, "pop0"), normal(1500, 1, 1, "pop1")
	if v := reference.Must[metrics.Result](t)(Energy(x, y, U, none)).Value; !(math.Abs(v-energy(1)) <= 0.12) {
		t.Errorf("energy %v, want about %v", v, energy(1))
	}
	// The optimal classifier is linear: its bound is the divergence, 0.1114 nats.
	js := reference.Must[metrics.Result](t)(JensenShannon(x, y, metrics.Settings{Seed: 1})).Value
	if !(math.Abs(js-b.Value("js.gauss.population", "js")) <= 0.04) {
		t.Errorf("Jensen-Shannon %v, want about 0.1114", js)
	}
	// Sliced, isotropic: |delta|^2/d + (s - t)^2.
	d := normal(2000, 4, 0, "pop2")
	moved := normal(2000, 4, 0, "pop3")
	for i := range 2000 {
		row := moved.RawRowView(i)
		floats.Scale(2, row)
		row[0] += 2
	}
	if v := reference.Must[metrics.Result](t)(Sliced(d, moved, 2, none)).Value; !(math.Abs(v*v-2) <= 0.25) {
		t.Errorf("sliced %v, want about the root of 2", v)
	}
	// Frechet, equal laws in 16 columns: 0.34 at 500 rows, and its extrapolation near 0.
	e, f := normal(500, 16, 0, "pop4"), normal(500, 16, 0, "pop5")
	if v := reference.Must[metrics.Result](t)(Frechet(e, f, none)).Value; !(math.Abs(v-0.34) <= 0.08) {
		t.Errorf("Frechet of equal laws %v, want about 0.34", v)
	}
	if v := reference.Must[metrics.Result](t)(FrechetInfinity(e, f, none)).Value; !(math.Abs(v) <= 0.1) {
		t.Errorf("extrapolated Frechet of equal laws %v, want about 0", v)
	}
}

// Equal samples: 0 by every distance that has a zero.
func TestEqualSamples(t *testing.T) {
	x := normal(40, 3, 0, "equal")
	w := stream.New(1, "order")
	shuffled := rows.Take(x, stream.Permutation(w, 40))
	for name, v := range map[string]float64{
		"energy":   reference.Must[metrics.Result](t)(Energy(x, shuffled, V, none)).Value,
		"frechet":  reference.Must[metrics.Result](t)(Frechet(x, shuffled, none)).Value,
		"coral":    reference.Must[metrics.Result](t)(CORAL(x, shuffled, none)).Value,
		"sliced":   reference.Must[metrics.Result](t)(Sliced(x, shuffled, 2, none)).Value,
		"sinkhorn": reference.Must[metrics.Result](t)(Sinkhorn(x, shuffled, none)).Value,
	} {
		if v > 1e-6 || v < 0 {
			t.Errorf("%s of equal samples: %v", name, v)
		}
	}
	if v := reference.Must[metrics.Result](t)(KID(x, x, none)).Value; v > 0 {
		t.Errorf("KID of equal samples: %v, want at most 0", v)
	}
	if s := reference.Must[Support](t)(SupportOf(x, shuffled, 5)); !(math.Abs(s.Precision-1) <= 1e-9) || !(math.Abs(s.Recall-1) <= 1e-9) || !(math.Abs(s.Coverage-1) <= 1e-9) {
		t.Errorf("support of equal samples: %+v", s)
	}
}
