package losses

import (
	"fmt"
	"math"
)

// Agree is the mean over rows of the cross-entropy, in nats, of the first logits against the
// class that the second logits choose; the choice is a constant.
//
// Y. Zhang et al., Bridging theory and algorithm for domain adaptation, ICML 2019.
type Agree struct{ Rows Rows }

func (Agree) Inputs() (all, trained int)    { return 2, 1 }
func (a Agree) Check(shapes ...[]int) error { return checkChoice(a.Rows, shapes) }

func (a Agree) Value(x ...Matrix) float64 {
	z, by := a.Rows.of(x[0]), a.Rows.of(x[1])
	total := 0.0
	for i := range z.Rows {
		total += logSumExp(row(z, i), -1) - row(z, i)[largest(row(by, i))]
	}
	return total / float64(z.Rows)
}

func (a Agree) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	by, to := a.Rows.of(x[1]), a.Rows.of(dx)
	p := softmax(a.Rows.of(x[0]), 1)
	for i := range p.Rows {
		for k, v := range row(p, i) {
			row(to, i)[k] = size / float64(p.Rows) * v
		}
		row(to, i)[largest(row(by, i))] -= size / float64(p.Rows)
	}
}

// Disagree is the mean over rows of −log(1 − p_y), in nats: p the softmax of the first
// logits, y the class that the second logits choose, a constant. Of the same paper.
type Disagree struct{ Rows Rows }

func (Disagree) Inputs() (all, trained int)    { return 2, 1 }
func (d Disagree) Check(shapes ...[]int) error { return checkChoice(d.Rows, shapes) }

func (d Disagree) Value(x ...Matrix) float64 {
	z, by := d.Rows.of(x[0]), d.Rows.of(x[1])
	total := 0.0
	for i := range z.Rows {
		total += logSumExp(row(z, i), -1) - logSumExp(row(z, i), largest(row(by, i)))
	}
	return total / float64(z.Rows)
}

func (d Disagree) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	z, by, to := d.Rows.of(x[0]), d.Rows.of(x[1]), d.Rows.of(dx)
	share := size / float64(z.Rows)
	for i := range z.Rows {
		y, from := largest(row(by, i)), row(z, i)
		all, others := logSumExp(from, -1), logSumExp(from, y)
		for k, v := range from {
			p := math.Exp(v - all)
			if k != y { // p − p/(1−p_y), which is −p_y times p among the others
				p = -math.Exp(from[y]-all) * math.Exp(v-others)
			}
			row(to, i)[k] = share * p
		}
	}
}

func checkChoice(rows Rows, shapes [][]int) error {
	if s := shapes[0]; s[1] != shapes[1][1] || s[1] < 2 {
		return fmt.Errorf("logits %v and %v, want as many classes, two at least", s, shapes[1])
	}
	return rows.checkAll(shapes)
}

// largest is the place of the first largest value.
func largest(z []float64) int {
	best := 0
	for k, v := range z {
		if v > z[best] {
			best = k
		}
	}
	return best
}

// logSumExp is log Σ exp(z) over all places but one; −1 leaves none out.
func logSumExp(z []float64, but int) float64 {
	top, sum := math.Inf(-1), 0.0
	for k, v := range z {
		if k != but {
			top = max(top, v)
		}
	}
	for k, v := range z {
		if k != but {
			sum += math.Exp(v - top)
		}
	}
	return top + math.Log(sum)
}
