package disentanglement

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// Restarts of k-means, and the passes that each may take.
const (
	kmeansRestarts = 10
	kmeansPasses   = 300
)

// KMeans assigns rows of x (n x d) to k clusters, 1 <= k <= n, so that the squared distances to the
// clusters' means are small: the best of ten runs of Lloyd's passes, each begun at rows drawn in
// proportion to their squared distance from those drawn before. inertia is the sum of those
// squares. A cluster that loses its last row gets the row that is farthest from its mean. Streams
// are keyed by seed and run. Time O(n k d) a pass.
//
// S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982); D. Arthur and
// S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
func KMeans(x *mat.Dense, k int, seed uint64) (clusters []int, inertia float64) {
	inertia = math.Inf(1)
	for run := range kmeansRestarts {
		c, cost := lloyd(x, plusPlus(x, k, seed, run))
		if cost < inertia {
			clusters, inertia = c, cost
		}
	}
	return clusters, inertia
}

// plusPlus draws k rows as the first means.
func plusPlus(x *mat.Dense, k int, seed uint64, run int) *mat.Dense {
	n, d := x.Dims()
	r := stream.New(seed, "kmeans", run)
	means := mat.NewDense(k, d, nil)
	means.SetRow(0, x.RawRowView(r.IntN(n)))
	nearest := make([]float64, n)
	for i := range nearest {
		nearest[i] = squaredDistance(x.RawRowView(i), means.RawRowView(0))
	}
	for c := 1; c < k; c++ {
		var total float64
		for _, v := range nearest {
			total += v
		}
		at, left := n-1, total*r.Float64()
		for i, v := range nearest {
			if left -= v; left < 0 {
				at = i
				break
			}
		}
		means.SetRow(c, x.RawRowView(at))
		for i := range nearest {
			nearest[i] = min(nearest[i], squaredDistance(x.RawRowView(i), means.RawRowView(c)))
		}
	}
	return means
}

// lloyd assigns rows to means and moves these, until no row changes.
func lloyd(x, means *mat.Dense) (clusters []int, inertia float64) {
	n, _ := x.Dims()
	clusters = make([]int, n)
	distance := make([]float64, n)
	for pass := range kmeansPasses {
		moved := assign(x, means, clusters, distance)
		if pass > 0 && !moved {
			break
		}
		recentre(x, means, clusters, distance)
	}
	assign(x, means, clusters, distance)
	for _, v := range distance {
		inertia += v
	}
	return clusters, inertia
}

// assign puts every row to its nearest mean, of equal ones the first, and says whether one moved.
func assign(x, means *mat.Dense, clusters []int, distance []float64) (moved bool) {
	k, _ := means.Dims()
	for i := range clusters {
		best, least := 0, math.Inf(1)
		for c := range k {
			if v := squaredDistance(x.RawRowView(i), means.RawRowView(c)); v < least {
				best, least = c, v
			}
		}
		moved = moved || clusters[i] != best
		clusters[i], distance[i] = best, least
	}
	return moved
}

// recentre makes each mean that of its rows.
func recentre(x, means *mat.Dense, clusters []int, distance []float64) {
	k, _ := means.Dims()
	count := make([]int, k)
	for _, c := range clusters {
		count[c]++
	}
	for c := range k {
		if count[c] > 0 {
			continue
		}
		far := -1
		for i, v := range distance {
			if count[clusters[i]] > 1 && (far < 0 || v > distance[far]) {
				far = i
			}
		}
		count[clusters[far]]--
		clusters[far], distance[far], count[c] = c, 0, 1
	}
	means.Zero()
	for i, c := range clusters {
		row := means.RawRowView(c)
		for j, v := range x.RawRowView(i) {
			row[j] += v / float64(count[c])
		}
	}
}

func squaredDistance(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}
