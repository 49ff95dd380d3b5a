package independence

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// A XiTest is Chatterjee's coefficient of y as a function of x.
type XiTest struct {
	Value    float64 // from about -1/2 to 1 - 3/(n+1); not symmetric
	Variance float64 // of sqrt(n) Value under independence, with ties of y; 2/5 without
	P        float64 // one-sided, by the normal law: good from 50 rows
}

// Xi measures how far y is a function of x: 1 - n sum |r_{i+1} - r_i| / (2 sum l_i (n - l_i)) in the
// order of x, r and l the ranks of y from below and above. Rows of equal x come in the random
// order of the stream (seed, xi). ok is false where y is constant. Both have at least 3 finite
// values. Time O(n log n).
//
// S. Chatterjee, "A new coefficient of correlation" (2021).
func Xi(x, y []float64, seed uint64) (t XiTest, ok bool) {
	order := stream.Permutation(stream.New(seed, "xi"), len(x))
	slices.SortStableFunc(order, func(a, b int) int { return compare(x[a], x[b]) })
	r, l := ranksBothWays(y)
	n := float64(len(x))
	var steps, spread float64
	for k, i := range order {
		spread += l[i] * (n - l[i])
		if k > 0 {
			steps += math.Abs(r[i] - r[order[k-1]])
		}
	}
	if spread == 0 {
		return t, false
	}
	t.Value = 1 - n*steps/(2*spread)
	slices.Sort(r)
	var a, b, c, running float64
	for k, u := range r {
		i := float64(k + 1)
		running += u
		a += (2*n - 2*i + 1) * u * u / (n * n * n * n)
		v := running + (n-i)*u
		b += v * v / (n * n * n * n * n)
		c += (2*n - 2*i + 1) * u / (n * n * n)
	}
	d := spread / (n * n * n)
	t.Variance = (a - 2*b + c*c) / (d * d)
	t.P = distuv.UnitNormal.CDF(-t.Value * math.Sqrt(n/t.Variance))
	return t, true
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ranksBothWays are #{j: v_j <= v_i} and #{j: v_j >= v_i}.
func ranksBothWays(v []float64) (below, above []float64) {
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	below, above = make([]float64, len(v)), make([]float64, len(v))
	for i, x := range v {
		lo, _ := slices.BinarySearch(sorted, x)
		hi, _ := slices.BinarySearchFunc(sorted, x, func(e, t float64) int {
			if e <= t {
				return -1
			}
			return 1
		})
		below[i], above[i] = float64(hi), float64(len(v)-lo)
	}
	return below, above
}

// Hoeffding is D times 30 of two columns, in [-0.5, 1] and 1 for a monotone function without
// ties; ties take mid-ranks and push it down. It is invariant under monotone maps of each
// column. Both have at least 5 finite values. Time O(n log n).
//
// W. Hoeffding, "A non-parametric test of independence" (1948).
func Hoeffding(x, y []float64) float64 {
	n := float64(len(x))
	r, s, q := midRanks(x), midRanks(y), jointRanks(x, y)
	var d1, d2, d3 float64
	for i := range x {
		d1 += (q[i] - 1) * (q[i] - 2)
		d2 += (r[i] - 1) * (r[i] - 2) * (s[i] - 1) * (s[i] - 2)
		d3 += (r[i] - 2) * (s[i] - 2) * (q[i] - 1)
	}
	return 30 * ((n-2)*(n-3)*d1 + d2 - 2*(n-2)*d3) / (n * (n - 1) * (n - 2) * (n - 3) * (n - 4))
}

func midRanks(v []float64) []float64 {
	below, above := ranksBothWays(v)
	n := float64(len(v))
	for i := range below {
		below[i] = (below[i] + n - above[i] + 1) / 2
	}
	return below
}

// jointRanks is 1 + #{x<, y<} + #{x=, y<}/2 + #{x<, y=}/2 + #{others, x=, y=}/4 for each row, by a
// Fenwick tree over the ranks of y of the rows of smaller x.
func jointRanks(x, y []float64) []float64 {
	n := len(x)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := compare(x[a], x[b]); c != 0 {
			return c
		}
		return compare(y[a], y[b])
	})
	below, _ := ranksBothWays(y) // equal values share a rank
	tree, at := make([]float64, n+1), make([]float64, n+1)
	upTo := func(k int) (sum float64) {
		for ; k > 0; k &= k - 1 {
			sum += tree[k]
		}
		return sum
	}
	q := make([]float64, n)
	for lo := 0; lo < n; {
		hi := lo
		for hi < n && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for first := lo; first < hi; {
			last := first
			for last < hi && y[order[last]] == y[order[first]] {
				last++
			}
			rank := int(below[order[first]])
			value := 1 + upTo(rank) - at[rank] + at[rank]/2 + float64(first-lo)/2 + float64(last-first-1)/4
			for _, i := range order[first:last] {
				q[i] = value
			}
			first = last
		}
		for _, i := range order[lo:hi] {
			rank := int(below[i])
			at[rank]++
			for k := rank; k <= n; k += k & -k {
				tree[k]++
			}
		}
		lo = hi
	}
	return q
}

