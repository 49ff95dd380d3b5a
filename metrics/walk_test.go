package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	_ "github.com/venn-adapt/venn/metrics/classification"
	_ "github.com/venn-adapt/venn/metrics/discrepancy"
	_ "github.com/venn-adapt/venn/metrics/disentanglement"
	_ "github.com/venn-adapt/venn/metrics/image"
	_ "github.com/venn-adapt/venn/metrics/independence"
)

// computed are the measures of a kind.
func computed(kind metrics.Kind) []metrics.Descriptor {
	var out []metrics.Descriptor
	for _, m := range metrics.Measures.All() {
		if m.Kind == kind && m.Compute != nil {
			out = append(out, m)
		}
	}
	return out
}

// pair draws two blocks for a measure: dependent pairs, or samples a shift apart, which labels may follow.
func pair(m metrics.Descriptor, n int, purpose ...any) (x, y *mat.Dense) {
	r := stream.New(5, purpose...)
	x = mat.NewDense(n, 3, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
	switch {
	case labelled(m):
		y = mat.NewDense(n+4, 3, nil)
		y.Apply(func(_, j int, _ float64) float64 { return 2*r.NormFloat64() + float64(j) }, y)
		return withLabels(x), withLabels(y)
	case m.Labels:
		y = mat.NewDense(n, 1, nil)
		for i := range n {
			y.Set(i, 0, math.Round(math.Max(-1, math.Min(1, x.At(i, 0)))))
		}
	case m.Kind == metrics.Discrepancy:
		y = mat.NewDense(n+4, 3, nil)
		y.Apply(func(_, j int, _ float64) float64 { return 2*r.NormFloat64() + float64(j) }, y)
	default:
		y = mat.NewDense(n, 2, nil)
		for i := range n {
			y.SetRow(i, []float64{x.At(i, 0) + r.NormFloat64()/2, r.NormFloat64()})
		}
	}
	return x, y
}

// labelled says that the last column of both samples holds labels.
func labelled(m metrics.Descriptor) bool { return m.Labels && m.Kind == metrics.Discrepancy }

func withLabels(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		copy(out.RawRowView(i), x.RawRowView(i))
		out.Set(i, d, float64(i%3))
	}
	return out
}

func run(t testing.TB, m metrics.Descriptor, x, y *mat.Dense, s metrics.Settings) metrics.Result {
	t.Helper()
	r, err := m.Compute(x, y, s)
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	return r
}

var matrices = []metrics.Kind{metrics.Independence, metrics.Discrepancy}

func TestDescriptors(t *testing.T) {
	for _, m := range metrics.Measures.All() {
		if m.Doc == "" || m.Unit == "" || m.Cost == "" || m.MinRows < 1 || m.Range[0] >= m.Range[1] || strings.Contains(m.Doc, "\n") {
			t.Errorf("%s: an incomplete descriptor: %+v", m.Name, m)
		}
		if m.Kind != metrics.Classification && m.Kind != metrics.Image && m.Citation == "" {
			t.Errorf("%s: no citation", m.Name)
		}
		for _, to := range m.Invariant {
			if !slices.Contains([]string{"row order", "translation", "rotation", "scale"}, to) {
				t.Errorf("%s: invariant to %q, which no test knows", m.Name, to)
			}
		}
	}
}

