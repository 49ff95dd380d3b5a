package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// A Neighbours is an estimator of mutual information by nearest neighbours in the maximum norm.
type Neighbours int

// The estimators, of continuous data unless said. They differ by a few hundredths of a nat:
// a published number must name its own.
const (
	KSG1 Neighbours = iota // Kraskov et al. equation 8: counts strictly inside the k-th neighbour's distance
	KSG2                   // Kraskov et al. equation 9: counts up to the edges of the rectangle of the k neighbours
	// MesnerShalizi takes mixtures with atoms (ReLU codes, integers) as they are, without noise. O.
	// C. Mesner and C. R. Shalizi (2021).
	MesnerShalizi
	GaoPaper // Gao et al. 2017 as printed: low on mixtures
	GaoCode  // Gao et al. as in their code: high on small lattices
)

// neighboursAsked is k of the registered measures.
const neighboursAsked = 3

// A margin counts neighbours in one block.
type margin interface {
	// count is the number of other rows nearer than radius to a row, strictly or not, in the maximum norm.
	count(row int, radius float64, strict bool) int
}

func newMargin(x *mat.Dense) margin {
	if _, d := x.Dims(); d == 1 {
		return newLine(mat.Col(nil, 0, x))
	}
	return newBoxTree(x)
}

// A line is a block of one column in order.
type line struct {
	values []float64
	place  []int // of each row
}

func newLine(values []float64) *line {
	l := &line{values: make([]float64, len(values)), place: make([]int, len(values))}
	for at, i := range rows.Ascending(values) {
		l.values[at], l.place[i] = values[i], at
	}
	return l
}

// firstReach is how many rows away a count looks first.
const firstReach = 64

// count looks outwards in steps that double, and halves the last: differences are monotone along the order, rounding
// and all.
func (l *line) count(row int, radius float64, strict bool) int {
	at := l.place[row]
	v := l.values[at]
	inside := func(i int) bool {
		d := math.Abs(v - l.values[i])
		return d < radius || (!strict && d == radius)
	}
	n, count := len(l.values), 0
	for _, way := range [2]int{-1, 1} {
		most := at // rows in this direction
		if way > 0 {
			most = n - 1 - at
		}
		in, out := 0, firstReach // steps that stay inside, and those that do not
		for out <= most && inside(at+way*out) {
			in, out = out, 2*out
		}
		out = min(out, most+1)
		for out-in > 1 {
			if middle := (in + out) / 2; inside(at + way*middle) {
				in = middle
			} else {
				out = middle
			}
		}
		count += in
	}
	return count
}

// A cloud is a pair of blocks ready for searches in the maximum norm.
type cloud struct {
	k     int
	joint *boxTree // columns of x, then those of y
	p     int      // columns of x
	x, y  margin
	pair  []int // row of y's margin of each row; nil: its own
}

func newCloud(x, y *mat.Dense, k int) *cloud {
	c := &cloud{k: k}
	_, c.p = x.Dims()
	parallel.For(3, func(part int) {
		switch part {
		case 0:
			c.joint = newBoxTree(beside(x, y, 1))
		case 1:
			c.x = newMargin(x)
		case 2:
			c.y = newMargin(y)
		}
	})
	return c
}

// permuted is the cloud of x and the rows pair of y: only the joint tree is another.
func (c *cloud) permuted(x, y *mat.Dense, pair []int) *cloud {
	return &cloud{k: c.k, joint: newBoxTree(beside(x, rows.Take(y, pair), 1)), p: c.p, x: c.x, y: c.y, pair: pair}
}

// inY counts neighbours of a row in y.
func (c *cloud) inY(row int, radius float64, strict bool) int {
	if c.pair != nil {
		row = c.pair[row]
	}
	return c.y.count(row, radius, strict)
}

const cloudBlock = 64 // rows of a block of work

// information is the estimate; terms are added in the order of rows.
func (c *cloud) information(of Neighbours) float64 {
	n := c.joint.n
	psi, terms := digammas(n), make([]float64, n)
	parallel.Blocks(n, cloudBlock, func(_, lo, hi int) {
		s := search{boxTree: c.joint, p: c.p, k: c.k, list: make([]near, 0, c.k)}
		for place := lo; place < hi; place++ { // neighbours follow each other: their boxes stay in the cache
			row := c.joint.row[place]
			terms[row] = c.term(row, s.nearest(place), of, psi)
		}
	})
	mean := floats.Sum(terms) / float64(n)
	switch of {
	case KSG1:
		return psi[c.k] + psi[n] + mean
	case KSG2:
		return psi[c.k] - 1/float64(c.k) + psi[n] + mean
	case MesnerShalizi:
		return psi[n] + mean
	}
	return math.Log(float64(n)) + mean
}

