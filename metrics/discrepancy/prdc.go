package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// Support are the shares in which one sample covers the other by balls to the k-th
// neighbour: real is the first sample, generated the second.
type Support struct {
	Precision float64 // generated rows inside some ball of real rows
	Recall    float64 // real rows inside some ball of generated rows
	Density   float64 // balls of real rows that hold a generated row, over k; may pass 1
	Coverage  float64 // balls of real rows that hold some generated row
	Empty     int     // balls of radius 0, of rows with k equal others: they hold nothing
}

// supportNeighbours is k of the registered measures.
const supportNeighbours = 5

// SupportOf measures them, in Euclidean distance and strictly inside. For equal laws the mean
// density is 1 and the mean coverage 1 - prod_{i<=k} (N-i)/(N+M-i). Errors as MMD,
// and k below 1 or not below both numbers of rows. Time O((m+n)^2 d), memory O(m+n).
//
// T. Kynkaanniemi et al., "Improved precision and recall metric" (2019); M. F. Naeem et al.,
// "Reliable fidelity and diversity metrics for generative models" (2020).
func SupportOf(real, generated *mat.Dense, k int) (Support, error) {
	if err := metrics.CheckPair("support", real, generated, 2, false); err != nil {
		return Support{}, err
	}
	n, _ := real.Dims()
	m, _ := generated.Dims()
	if k < 1 || k >= min(m, n) {
		return Support{}, fmt.Errorf("metrics: support: %d neighbours of %d and %d rows, want fewer", k, n, m)
	}
	own, theirs := radii(real, k), radii(generated, k)
	hits := make([]int, m)      // real balls around each generated row
	recalled := make([]bool, n) // real rows inside a generated ball
	covered := make([]bool, n)
	parallel.Blocks(m, 64, func(_, lo, hi int) {
		for j := lo; j < hi; j++ {
			for i := range n {
				if inside(between(real.RawRowView(i), generated.RawRowView(j)), own[i]) {
					hits[j]++
				}
			}
		}
	})
	parallel.Blocks(n, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range m {
				d := between(real.RawRowView(i), generated.RawRowView(j))
				recalled[i] = recalled[i] || inside(d, theirs[j])
				covered[i] = covered[i] || inside(d, own[i])
			}
		}
	})
	var s Support
	for _, h := range hits {
		s.Density += float64(h) / float64(k*m)
		if h > 0 {
			s.Precision += 1 / float64(m)
		}
	}
	for i := range n {
		if recalled[i] {
			s.Recall += 1 / float64(n)
		}
		if covered[i] {
			s.Coverage += 1 / float64(n)
		}
	}
	for _, r := range [][]float64{own, theirs} {
		for _, v := range r {
			if v == 0 {
				s.Empty++
			}
		}
	}
	return s, nil
}

// between is the squared distance, added in column order: the same bits both ways.
func between(a, b []float64) float64 {
	var sum float64
	b = b[:len(a)]
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

// inside says whether a squared distance is below a squared radius by more than rounding: rows of whole numbers lie on
// the edge of a ball in any unit.
func inside(d2, radius2 float64) bool { return d2 < radius2*(1-1e-9) }

// radii are the squared distances to the k-th other row.
func radii(x *mat.Dense, k int) []float64 {
	n, _ := x.Dims()
	out := make([]float64, n)
	parallel.Blocks(n, 64, func(_, lo, hi int) {
		near := make([]float64, 0, k)
		for i := lo; i < hi; i++ {
			near = near[:0]
			for j := range n {
				if j == i {
					continue
				}
				d := between(x.RawRowView(i), x.RawRowView(j))
				if len(near) == k {
					if d >= near[k-1] {
						continue
					}
					near = near[:k-1]
				}
				at := len(near)
				near = append(near, d)
				for ; at > 0 && near[at-1] > d; at-- {
					near[at] = near[at-1]
				}
				near[at] = d
			}
			out[i] = near[k-1]
		}
	})
	return out
}

func init() {
	const (
		kynkaanniemi = "Kynkaanniemi et al., Improved precision and recall metric for assessing generative models, NeurIPS 2019"
		naeem        = "Naeem et al., Reliable fidelity and diversity metrics for generative models, ICML 2020"
	)
	for _, d := range []struct {
		name, doc, citation string
		top                 float64
		of                  func(Support) float64
	}{
		{"precision", "share of rows of the second sample within 5 neighbours of the first", kynkaanniemi, 1, func(s Support) float64 { return s.Precision }},
		{"recall", "share of rows of the first sample within 5 neighbours of the second", kynkaanniemi, 1, func(s Support) float64 { return s.Recall }},
		{"density", "balls to the 5th neighbour in the first sample around rows of the second, over 5", naeem, math.Inf(1), func(s Support) float64 { return s.Density }},
		{"coverage", "share of balls to the 5th neighbour in the first sample that hold a row of the second", naeem, 1, func(s Support) float64 { return s.Coverage }},
	} {
		describe(metrics.Descriptor{
			Name: d.name, Doc: d.doc, Citation: d.citation, Range: [2]float64{0, d.top}, Better: metrics.HigherIsBetter, MinRows: supportNeighbours + 1,
			Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time (m+n)^2 d, memory m+n",
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				r, done, err := begin(d.name, x, y, supportNeighbours+1, metrics.Settings{Seed: s.Seed})
				if done || err != nil {
					return r, err
				}
				support, err := SupportOf(x, y, supportNeighbours)
				if err != nil {
					return r, err
				}
				r.Value = math.Min(d.top, d.of(support)) // shares add up to 1 but for rounding
				if support.Empty > 0 {
					r.Warnings = append(r.Warnings, fmt.Sprintf("%d balls of radius 0 hold nothing: duplicated rows", support.Empty))
				}
				return r.Finish()
			},
		})
	}
}