// Every measure of matrices refuses what it cannot measure, in one line that says what and where.
func TestRefusals(t *testing.T) {
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			x, y := pair(m, 60, "refusals")
			bad := mat.DenseCopyOf(x)
			bad.Set(7, 1, math.NaN())
			infinite := mat.DenseCopyOf(y)
			infinite.Set(3, 0, math.Inf(1))
			short := func(x *mat.Dense, n int) *mat.Dense {
				_, d := x.Dims()
				return mat.DenseCopyOf(x.Slice(0, n, 0, d))
			}
			type fault struct {
				x, y *mat.Dense
				want string
			}
			faults := []fault{{bad, y, "row 7, column 1 is NaN"}, {x, infinite, "row 3, column 0 is +Inf"}}
			if kind == metrics.Independence {
				faults = append(faults, fault{x, short(y, 50), "60 rows in x, 50 in y"})
			} else {
				_, d := x.Dims()
				faults = append(faults, fault{x, mat.NewDense(40, 2, nil), fmt.Sprintf("%d columns in x, 2 in y", d)})
			}
			if m.MinRows > 1 {
				faults = append(faults, fault{short(x, m.MinRows-1), short(y, m.MinRows-1), "want"})
			}
			for _, f := range faults {
				_, err := m.Compute(f.x, f.y, metrics.Settings{Permutations: 19})
				if err == nil || !strings.Contains(err.Error(), f.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: error %v, want %q", m.Name, err, f.want)
				}
			}
		}
	}
}

// A collapsed block is told, never called independent or aligned; inputs stay as they are.
func TestCollapseAndInputs(t *testing.T) {
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			x, y := pair(m, 60, "collapse")
			flatX, flatY := constantLike(x), constantLike(y)
			s := metrics.Settings{Permutations: 19}
			pairs := [][2]*mat.Dense{{flatX, flatY}}
			if kind == metrics.Independence {
				pairs = append(pairs, [2]*mat.Dense{flatX, y}, [2]*mat.Dense{x, flatY})
			}
			for _, p := range pairs {
				r := run(t, m, p[0], p[1], s)
				want := 0.0
				if m.Name == "domain-probe" {
					want = 0.5 // chance
				}
				if r.Value != want || !r.Degenerate || len(r.Warnings) == 0 || (r.P != nil && *r.P != 1) {
					t.Errorf("%s of a constant block: %+v, want %v, p = 1, degenerate", m.Name, r, want)
				}
			}
			keptX, keptY := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
			r := run(t, m, x, y, s)
			if !mat.Equal(x, keptX) || !mat.Equal(y, keptY) {
				t.Errorf("%s changes its input", m.Name)
			}
			if r.Name != m.Name || r.N == 0 || r.Degenerate || math.IsNaN(r.Value) || r.Value < m.Range[0]-1e-9 || r.Value > m.Range[1]+1e-9 {
				t.Errorf("%s: %+v outside %v", m.Name, r, m.Range)
			}
			if r.P != nil && (*r.P <= 0 || *r.P > 1 || r.Method == "") {
				t.Errorf("%s: p %v by %q", m.Name, *r.P, r.Method)
			}
		}
	}
}

// More columns than rows, and rows that come twice, give a value in range or one line that says why not.
func TestWideAndDuplicated(t *testing.T) {
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			r := stream.New(6, "wide", m.Name)
			fill := func(n, d int) *mat.Dense {
				out := mat.NewDense(n, d, nil)
				out.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, out)
				return out
			}
			wideX, wideY := fill(24, 60), fill(24, 60)
			x, y := pair(m, 60, "twice")
			switch {
			case labelled(m):
				wideX, wideY = withLabels(wideX), withLabels(wideY)
			case m.Labels:
				wideY = mat.NewDense(24, 1, nil)
				wideY.Apply(func(i, _ int, _ float64) float64 { return float64(i % 3) }, wideY)
			}
			for i := range 60 {
				x.SetRow(i, x.RawRowView(i/2*2)) // every row twice, in pairs that stay pairs
				y.SetRow(i, y.RawRowView(i/2*2))
			}
			for what, p := range map[string][2]*mat.Dense{"wide": {wideX, wideY}, "twice": {x, y}} {
				res, err := m.Compute(p[0], p[1], metrics.Settings{Permutations: 19})
				switch {
				case err != nil && strings.Contains(err.Error(), "\n"):
					t.Errorf("%s of %s rows: %v, want one line", m.Name, what, err)
				case err != nil:
					if !strings.Contains(err.Error(), "rows") && !strings.Contains(err.Error(), "dimensions") {
						t.Errorf("%s of %s rows: %v", m.Name, what, err)
					}
				case math.IsNaN(res.Value) || res.Value < m.Range[0]-1e-9 || res.Value > m.Range[1]+1e-9 || (res.P != nil && !(*res.P > 0 && *res.P <= 1)):
					t.Errorf("%s of %s rows: %+v outside %v", m.Name, what, res, m.Range)
				}
			}
		}
	}
}

