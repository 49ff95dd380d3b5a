package disentanglement

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/independence"
)

// AdjustedRand is the share of pairs of rows on which two partitions agree, brought to 0 at the
// chance of their margins: 1 where they are the same, whatever their names; 1 too where both are
// one cluster, or both single rows. Both have one value a row, from 0. Time O(n).
//
// L. Hubert and P. Arabie, "Comparing partitions", Journal of Classification 2 (1985).
func AdjustedRand(a, b []int) float64 {
	joint, rows, columns := map[[2]int]int{}, map[int]int{}, map[int]int{}
	for i := range a {
		joint[[2]int{a[i], b[i]}]++
		rows[a[i]]++
		columns[b[i]]++
	}
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	var both, first, second float64 // whole numbers, so that no order of summing matters
	for _, n := range joint {
		both += pairs(n)
	}
	for _, n := range rows {
		first += pairs(n)
	}
	for _, n := range columns {
		second += pairs(n)
	}
	all := pairs(len(a))
	if first == second && (first == 0 || first == all) {
		return 1
	}
	chance := first * second / all
	return (both - chance) / ((first+second)/2 - chance)
}

// Silhouette is the mean over rows of (b - a)/max(a, b): a the mean distance to the other rows of
// its class, b the least mean distance to the rows of another; 0 of a row alone in its class. It is
// in [-1, 1] and wants two classes. Time O(n^2 d).
//
// P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
// analysis", J. Comput. Appl. Math. 20 (1987).
func Silhouette(x *mat.Dense, classes []int, count int) float64 {
	n, _ := x.Dims()
	sizes := make([]int, count)
	for _, c := range classes {
		sizes[c]++
	}
	var sum float64
	sums := make([]float64, count)
	for i := range n {
		clear(sums)
		for j := range n {
			sums[classes[j]] += math.Sqrt(squaredDistance(x.RawRowView(i), x.RawRowView(j)))
		}
		own := classes[i]
		if sizes[own] < 2 {
			continue
		}
		a, b := sums[own]/float64(sizes[own]-1), math.Inf(1)
		for c, s := range sums {
			if c != own && sizes[c] > 0 {
				b = min(b, s/float64(sizes[c]))
			}
		}
		if top := max(a, b); top > 0 {
			sum += (b - a) / top
		}
	}
	return sum / float64(n)
}

// clustered scores, for each factor, a partition of the codes into as many clusters as it has levels.
func clustered(name string, score func(clusters, levels []int) (float64, error)) func(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return func(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
		f, r, done, err := begin(name, codes, table, clusterRows, s)
		if done || err != nil {
			return r, err
		}
		values := make([]float64, len(f.levels))
		for j, levels := range f.levels {
			clusters, _ := KMeans(codes, f.counts[j], s.Seed)
			if values[j], err = score(clusters, levels); err != nil {
				return r, err
			}
		}
		r.Value = mean(values)
		f.parts(&r, values)
		return r.Finish()
	}
}

// clusterRows are the fewest that are clustered.
const clusterRows = 10

// silhouettes scores the levels of each factor as clusters of the codes.
func silhouettes(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("silhouette", codes, table, clusterRows, s)
	if done || err != nil {
		return r, err
	}
	values := make([]float64, len(f.levels))
	for j, levels := range f.levels {
		values[j] = Silhouette(codes, levels, f.counts[j])
	}
	r.Value = mean(values)
	f.parts(&r, values)
	return r.Finish()
}

func init() {
	const cost = "time n k levels a pass of k-means, ten runs; memory n"
	describe(metrics.Descriptor{Name: "ari", Doc: "agreement of k-means on the code with the levels of each factor, 0 at chance: the adjusted Rand index", Range: [2]float64{-0.5, 1},
		Invariant: []string{"translation", "scale"}, Cost: cost, MinRows: clusterRows, Citation: "Hubert and Arabie, Comparing partitions, 1985",
		Compute: clustered("ari", func(a, b []int) (float64, error) { return AdjustedRand(a, b), nil })})
	describe(metrics.Descriptor{Name: "nmi", Doc: "information that k-means on the code shares with the levels of each factor, over the mean entropy; not 0 at chance", Range: [2]float64{0, 1},
		Invariant: []string{"translation", "scale"}, Cost: cost, MinRows: clusterRows, Citation: "Strehl and Ghosh, Cluster ensembles, JMLR 2002",
		Compute: clustered("nmi", func(a, b []int) (float64, error) {
			p, err := independence.DiscreteInformation(a, b)
			return p.Normalised, err
		})})
	describe(metrics.Descriptor{Name: "silhouette", Doc: "how much nearer codes are to those of the same level of a factor than to those of the next", Range: [2]float64{-1, 1},
		Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time n^2 k, memory n", MinRows: clusterRows, Citation: "Rousseeuw, Silhouettes: a graphical aid to cluster analysis, 1987",
		Compute: silhouettes})
}
