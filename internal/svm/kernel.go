package svm

import (
	"fmt"
	"math"
)

const (
	kernelTolerance = 1e-3 // largest violation of optimality at which a fit ends
	kernelSteps     = 10000000
	flat            = 1e-12 // curvature of a pair of equal rows
)

// FitKernel minimises a'Qa/2 - sum a subject to 0 <= a_i <= c_i and y'a = 0, with
// Q_ij = y_i y_j K_ij, for a symmetric kernel K (n x n, row-major) and y_i of 1 or -1,
// both of which occur. The decision is f(x) = sum_i y_i a_i k(x_i, x) - rho.
//
// Pairs are chosen by second-order information. It fails when the violation stays above
// 1e-3. Time O(n) a step, memory O(n).
//
// Fan, Chen and Lin, Working set selection using second order information for training
// support vector machines, 2005.
func FitKernel(k []float64, y, c []float64) (alpha []float64, rho float64, err error) {
	n := len(y)
	if len(c) != n || len(k) != n*n {
		return nil, 0, fmt.Errorf("svm: %d signs, %d costs and %d kernel values", n, len(c), len(k))
	}
	s := &smo{n: n, k: k, y: y, c: c, alpha: make([]float64, n), gradient: make([]float64, n)}
	for i := range s.gradient {
		s.gradient[i] = -1
	}
	for range kernelSteps {
		i, j, ok := s.pair()
		if !ok {
			return s.alpha, s.rho(), nil
		}
		s.step(i, j)
	}
	return nil, 0, fmt.Errorf("svm: %d rows: not optimal after %d steps: lower c", n, kernelSteps)
}

type smo struct {
	n                        int
	k, y, c, alpha, gradient []float64 // gradient is Q a - 1
}

// up and down say whether y_i a_i may grow or fall.
func (s *smo) up(i int) bool {
	return s.y[i] > 0 && s.alpha[i] < s.c[i] || s.y[i] < 0 && s.alpha[i] > 0
}

func (s *smo) down(i int) bool {
	return s.y[i] > 0 && s.alpha[i] > 0 || s.y[i] < 0 && s.alpha[i] < s.c[i]
}

// pair picks the most violating i and the j that promises the largest fall.
func (s *smo) pair() (int, int, bool) {
	i, top := -1, math.Inf(-1)
	for t := range s.n {
		if v := -s.y[t] * s.gradient[t]; s.up(t) && v > top {
			i, top = t, v
		}
	}
	if i < 0 {
		return 0, 0, false
	}
	j, best, low := -1, math.Inf(1), math.Inf(1)
	row := s.k[i*s.n : (i+1)*s.n]
	for t := range s.n {
		if !s.down(t) {
			continue
		}
		v := -s.y[t] * s.gradient[t]
		low = math.Min(low, v)
		if b := top - v; b > 0 {
			curvature := math.Max(flat, row[i]+s.k[t*s.n+t]-2*row[t])
			if fall := -b * b / curvature; fall < best {
				j, best = t, fall
			}
		}
	}
	return i, j, j >= 0 && top-low > kernelTolerance
}

// step moves the pair along y'a = 0 to the best point of the box.
func (s *smo) step(i, j int) {
	rowI, rowJ := s.k[i*s.n:(i+1)*s.n], s.k[j*s.n:(j+1)*s.n]
	curvature := math.Max(flat, rowI[i]+rowJ[j]-2*rowI[j])
	move := (-s.y[i]*s.gradient[i] + s.y[j]*s.gradient[j]) / curvature // of y_i a_i up and y_j a_j down
	room := func(t int, grows bool) float64 {
		if (s.y[t] > 0) == grows {
			return s.c[t] - s.alpha[t]
		}
		return s.alpha[t]
	}
	move = math.Min(move, math.Min(room(i, true), room(j, false)))
	s.alpha[i] = s.clip(i, s.alpha[i]+s.y[i]*move)
	s.alpha[j] = s.clip(j, s.alpha[j]-s.y[j]*move)
	for t := range s.n {
		s.gradient[t] += s.y[t] * move * (rowI[t] - rowJ[t])
	}
}

// clip puts what rounding left beside a bound on it.
func (s *smo) clip(i int, a float64) float64 {
	if eps := 1e-12 * s.c[i]; a < eps {
		return 0
	} else if a > s.c[i]-eps {
		return s.c[i]
	}
	return a
}

// rho is the mean of y_i gradient_i over free rows, or the middle of what the bounds
// allow.
func (s *smo) rho() float64 {
	var sum float64
	free := 0
	low, high := math.Inf(-1), math.Inf(1)
	for i := range s.n {
		v := s.y[i] * s.gradient[i]
		switch {
		case s.alpha[i] > 0 && s.alpha[i] < s.c[i]:
			sum, free = sum+v, free+1
		case s.up(i):
			high = math.Min(high, v)
		default:
			low = math.Max(low, v)
		}
	}
	if free > 0 {
		return sum / float64(free)
	}
	return (low + high) / 2
}