func constantLike(x *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(x)
	out.Apply(func(_, _ int, _ float64) float64 { return 3 }, out)
	return out
}

// The invariances that descriptors state.
func TestStatedInvariances(t *testing.T) {
	for seed := range uint64(4) {
		r := stream.New(seed, "change")
		angle, shift, scale := r.Float64(), 10*r.NormFloat64(), 0.2+r.Float64()
		for _, kind := range matrices {
			for _, m := range computed(kind) {
				x, y := pair(m, 30, "invariance", r.IntN(1000))
				want := run(t, m, x, y, metrics.Settings{})
				for _, to := range m.Invariant {
					a, b := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
					switch to {
					case "row order":
						order := stream.Permutation(r, 30)
						for i, from := range order {
							a.SetRow(i, x.RawRowView(from))
							if kind == metrics.Independence {
								b.SetRow(i, y.RawRowView(from))
							}
						}
					case "translation":
						moveBoth(a, b, m, func(row []float64) {
							for j := range row {
								row[j] += shift
							}
						})
					case "scale":
						moveBoth(a, b, m, func(row []float64) {
							for j := range row {
								row[j] *= scale
							}
						})
					case "rotation":
						moveBoth(a, b, m, func(row []float64) {
							row[0], row[1] = row[0]*math.Cos(angle)-row[1]*math.Sin(angle), row[0]*math.Sin(angle)+row[1]*math.Cos(angle)
						})
					}
					got := run(t, m, a, b, metrics.Settings{})
					if math.Abs(got.Value-want.Value) > 2e-6*math.Max(math.Abs(want.Value), 1e-2) {
						t.Errorf("%s: %v after a change of %s, want %v", m.Name, got.Value, to, want.Value)
					}
				}
			}
		}
	}
}

// moveBoth changes the rows of x and, where it is not labels, of y.
func moveBoth(x, y *mat.Dense, m metrics.Descriptor, change func(row []float64)) {
	for _, b := range []*mat.Dense{x, y} {
		n, d := b.Dims()
		switch {
		case labelled(m):
			d--
		case b == y && m.Labels:
			continue
		}
		for i := range n {
			change(b.RawRowView(i)[:d])
		}
	}
}

// The same bytes for any number of threads, over more rows than a tile.
func TestSameBytesForAnyNumberOfThreads(t *testing.T) {
	defer parallel.SetThreads(0)
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			x, y := pair(m, 270, "threads")
			s := metrics.Settings{Permutations: 9, Seed: 3}
			parallel.SetThreads(1)
			one := run(t, m, x, y, s)
			parallel.SetThreads(2)
			if two := run(t, m, x, y, s); !cmp.Equal(one, two) {
				t.Errorf("%s differs between 1 and 2 threads: %s", m.Name, cmp.Diff(one, two))
			}
		}
	}
}

// Clear dependence, and clear distance, is found; a sequential test stops early only without it.
func TestClearCasesAreFound(t *testing.T) {
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			x, y := pair(m, 80, "clear")
			other, _ := pair(m, 80, "other")
			s := metrics.Settings{Permutations: 49, Sequential: true}
			weak := strings.HasPrefix(m.Name, "hsic-linear-time") || strings.HasPrefix(m.Name, "hsic-block")
			if r := run(t, m, x, y, s); r.P != nil && *r.P > 0.05 && !weak {
				t.Errorf("%s: p %v of a clear case", m.Name, *r.P)
			}
			null := y
			if kind == metrics.Discrepancy {
				null = other
			}
			if r := run(t, m, other, null, s); r.P != nil && *r.P < 0.001 {
				t.Errorf("%s: p %v of no difference", m.Name, *r.P)
			}
		}
	}
}
