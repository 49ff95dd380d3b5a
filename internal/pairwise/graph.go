package pairwise

import (
	"math"
	"slices"
)

// An Edge is an entry of a sparse row.
type Edge struct {
	Column int
	Weight float64
}

func sortedKeys(row map[int]float64) []int {
	keys := make([]int, 0, len(row))
	for k := range row {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Graph is D^(-1/2) W D^(-1/2), a list of entries a row in order of columns.
// lists holds, for each row, its nearest rows (k+1 where there are as many, since a row
// is near itself); W_ij is weight of the squared distance where one of i and j is among
// the k nearest of the other, else 0, and D its row sums. A row without weight has no
// entries.
func Graph(lists [][]Neighbour, k int, weight func(squared float64) float64) [][]Edge {
	w := make([]map[int]float64, len(lists))
	for i := range w {
		w[i] = map[int]float64{}
	}
	for i, list := range lists {
		taken := 0
		for _, nb := range list {
			if nb.Row == i || taken == k {
				continue
			}
			taken++
			v := weight(nb.Squared)
			w[i][nb.Row], w[nb.Row][i] = v, v
		}
	}
	degree := make([]float64, len(w))
	for i, row := range w {
		for _, j := range sortedKeys(row) {
			degree[i] += row[j]
		}
	}
	out := make([][]Edge, len(w))
	for i, row := range w {
		for _, j := range sortedKeys(row) {
			if v := degree[i] * degree[j]; v > 0 {
				out[i] = append(out[i], Edge{j, row[j] / math.Sqrt(v)})
			}
		}
	}
	return out
}