// term is a row's share of the mean.
func (c *cloud) term(row int, list []near, of Neighbours, psi []float64) float64 {
	radius := list[len(list)-1].joint
	switch of {
	case KSG1:
		return -psi[c.x.count(row, radius, true)+1] - psi[c.inY(row, radius, true)+1]
	case KSG2:
		var ex, ey float64
		for _, t := range list {
			ex, ey = math.Max(ex, t.x), math.Max(ey, t.y)
		}
		return -psi[c.x.count(row, ex, false)] - psi[c.inY(row, ey, false)]
	case MesnerShalizi:
		return psi[c.joint.count(row, radius, false)] - psi[c.x.count(row, radius, false)] - psi[c.inY(row, radius, false)]
	}
	k := c.k
	if radius == 0 {
		k = c.joint.count(row, 0, false)
	}
	if of == GaoPaper {
		return psi[k] - math.Log(float64(c.x.count(row, radius, false)+1)) - math.Log(float64(c.inY(row, radius, false)+1))
	}
	if radius == 0 {
		return psi[k+1] - psi[c.x.count(row, 0, false)+1] - psi[c.inY(row, 0, false)+1]
	}
	return psi[k] - psi[c.x.count(row, radius, true)+1] - psi[c.inY(row, radius, true)+1]
}

// digammas is psi(m) for m up to n + 1 (0 unused): gonum's is off by 5e-11 at small whole numbers.
func digammas(n int) []float64 {
	const eulerGamma = 0.57721566490153286060651209008240243
	psi := make([]float64, n+2)
	psi[0], psi[1] = math.NaN(), -eulerGamma
	for m := 2; m < len(psi); m++ {
		psi[m] = psi[m-1] + 1/float64(m-1)
	}
	return psi
}

func init() {
	const kraskov = "Kraskov, Stoegbauer and Grassberger, Estimating mutual information, 2004"
	for _, d := range []struct {
		name, doc, citation string
		of                  Neighbours
	}{
		{"ksg", "mutual information by 3 nearest neighbours, first estimator, in nats, not cut at 0", kraskov, KSG1},
		{"ksg-2", "mutual information by 3 nearest neighbours, second estimator, in nats, not cut at 0", kraskov, KSG2},
		{"ksg-mixed", "mutual information by 3 nearest neighbours of codes with atoms, in nats, not cut at 0", "Mesner and Shalizi, Conditional mutual information estimation for mixed, discrete and continuous data, 2021", MesnerShalizi},
	} {
		metrics.Measures.Add(d.name, metrics.Descriptor{
			Name: d.name, Kind: metrics.Independence, Doc: d.doc, Unit: "nats", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter,
			Invariant: []string{"row order", "translation", "scale"}, Citation: d.citation, MinRows: neighboursAsked + 1,
			Cost: "time n^2 (p + q) (1 + permutations) at worst, memory n (p + q); blocks of more than 10 columns are projected to 10 principal components",
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return neighbourMeasure(d.name, x, y, d.of, s)
			},
		})
	}
}

// neighbourMeasure prepares both blocks, estimates and permutes. The mean of the null, which is the
// bias at this n and these widths, is a part.
func neighbourMeasure(name string, x, y *mat.Dense, of Neighbours, s metrics.Settings) (metrics.Result, error) {
	if err := metrics.CheckPair(name, x, y, neighboursAsked+1, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	a, note, err := Prepare(x, of != MesnerShalizi, s.Seed, "x")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: x: %w", name, err)
	}
	r.Warnings = append(r.Warnings, note...)
	b, note, err := Prepare(y, of != MesnerShalizi, s.Seed, "y")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: y: %w", name, err)
	}
	r.Warnings = append(r.Warnings, note...)
	c := newCloud(a, b, neighboursAsked)
	r.Value = c.information(of)
	r.Test(r.Value, n, s, 1e-12, func(permutations [][]int) []float64 {
		return each(permutations, func(p []int) float64 { return c.permuted(a, b, p).information(of) })
	})
	if len(r.Null) > 0 {
		var mean float64
		for _, v := range r.Null {
			mean += v / float64(len(r.Null))
		}
		r.Parts = append(r.Parts, metrics.Part{Name: "mean of the null", Value: mean})
	}
	return r.Finish()
}

// permuteRows tests by computing the statistic anew for each permutation of the rows of y.
func permuteRows(r *metrics.Result, y *mat.Dense, s metrics.Settings, tolerance float64, statistic func(y *mat.Dense) float64) {
	n, _ := y.Dims()
	r.Test(r.Value, n, s, tolerance, func(permutations [][]int) []float64 {
		return each(permutations, func(p []int) float64 {
			return statistic(rows.Take(y, p))
		})
	})
}
