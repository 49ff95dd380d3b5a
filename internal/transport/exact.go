// Package transport moves mass between two discrete distributions at least cost.
package transport

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Exact returns the plan of least total cost (n x m, entries at least 0) that moves
// mass 1/n from each of n places to mass 1/m at each of m: the 1-Wasserstein plan of
// the cost. At most n+m-1 entries are positive. cost is finite.
//
// Successive shortest paths with potentials, on whole units (m of each source, n of
// each target), so that no mass is lost to rounding. Time O((n+m) n m) in the
// worst case, usually far less; memory O(n m).
//
// R. K. Ahuja, T. L. Magnanti and J. B. Orlin, Network Flows, 1993, section 9.7.
func Exact(cost *mat.Dense) (*mat.Dense, error) {
	if err := finite(cost); err != nil {
		return nil, err
	}
	n, m := cost.Dims()
	s := &shortest{cost: cost, n: n, m: m, flow: make([][]shipment, m), supply: make([]int, n), demand: make([]int, m),
		u: make([]float64, n), v: make([]float64, m)}
	for i := range s.supply {
		s.supply[i] = m
	}
	for j := range s.demand {
		s.demand[j] = n
		s.v[j] = math.Inf(1)
		for i := range n {
			s.v[j] = math.Min(s.v[j], cost.At(i, j))
		}
	}
	for i := range n {
		for s.supply[i] > 0 {
			s.augment(i)
		}
	}
	plan := mat.NewDense(n, m, nil)
	for j, row := range s.flow {
		for _, f := range row {
			plan.Set(f.source, j, float64(f.units)/float64(n)/float64(m))
		}
	}
	return plan, nil
}

// shortest keeps a flow that is optimal for what it has moved, with potentials
// u and v: reduced costs c - u - v are at least 0, and 0 where there is flow.
type shortest struct {
	cost           *mat.Dense
	n, m           int
	flow           [][]shipment // into each target, sources ascending
	supply, demand []int        // units left
	u, v           []float64
}

// A shipment is what a source sends to a target, above 0.
type shipment struct{ source, units int }

// place is where a source stands, or would, among those that send to a target.
func (s *shortest) place(source, target int) (at int, found bool) {
	return slices.BinarySearchFunc(s.flow[target], source, func(f shipment, source int) int { return f.source - source })
}

// ship adds units, which may be negative, to what a source sends to a target.
func (s *shortest) ship(source, target, units int) {
	at, found := s.place(source, target)
	if !found {
		s.flow[target] = slices.Insert(s.flow[target], at, shipment{source, units})
		return
	}
	if s.flow[target][at].units += units; s.flow[target][at].units == 0 {
		s.flow[target] = slices.Delete(s.flow[target], at, at+1)
	}
}

// augment sends as many units as it can from a source along one shortest path of
// reduced costs to a target with demand: Dijkstra over targets, each reached from
// a source, and sources, each reached backwards along flow.
func (s *shortest) augment(start int) {
	distance := make([]float64, s.m) // of targets
	from := make([]int, s.m)         // source before each target
	done := make([]bool, s.m)
	reached := make([]float64, s.n) // of sources
	through := make([]int, s.n)     // target before each source; -1: the start
	for j := range distance {
		distance[j] = math.Inf(1)
	}
	for i := range reached {
		reached[i] = math.Inf(1)
	}
	queue := []int{start}
	reached[start], through[start] = 0, -1
	end, total := -1, 0.0
	for {
		for _, i := range queue {
			row, base := s.cost.RawRowView(i), reached[i]-s.u[i]
			for j, c := range row {
				if d := base + c - s.v[j]; !done[j] && d < distance[j] {
					distance[j], from[j] = math.Max(d, reached[i]), i
				}
			}
		}
		best := -1
		for j, d := range distance {
			if !done[j] && (best < 0 || d < distance[best]) {
				best = j
			}
		}
		done[best], total = true, distance[best]
		if s.demand[best] > 0 {
			end = best
			break
		}
		queue = queue[:0]
		for _, f := range s.flow[best] {
			if math.IsInf(reached[f.source], 1) {
				reached[f.source], through[f.source] = total, best
				queue = append(queue, f.source)
			}
		}
	}
	for i, d := range reached {
		if d < total {
			s.u[i] += total - d
		}
	}
	for j, d := range distance {
		if done[j] && d < total {
			s.v[j] -= total - d
		}
	}
	s.push(start, end, from, through)
}

// push moves the bottleneck of the path back from end to start.
func (s *shortest) push(start, end int, from, through []int) {
	units := min(s.supply[start], s.demand[end])
	for j := end; ; {
		i := from[j]
		if through[i] < 0 {
			break
		}
		j = through[i]
		at, _ := s.place(i, j)
		units = min(units, s.flow[j][at].units)
	}
	for j := end; ; {
		i := from[j]
		s.ship(i, j, units)
		if through[i] < 0 {
			break
		}
		j = through[i]
		s.ship(i, j, -units)
	}
	s.supply[start] -= units
	s.demand[end] -= units
}