// pairMaximum measures blocks by the largest value over pairs of their columns that vary, with the
// permutation p-value of that maximum.
func pairMaximum(name string, minRows int, of func(x, y []float64, seed uint64) float64) func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
		if err := metrics.CheckPair(name, x, y, minRows, true); err != nil {
			return metrics.Result{}, err
		}
		n, _ := x.Dims()
		r := metrics.Start(name, n, s)
		a, b := varying(x), varying(y)
		if len(a) == 0 || len(b) == 0 {
			return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
		}
		value := func(p []int) float64 {
			top := math.Inf(-1)
			permuted := make([]float64, n)
			for _, v := range b {
				for i, from := range p {
					permuted[i] = v[from]
				}
				for _, u := range a {
					top = math.Max(top, of(u, permuted, s.Seed))
				}
			}
			return top
		}
		identity := make([]int, n)
		for i := range identity {
			identity[i] = i
		}
		r.Value = value(identity)
		r.Test(r.Value, n, s, metrics.TieTolerance, func(permutations [][]int) []float64 { return each(permutations, value) })
		return r.Finish()
	}
}

func varying(x *mat.Dense) [][]float64 {
	_, d := x.Dims()
	var out [][]float64
	for j := range d {
		c := mat.Col(nil, j, x)
		if slices.Min(c) < slices.Max(c) {
			out = append(out, c)
		}
	}
	return out
}

func init() {
	metrics.Measures.Add("xi", metrics.Descriptor{
		Name: "xi", Kind: metrics.Independence, Doc: "Chatterjee's coefficient: how far a column of y is a function of one of x, the largest over pairs of columns", Unit: "1",
		Range: [2]float64{-1, 1}, Better: metrics.LowerIsBetter, Invariant: []string{"translation", "scale"}, Cost: "time n log n p q (1 + permutations)",
		Citation: "Chatterjee, A new coefficient of correlation, JASA 2021", MinRows: 3,
		Compute: pairMaximum("xi", 3, func(x, y []float64, seed uint64) float64 {
			t, _ := Xi(x, y, seed) // the columns vary
			return t.Value
		}),
	})
	metrics.Measures.Add("hoeffding", metrics.Descriptor{
		Name: "hoeffding", Kind: metrics.Independence, Doc: "Hoeffding's D times 30, the largest over pairs of columns", Unit: "1",
		Range: [2]float64{-1, 1}, Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation", "scale"}, Cost: "time n log n p q (1 + permutations)",
		Citation: "Hoeffding, A non-parametric test of independence, 1948", MinRows: 5,
		Compute: pairMaximum("hoeffding", 5, func(x, y []float64, _ uint64) float64 { return Hoeffding(x, y) }),
	})
}
