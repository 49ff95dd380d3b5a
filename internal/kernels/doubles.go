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
