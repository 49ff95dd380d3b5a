package independence

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func relu(x *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(x)
	out.Apply(func(_, _ int, v float64) float64 { return math.Max(v, 0) }, out)
	return out
}

func column(x *mat.Dense, j int) *mat.Dense {
	n, _ := x.Dims()
	return mat.NewDense(n, 1, mat.Col(nil, j, x))
}

func TestReferenceNeighbours(t *testing.T) {
	b := reference.Metrics(t)
	x, y, z, u, v := b.Matrix("X"), b.Matrix("Y"), b.Matrix("Z"), b.Matrix("u"), b.Matrix("v")
	ta, tb := b.Matrix("ta"), b.Matrix("tb")
	ksg := func(id string, x, y *mat.Dense, k int, parts map[string]Neighbours) {
		for part, of := range parts {
			b.Check(id, part, reference.Must[float64](t)(MutualInformation(x, y, k, of)))
		}
	}
	kraskov := map[string]Neighbours{"ksg1": KSG1, "ksg2": KSG2}
	ksg("ksg.1d.k3", u, v, 3, kraskov)
	ksg("ksg.1d.k5", u, v, 5, kraskov)
	ksg("ksg.multi", x, y, 4, kraskov)
	ksg("ksg.multi.ind", x, z, 4, kraskov)
	mixed := map[string]Neighbours{"mesner_shalizi": MesnerShalizi, "gao_paper": GaoPaper, "gao_code": GaoCode}
	ksg("ksg.mixed.continuous", u, v, 3, mixed)
	ksg("ksg.mixed.ties", ta, tb, 3, mixed)
	ksg("ksg.mixed.relu", relu(x), relu(y), 3, mixed)
	lab := b.Ints("lab")
	for id, code := range map[string]*mat.Dense{"ross.1d": column(x, 0), "ross.multi": x} {
		got, _, err := LabelInformation(code, lab, 3)
		b.Check(id, "", reference.Must[float64](t)(got, err))
	}
	d, err := DiscreteInformation(b.Ints("ta"), b.Ints("tb"))
	if err != nil {
		t.Fatal(err)
	}
	for part, got := range map[string]float64{"mi": d.Information, "mi_miller_madow": d.MillerMadow, "hx": d.EntropyX, "hy": d.EntropyY, "nmi": d.Normalised, "ami": d.Adjusted} {
		b.Check("mi.discrete", part, got)
	}
}

// Searches that stop early against the plain definition, ties and all.
func TestCloudAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(6, 120).Draw(rt, "n")
		p, q := rapid.IntRange(1, 3).Draw(rt, "p"), rapid.IntRange(1, 2).Draw(rt, "q")
		tied := rapid.Bool().Draw(rt, "tied")
		r := stream.New(rapid.Uint64().Draw(rt, "seed"), "cloud")
		fill := func(d int) *mat.Dense {
			x := mat.NewDense(n, d, nil)
			x.Apply(func(_, _ int, _ float64) float64 {
				if tied {
					return float64(r.IntN(4))
				}
				return r.NormFloat64()
			}, x)
			return x
		}
		x, y := fill(p), fill(q)
		c := newCloud(x, y, 3)
		s := search{boxTree: c.joint, p: p, k: 3}
		far := func(x *mat.Dense, i, j int) float64 {
			var top float64
			for k, v := range x.RawRowView(i) {
				top = math.Max(top, math.Abs(v-x.At(j, k)))
			}
			return top
		}
		for i := range n {
			var joint []float64
			for j := range n {
				if j != i {
					joint = append(joint, math.Max(far(x, i, j), far(y, i, j)))
				}
			}
			slices.Sort(joint)
			list := s.nearest(c.joint.place[i])
			for k, v := range list {
				if v.joint != joint[k] {
					rt.Fatalf("row %d: neighbour %d at %v, want %v", i, k, v.joint, joint[k])
				}
			}
			radius := list[2].joint
			for _, strict := range []bool{true, false} {
				want := 0
				for j := range n {
					if d := far(y, i, j); j != i && (d < radius || (!strict && d == radius)) {
						want++
					}
				}
				if got := c.y.count(i, radius, strict); got != want {
					rt.Fatalf("row %d, strict %v: %d inside, want %d", i, strict, got, want)
				}
				want = len(joint)
				for want > 0 && (joint[want-1] > radius || (strict && joint[want-1] == radius)) {
					want--
				}
				if got := c.joint.count(i, radius, strict); got != want {
					rt.Fatalf("row %d, strict %v: %d joint neighbours inside, want %d", i, strict, got, want)
				}
			}
		}
	})
}

