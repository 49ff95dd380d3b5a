package losses

import "math"

// Even is the mean over rows of logits of the cross-entropy, in nats, against equal
// probabilities of all classes: what label smoothing adds (C. Szegedy et al., Rethinking the
// Inception architecture for computer vision, CVPR 2016). It is log K at least.
type Even struct{ Rows Rows }

func (Even) Inputs() (all, trained int)    { return 1, 1 }
func (e Even) Check(shapes ...[]int) error { return e.Rows.checkAll(shapes) }

func (e Even) Value(x ...Matrix) float64 {
	z, total := e.Rows.of(x[0]), 0.0
	for i := range z.Rows {
		for _, v := range row(z, i) {
			total -= v / float64(z.Cols)
		}
		total += logSumExp(row(z, i), -1)
	}
	return total / float64(z.Rows)
}

func (e Even) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := softmax(e.Rows.of(x[0]), 1), e.Rows.of(dx)
	for i, v := range p.Data {
		to.Data[i] = size / float64(p.Rows) * (v - 1/float64(p.Cols))
	}
}

// Consistency is the mean over rows of [max q > Least]·(1/K)·Σ_k (p_k − q_k)²: p the softmax
// of the first matrix, q probabilities, the second, which are constants. The mean counts the
// rows that Least leaves out.
//
// G. French, M. Mackiewicz, M. Fisher, Self-ensembling for visual domain adaptation, ICLR 2018.
type Consistency struct {
	Rows  Rows
	Least float64
}

func (Consistency) Inputs() (all, trained int)    { return 2, 1 }
func (c Consistency) Check(shapes ...[]int) error { return checkChoice(c.Rows, shapes) }

// above is 1 where the largest of probabilities is above least, else 0.
func above(q []float64, least float64) float64 {
	if q[largest(q)] > least {
		return 1
	}
	return 0
}

func (c Consistency) Value(x ...Matrix) float64 {
	p, q := softmax(c.Rows.of(x[0]), 1), c.Rows.of(x[1])
	total := 0.0
	for i := range p.Rows {
		square := 0.0
		for k, v := range row(p, i) {
			d := v - row(q, i)[k]
			square += d * d
		}
		total += above(row(q, i), c.Least) * square
	}
	return total / float64(len(p.Data))
}

func (c Consistency) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, q, to := softmax(c.Rows.of(x[0]), 1), c.Rows.of(x[1]), c.Rows.of(dx)
	d := make([]float64, p.Cols)
	for i := range p.Rows {
		share := 2 * size * above(row(q, i), c.Least) / float64(len(p.Data))
		for k, v := range row(p, i) {
			d[k] = share * (v - row(q, i)[k])
		}
		softmaxGrad(row(to, i), d, row(p, i), 1)
	}
}

// Pseudo is the mean over rows of [max q > Least]·(−log p_y), in nats: p the softmax of the
// first matrix, q probabilities, the second, y their largest; both are constants. The mean
// counts the rows that Least leaves out.
//
// K. Sohn et al., FixMatch, NeurIPS 2020, equation 4.
type Pseudo struct {
	Rows  Rows
	Least float64
}

func (Pseudo) Inputs() (all, trained int)    { return 2, 1 }
func (c Pseudo) Check(shapes ...[]int) error { return checkChoice(c.Rows, shapes) }

func (c Pseudo) Value(x ...Matrix) float64 {
	z, q := c.Rows.of(x[0]), c.Rows.of(x[1])
	total := 0.0
	for i := range z.Rows {
		total += above(row(q, i), c.Least) * (logSumExp(row(z, i), -1) - row(z, i)[largest(row(q, i))])
	}
	return total / float64(z.Rows)
}

func (c Pseudo) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, q, to := softmax(c.Rows.of(x[0]), 1), c.Rows.of(x[1]), c.Rows.of(dx)
	for i := range p.Rows {
		share := size * above(row(q, i), c.Least) / float64(p.Rows)
		for k, v := range row(p, i) {
			row(to, i)[k] = share * v
		}
		row(to, i)[largest(row(q, i))] -= share
	}
}

// Soft is the mean over rows of −Σ_k q_k log p_k, in nats: p the softmax of the first matrix, q
// the second, constants, which need not sum to 1: rows of other sums count more or less.
type Soft struct{ Rows Rows }

func (Soft) Inputs() (all, trained int)    { return 2, 1 }
func (c Soft) Check(shapes ...[]int) error { return checkSame(c.Rows, shapes) }

func (c Soft) Value(x ...Matrix) float64 {
	z, q := c.Rows.of(x[0]), c.Rows.of(x[1])
	total := 0.0
	for i := range z.Rows {
		log := logSumExp(row(z, i), -1)
		for k, v := range row(q, i) {
			total += v * (log - row(z, i)[k])
		}
	}
	return total / float64(z.Rows)
}

func (c Soft) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, q, to := softmax(c.Rows.of(x[0]), 1), c.Rows.of(x[1]), c.Rows.of(dx)
	for i := range p.Rows {
		sum := 0.0
		for _, v := range row(q, i) {
			sum += v
		}
		for k, v := range row(p, i) {
			row(to, i)[k] = size / float64(p.Rows) * (sum*v - row(q, i)[k])
		}
	}
}

// Balance is the binary cross-entropy of the mean softmax of rows of logits against equal
// shares of the K classes, summed over them, in nats. Of the same paper.
type Balance struct{ Rows Rows }

func (Balance) Inputs() (all, trained int)    { return 1, 1 }
func (b Balance) Check(shapes ...[]int) error { return b.Rows.checkAll(shapes) }

// leastShare keeps logarithms finite where no row, or every one, is of a class.
const leastShare = 1e-12

func (b Balance) Value(x ...Matrix) float64 {
	mean := meanRow(softmax(b.Rows.of(x[0]), 1))
	u, total := 1/float64(len(mean)), 0.0
	for _, v := range mean {
		total -= u*math.Log(max(v, leastShare)) + (1-u)*math.Log(max(1-v, leastShare))
	}
	return total
}

func (b Balance) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := softmax(b.Rows.of(x[0]), 1), b.Rows.of(dx)
	slope := meanRow(p)
	u := 1 / float64(len(slope))
	for k, v := range slope {
		slope[k] = size / float64(p.Rows) * ((1-u)/max(1-v, leastShare) - u/max(v, leastShare))
	}
	for i := range p.Rows {
		softmaxGrad(row(to, i), slope, row(p, i), 1)
	}
}
