package losses

import (
	"fmt"
	"math"
)

// Entropy is the mean over rows of logits of the entropy of their softmax, in nats: from 0,
// all sure, to the log of the number of classes.
type Entropy struct{ Rows Rows }

func (Entropy) Inputs() (all, trained int)    { return 1, 1 }
func (e Entropy) Check(shapes ...[]int) error { return e.Rows.checkAll(shapes) }

func (e Entropy) Value(x ...Matrix) float64 {
	p := softmax(e.Rows.of(x[0]), 1)
	var total float64
	for i := range p.Rows {
		total += entropy(row(p, i))
	}
	return total / float64(p.Rows)
}

func (e Entropy) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := softmax(e.Rows.of(x[0]), 1), e.Rows.of(dx)
	for i := range p.Rows {
		h := entropy(row(p, i))
		for k, v := range row(p, i) {
			if v != 0 {
				row(to, i)[k] = -size / float64(p.Rows) * v * (math.Log(v) + h)
			}
		}
	}
}

// Diversity is the entropy of the mean prediction over rows of logits, in nats: from 0, one
// class for all, to the log of the number of classes.
type Diversity struct{ Rows Rows }

func (Diversity) Inputs() (all, trained int)    { return 1, 1 }
func (d Diversity) Check(shapes ...[]int) error { return d.Rows.checkAll(shapes) }

func (d Diversity) Value(x ...Matrix) float64 {
	return entropy(meanRow(softmax(d.Rows.of(x[0]), 1)))
}

func (d Diversity) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := softmax(d.Rows.of(x[0]), 1), d.Rows.of(dx)
	slope := meanRow(p)
	for k, v := range slope {
		if v != 0 {
			v = -(math.Log(v) + 1)
		}
		slope[k] = size / float64(p.Rows) * v
	}
	for i := range p.Rows {
		softmaxGrad(row(to, i), slope, row(p, i), 1)
	}
}

func meanRow(p Matrix) []float64 {
	mean := make([]float64, p.Cols)
	for i := range p.Rows {
		for k, v := range row(p, i) {
			mean[k] += v / float64(p.Rows)
		}
	}
	return mean
}

// Confusion is the minimum class confusion of rows of logits: with q the softmax over a
// temperature, and weights w_i = n(1+e^−H(q_i))/Σ_j(1+e^−H(q_j)) that are constants, the
// classes' confusions M = qᵀdiag(w)q, each row divided by its sum; the loss is what lies off
// the diagonal, over the number of classes K: from 0 to (K−1)/K, that of equal predictions.
//
// Y. Jin et al., Minimum class confusion for versatile domain adaptation, ECCV 2020.
type Confusion struct {
	Rows        Rows
	Temperature float64
}

func (Confusion) Inputs() (all, trained int) { return 1, 1 }

func (c Confusion) Check(shapes ...[]int) error {
	if !(c.Temperature > 0) {
		return fmt.Errorf("a temperature of %v", c.Temperature)
	}
	return c.Rows.checkAll(shapes)
}

func (c Confusion) Value(x ...Matrix) float64 {
	q := softmax(c.Rows.of(x[0]), c.Temperature)
	own, all := ownConfusion(q, certainty(q))
	kept := 0.0
	for k := range own {
		if all[k] != 0 { // a class that no row names confuses nothing
			kept += own[k] / all[k]
		}
	}
	return 1 - kept/float64(q.Cols)
}

func (c Confusion) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	q, to := softmax(c.Rows.of(x[0]), c.Temperature), c.Rows.of(dx)
	w := certainty(q)
	own, all := ownConfusion(q, w)
	d := make([]float64, q.Cols)
	for i := range q.Rows {
		for k, v := range row(q, i) {
			d[k] = 0
			if all[k] != 0 {
				d[k] = -size / float64(q.Cols) * w[i] * (2*v - own[k]/all[k]) / all[k]
			}
		}
		softmaxGrad(row(to, i), d, row(q, i), c.Temperature)
	}
}

// Certainty are weights of rows of logits in proportion to 1 + e^−H, H the entropy of their
// softmax in nats, of mean 1: from half to twice each other (M. Long et al., Conditional
// adversarial domain adaptation, NeurIPS 2018).
func Certainty(logits Matrix) []float64 { return certainty(softmax(logits, 1)) }

// certainty is Certainty of softmaxes.
func certainty(q Matrix) []float64 {
	w, sum := make([]float64, q.Rows), 0.0
	for i := range w {
		w[i] = 1 + math.Exp(-entropy(row(q, i)))
		sum += w[i]
	}
	for i := range w {
		w[i] *= float64(q.Rows) / sum
	}
	return w
}

// ownConfusion are the diagonal of the classes' confusions and the sums of their rows, which
// are Σ_i w_i q_ik, since the rows of q sum to one.
func ownConfusion(q Matrix, w []float64) (own, all []float64) {
	own, all = make([]float64, q.Cols), make([]float64, q.Cols)
	for i := range q.Rows {
		for k, v := range row(q, i) {
			own[k] += w[i] * v * v
			all[k] += w[i] * v
		}
	}
	return own, all
}