func TestReferenceRanks(t *testing.T) {
	b := reference.Metrics(t)
	u, v, tb := b.Floats("u"), b.Floats("v"), b.Floats("tb")
	for _, tt := range []struct {
		id   string
		x, y []float64
	}{{"xi", u, v}, {"xi.reverse", v, u}, {"xi.ties_y", u[:24], tb}} {
		x, ok := Xi(tt.x, tt.y, 0)
		if !ok {
			t.Fatal("y is constant")
		}
		b.Check(tt.id, "xi", x.Value)
		b.Check(tt.id, "tau2", x.Variance)
		b.Check(tt.id, "p", x.P)
	}
	b.Check("hoeffding.d", "", Hoeffding(u, v))
	b.Check("hoeffding.d.n8", "", Hoeffding(mat.Col(nil, 0, b.Matrix("x8")), b.Floats("y8")))
	b.Check("hoeffding.d.ties", "", Hoeffding(b.Floats("ta"), tb))
	c, _ := CODEC(b.Matrix("X"), mat.Col(nil, 0, b.Matrix("Y")), 0)
	b.Check("codec", "", c)
	// A monotone function without ties: 1 - 3/(n+1), and 1.
	x, y := make([]float64, 50), make([]float64, 50)
	for i := range x {
		x[i], y[i] = float64(i), math.Exp(float64(i)/10)
	}
	if f, _ := Xi(x, y, 0); !(math.Abs(f.Value-(1-3.0/51)) <= 1e-14) {
		t.Errorf("xi of a function: %v", f.Value)
	}
	if d := Hoeffding(x, y); !(math.Abs(d-1) <= 1e-13) {
		t.Errorf("D of a monotone function: %v", d)
	}
	if _, ok := Xi(x, make([]float64, 50), 0); ok {
		t.Error("xi of a constant: ok")
	}
}

func TestReferenceMGC(t *testing.T) {
	b := reference.Metrics(t)
	for _, tt := range []struct{ id, x, y string }{{"mgc.dep", "X", "Y"}, {"mgc.nonlinear", "u", "v"}, {"mgc.ind", "X", "Z"}, {"mgc.ties", "ta", "tb"}} {
		m := newMultiscale(b.Matrix(tt.x), b.Matrix(tt.y))
		value, scaleX, scaleY := m.statistic(nil)
		b.Check(tt.id, "stat", value)
		b.Check(tt.id, "scale", float64(scaleX), float64(scaleY))
		b.Check(tt.id, "map_shape", float64(m.x.levels), float64(m.y.levels))
		c := m.correlations(nil)
		b.Check(tt.id, "map_last", c[len(c)-1])
		b.Check(tt.id, "map_mid", c[m.x.levels/2*m.y.levels+m.y.levels/2])
		b.Check(tt.id, "map_1_1", c[m.y.levels+1])
	}
	// A permutation computed from the maps against permuted rows.
	x, y := b.Matrix("X"), b.Matrix("Y")
	p := stream.Permutation(stream.New(1, "mgc"), 40)
	moved := mat.NewDense(40, 2, nil)
	for i, from := range p {
		moved.SetRow(i, y.RawRowView(from))
	}
	got, _, _ := newMultiscale(x, y).statistic(p)
	want, _, _ := newMultiscale(x, moved).statistic(nil)
	if !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("permuted: %v, want %v", got, want)
	}
}

func TestReferenceCanonical(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("X"), b.Matrix("Y")
	check := func(id string, x *mat.Dense) Canonical {
		c, err := CanonicalCorrelations(x, y)
		if err != nil {
			t.Fatal(err)
		}
		b.Check(id, "corr", c.Correlations...)
		return c
	}
	c := check("cca", x)
	for part, got := range map[string]float64{"wilks": c.Wilks, "chi2": c.ChiSquare, "df": float64(c.RankX * c.RankY), "p": c.P, "gauss_mi": c.Information} {
		b.Check("cca", part, got)
	}
	wide := mat.NewDense(40, 5, nil)
	for i := range 40 {
		r := x.RawRowView(i)
		wide.SetRow(i, []float64{r[0], r[1], r[2], 3, r[0] + r[1]})
	}
	check("cca.rank_deficient", wide)
	if _, err := CanonicalCorrelations(b.Matrix("W1"), b.Matrix("W2")); err == nil {
		t.Error("ranks that reach the rows: no error")
	}
	none := metrics.Settings{}
	for part, pair := range map[string][2]string{"": {"X", "Y"}, "_wide": {"W1", "W2"}} {
		b.Check("rv", "rv2"+part, reference.Must[metrics.Result](t)(RV2(b.Matrix(pair[0]), b.Matrix(pair[1]), none)).Value)
		b.Check("rv", "rv"+part, reference.Must[metrics.Result](t)(CKA(b.Matrix(pair[0]), b.Matrix(pair[1]), Linear, Widths{}, V, none)).Value)
	}
	rv8 := reference.Must[metrics.Result](t)(CKA(b.Matrix("x8"), b.Matrix("y8"), Linear, Widths{}, V, metrics.Settings{Permutations: 1}))
	b.Check("rv", "rv8", rv8.Value)
	b.Check("rv", "rv8_perm_mean", stat.Mean(rv8.Null, nil))
}

