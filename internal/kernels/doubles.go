package kernels

import "math"

// doubles are the loops of float64 alone, which statistics run on. All paths give the same bits.
type doubles struct {
	// labelled adds to each of n rows of labelledLanes sums those of a block k (labelledRows rows,
	// stride apart, of labelledLanes values) over the rows that codes chooses, where masks chooses
	// the column; table is scratch for the sums of all subsets of each four rows.
	labelled func(n int, k []float64, stride int, table []float64, codes, masks []uint8, sums []float64)
	exp      func(x []float64)            // x = e^x
	expm1    func(x []float64, a float64) // x = e^(a·x) − 1
}

var engineDoubles = doubles{labelled: labelledGo, exp: expGo, expm1: expm1Go}

// Exp sets x to e^x, within two units in the last place: 0 below -745.2, +Inf above 709.7, NaN of NaN.
func Exp(x []float64) { engineDoubles.exp(x) }

// Expm1 sets x to e^(a·x) − 1 for a·x of at most 709, within two units in the last place, and
// so keeps the digits of results near 0; NaN of NaN.
func Expm1(x []float64, a float64) { engineDoubles.expm1(x, a) }

// The constants of e^x = 2^n e^r with |r| <= ln 2 / 2: ln 2 in two parts, and those beyond which e^x is 0 or
// infinite, and e^x − 1 is −1.
const (
	ln2hi, ln2lo    = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	expLow, expHigh = -746, 710
	expm1Low        = -40
)

// taylor are 1/13!, 1/12!, ... 1/2!.
var taylor = func() (c [12]float64) {
	factorial := 1.0
	for i := range c {
		factorial *= float64(i + 2)
		c[11-i] = 1 / factorial
	}
	return c
}()

// less1 is e^r − 1 and n of x = n ln 2 + r, by the Taylor polynomial of degree 13, off by 2e-17 of itself.
func less1(x float64) (r float64, n int) {
	power := math.RoundToEven(x * math.Log2E)
	x = math.FMA(-power, ln2hi, x)
	x = math.FMA(-power, ln2lo, x)
	for _, c := range taylor {
		r = math.FMA(r, x, c)
	}
	return math.FMA(r*x, x, x), int(power)
}

func power(n int) float64 { return math.Float64frombits(uint64(n+1023) << 52) }

func expGo(x []float64) {
	for i, v := range x {
		if v != v {
			continue
		}
		r, n := less1(min(max(v, expLow), expHigh))
		first, second := power(n>>1), power(n-n>>1) // neither leaves the normal numbers
		x[i] = math.FMA(first, r, first) * second
	}
}

func expm1Go(x []float64, a float64) {
	for i, v := range x {
		v *= a
		if v != v {
			x[i] = v
			continue
		}
		r, n := less1(max(v, expm1Low))
		p := power(n)
		x[i] = math.FMA(p, r, p-1)
	}
}

// acrossLoops are the sums of sixteen float32 channels side by side: n rows of a value each.
type acrossLoops struct {
	sums    func(n int, d, x []float32, mean, sums, products *perChannel)
	squares func(n int, x []float32, mean, products *perChannel)
}

// beside is how many channels are summed side by side.
const beside = 16

// engineAcross is nil where a processor has no such loops.
var engineAcross *acrossLoops

// perChannel are sums of neighbouring channels.
type perChannel [beside]float64

// sums are, of the values of neighbouring channels, Σ d and Σ d·(x − mean): in lanes, or one after
// the other.
func sums[F Float](e *engine[F], ws []walked, d, x []F, mean *perChannel, lanes bool) (sum, product perChannel) {
	d32, _ := any(d).([]float32)
	x32, ok := any(x).([]float32)
	if !lanes && ok && engineAcross != nil {
		eachRows(ws, func(at, n int) {
			by, from, give := besides(ws, d32, x32, at, n)
			engineAcross.sums(n, by, from, mean, &sum, &product)
			give()
		})
		return sum, product
	}
	for i, w := range ws {
		for s := range w.samples {
			at := w.first + s*w.step
			by, from := d[at:at+w.area], x[at:at+w.area]
			if lanes {
				s, p := e.channel(by, from, mean[i])
				sum[i], product[i] = sum[i]+s, product[i]+p
				continue
			}
			for k, v := range by {
				sum[i] += float64(v)
				product[i] += float64(v) * (float64(from[k]) - mean[i])
			}
		}
	}
	return sum, product
}

// squareSums are Σ (x − mean)² of the values of neighbouring channels, one after the other.
func squareSums[F Float](ws []walked, x []F, mean *perChannel) (total perChannel) {
	if x32, ok := any(x).([]float32); ok && engineAcross != nil {
		eachRows(ws, func(at, n int) {
			_, from, give := besides(ws, nil, x32, at, n)
			engineAcross.squares(n, from, mean, &total)
			give()
		})
		return total
	}
	for i, w := range ws {
		for s := range w.samples {
			for _, v := range x[w.first+s*w.step:][:w.area] {
				d := float64(v) - mean[i]
				total[i] += d * d
			}
		}
	}
	return total
}

// eachRows visits the places of the first of some channels, some at a time.
func eachRows(ws []walked, do func(at, n int)) {
	const together = 256
	for s := range ws[0].samples {
		for lo := 0; lo < ws[0].area; lo += together {
			do(ws[0].first+s*ws[0].step+lo, min(together, ws[0].area-lo))
		}
	}
}

// besides lays out n places of channels, from one of the first on, as rows; d may be nil, or x.
func besides(ws []walked, d, x []float32, at, n int) (by, from []float32, give func()) {
	scratch, give := borrow[float32](2 * n * beside)
	by, from = scratch[:n*beside], scratch[n*beside:2*n*beside]
	apart := n
	if len(ws) > 1 {
		apart = ws[1].first - ws[0].first
	}
	engine32.transpose(from, beside, x[at:], apart, len(ws), n)
	if d == nil || &d[0] == &x[0] {
		return from, from, give
	}
	engine32.transpose(by, beside, d[at:], apart, len(ws), n)
	return by, from, give
}
