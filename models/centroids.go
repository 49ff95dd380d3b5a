package models

import "math"

// CentroidLabels are classes of n images by the nearest of the classes' centroids, which are
// made twice: first as means of φ = (features, 1) of unit length, weighted by the softmax of
// the logits, then of the images that are nearest to each. The distance is the cosine's; of
// equal ones the first class counts. A class that no image is nearest to has no centroid the
// second time. The margin of an image is by how much its cosine is above that of the second
// nearest centroid, or above −1 where there is none. O(n·d·K).
//
// J. Liang, D. Hu, J. Feng, Do we really need to access the source data? Source hypothesis
// transfer for unsupervised domain adaptation, ICML 2020, equations 5 to 7.
func CentroidLabels(features, logits *Block) (labels []int, margins []float64) {
	d := features.D + 1
	phi := make([]float64, features.N*d)
	for i := range features.N {
		row, square := phi[i*d:(i+1)*d], 1.0
		for j, v := range features.Row(i) {
			row[j] = float64(v)
			square += row[j] * row[j]
		}
		row[d-1] = 1
		for j := range row {
			row[j] /= math.Sqrt(square)
		}
	}
	weights := make([]float64, logits.N*logits.D)
	for i := range logits.N {
		Softmax(weights[i*logits.D:(i+1)*logits.D], logits.Row(i))
	}
	labels, _ = nearest(phi, centroids(phi, weights, d, logits.D), d)
	clear(weights)
	for i, k := range labels {
		weights[i*logits.D+k] = 1
	}
	return nearest(phi, centroids(phi, weights, d, logits.D), d)
}

// centroids are the K sums of rows of φ (n x d) by their weights (n x K), brought to unit
// length: the cosine does not ask how long a mean is. A class without weight keeps zeros.
func centroids(phi, weights []float64, d, classes int) [][]float64 {
	out := make([][]float64, classes)
	for k := range out {
		out[k] = make([]float64, d)
		for i := 0; i*d < len(phi); i++ {
			if w := weights[i*classes+k]; w != 0 {
				for j, v := range phi[i*d : (i+1)*d] {
					out[k][j] += w * v
				}
			}
		}
		square := 0.0
		for _, v := range out[k] {
			square += v * v
		}
		if square > 0 {
			for j := range out[k] {
				out[k][j] /= math.Sqrt(square)
			}
		}
	}
	return out
}

// nearest are the classes of the centroids at the largest cosine, and their margins; the last
// entry of a centroid is positive unless it is none.
func nearest(phi []float64, centroids [][]float64, d int) (labels []int, margins []float64) {
	labels, margins = make([]int, len(phi)/d), make([]float64, len(phi)/d)
	for i := range labels {
		best, second := math.Inf(-1), -1.0
		for k, c := range centroids {
			if c[d-1] == 0 {
				continue
			}
			cosine := 0.0
			for j, v := range phi[i*d : (i+1)*d] {
				cosine += v * c[j]
			}
			if cosine > best {
				second, best, labels[i] = max(second, best), cosine, k
			} else {
				second = max(second, cosine)
			}
		}
		margins[i] = best - second
	}
	return labels, margins
}