func TestReferenceKernelForms(t *testing.T) {
	b := reference.Metrics(t)
	x, y, z := b.Matrix("X"), b.Matrix("Y"), b.Matrix("Z")
	none := metrics.Settings{}
	b.Check("nocco", "", reference.Must[metrics.Result](t)(NOCCO(x, y, Widths{}, 0, none)).Value)
	wx, wy := 2.286891356147798, 1.616140151718942
	fx, fy := fourierFeatures(x, b.Matrix("omx"), wx), fourierFeatures(y, b.Matrix("omy"), wy)
	centreColumns(fx)
	centreColumns(fy)
	b.Check("hsic.rff", "", crossNorm(fx, fy, nil))
	rows := []int{0, 1, 2, 3, 4, 5, 6, 7}
	nx, err := nystromFeatures(x, rows, wx)
	if err != nil {
		t.Fatal(err)
	}
	ny, err := nystromFeatures(y, rows, wy)
	if err != nil {
		t.Fatal(err)
	}
	centreColumns(nx)
	centreColumns(ny)
	b.Check("hsic.nystrom", "", crossNorm(nx, ny, nil))
	// The factor exact to 1e-6 of the trace.
	full, factor := reference.Must[metrics.Result](t)(HSIC(x, y, V, Widths{}, none)).Value, reference.Must[metrics.Result](t)(FeatureHSIC(x, y, Cholesky, Widths{}, none))
	if !(math.Abs(full-factor.Value) <= 1e-5) || factor.Parts[0].Value < 1-1e-6 {
		t.Errorf("incomplete Cholesky: %v (kept %v), want %v", factor.Value, factor.Parts[0].Value, full)
	}
	order := make([]int, 40)
	for i := range order {
		order[i] = i
	}
	for id, size := range map[string]int{"hsic.block": 8, "hsic.linear_time": 4} {
		r := reference.Must[metrics.Result](t)(blockHSIC(id, x, z, order, size, Widths{}, none))
		b.Check(id, "stat", r.Value)
		b.Check(id, "sd_blocks", r.Parts[0].Value)
		b.Check(id, "z", r.Parts[1].Value)
		b.Check(id, "p", *r.P)
	}
}

func TestReferenceConditional(t *testing.T) {
	b := reference.Metrics(t)
	kx, ky, kz := b.Matrix("kx"), b.Matrix("ky"), b.Matrix("kz")
	none := metrics.Settings{}
	b.Check("hsic.given_label", "", reference.Must[metrics.Result](t)(HSICGivenLabel(b.Matrix("X"), b.Matrix("Y"), b.Ints("lab"), Widths{}, none)).Value)
	b.Check("pdcor", "pdcor", reference.Must[float64](t)(PartialDistanceCorrelation(kx, ky, kz)))
	if v := reference.Must[float64](t)(PartialDistanceCorrelation(kx, ky, kx)); !(math.Abs(v) <= 1e-8) {
		t.Errorf("partial dcor given x itself: %v, want 0", v)
	}
}

// Dependence that the class explains is not found within classes, and the rest is.
func TestGivenLabel(t *testing.T) {
	r := stream.New(12, "given label")
	x, y, z := mat.NewDense(200, 2, nil), mat.NewDense(200, 1, nil), mat.NewDense(200, 1, nil)
	labels := make([]int, 200)
	for i := range 200 {
		labels[i] = i % 2
		x.SetRow(i, []float64{3*float64(i%2) + r.NormFloat64(), r.NormFloat64()})
		y.Set(i, 0, 3*float64(i%2)+r.NormFloat64())
		z.Set(i, 0, x.At(i, 0)+r.NormFloat64())
	}
	s := metrics.Settings{Permutations: 199}
	if p := *reference.Must[metrics.Result](t)(HSIC(x, y, U, Widths{}, s)).P; p > 0.01 {
		t.Errorf("pooled: p %v", p)
	}
	if p := *reference.Must[metrics.Result](t)(HSICGivenLabel(x, y, labels, Widths{}, s)).P; p < 0.05 {
		t.Errorf("given the label: p %v", p)
	}
	if p := *reference.Must[metrics.Result](t)(HSICGivenLabel(x, z, labels, Widths{}, s)).P; p > 0.01 {
		t.Errorf("dependence within classes: p %v", p)
	}
}

// Independent pairs of correlated columns: the closed form, from 2000 rows.
func TestInformationOfNormalData(t *testing.T) {
	r := stream.New(4, "normal information")
	x, y := mat.NewDense(2000, 1, nil), mat.NewDense(2000, 1, nil)
	for i := range 2000 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, 0.9*u+math.Sqrt(0.19)*r.NormFloat64())
	}
	truth := -0.5 * math.Log(0.19)
	for _, of := range []Neighbours{KSG1, KSG2, MesnerShalizi} {
		if v := reference.Must[float64](t)(MutualInformation(x, y, 3, of)); !(math.Abs(v-truth) <= 0.12) {
			t.Errorf("estimator %d: %v, want about %v", of, v, truth)
		}
	}
	if f, _ := Xi(x.RawMatrix().Data, y.RawMatrix().Data, 0); !(math.Abs(f.Value-0.5803880509898378) <= 0.05) {
		t.Errorf("xi %v, want about 0.5804", f.Value)
	}
}
