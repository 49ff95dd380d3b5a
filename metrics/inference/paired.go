package inference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/stream"
)

// A PairedTest compares the scores of two methods on the same seeds or tasks.
type PairedTest struct {
	N      int
	Mean   float64 // of the differences, first less second
	Effect float64 // the mean over the standard deviation (n - 1): d_z; NaN if that is 0
	T      float64 // the t statistic, NaN for a permutation test
	P      float64 // two-sided
	Better float64 // one-sided: that the first is larger
	// Method is "exact permutation", "permutation", "t" or "corrected t".
	Method   string
	Warnings []string
}

// differences are settled; it fails unless a and b are finite, of one length and at least least long.
func differences(name string, a, b []float64, least int) ([]float64, error) {
	if len(a) != len(b) || len(a) < least {
		return nil, fmt.Errorf("metrics: %s: %d and %d values, want as many and at least %d", name, len(a), len(b), least)
	}
	d := make([]float64, len(a))
	var largest float64
	for i := range d {
		d[i] = a[i] - b[i]
		largest = math.Max(largest, math.Max(math.Abs(a[i]), math.Abs(b[i])))
	}
	if err := check(name, d, 0.5); err != nil {
		return nil, err
	}
	return settled(d, largest), nil
}

const (
	enumeratedPairs = 16   // pairs up to which all sign vectors are visited
	signFlips       = 9999 // sign vectors drawn beyond that
	signTolerance   = 1e-12
)

// PairedPermutation tests that the differences of a and b are symmetric about zero, by
// flipping their signs: all 2^n vectors for up to 16 pairs, else 9999 drawn from the
// stream (seed, sign flip). The smallest two-sided p is 2^(1-n): five seeds can never reach
// 0.05, which is warned of. It fails on unequal lengths, no pairs and values that are
// not finite. R. A. Fisher (1935).
func PairedPermutation(a, b []float64, seed uint64) (PairedTest, error) {
	d, err := differences("paired permutation", a, b, 1)
	if err != nil {
		return PairedTest{}, err
	}
	n := len(d)
	t := summarise(d)
	t.T, t.Method = math.NaN(), "exact permutation"
	var observed, scale float64
	for _, v := range d {
		observed += v
		scale += math.Abs(v)
	}
	tolerance := signTolerance * scale
	both, above, total := 0, 0, 0
	count := func(sum float64) {
		total++
		if math.Abs(sum) >= math.Abs(observed)-tolerance {
			both++
		}
		if sum >= observed-tolerance {
			above++
		}
	}
	if n <= enumeratedPairs {
		for signs := range 1 << n {
			var sum float64
			for i, v := range d {
				if signs>>i&1 == 1 {
					v = -v
				}
				sum += v
			}
			count(sum)
		}
	} else {
		t.Method = "permutation"
		count(observed) // so that p is never 0
		r := stream.New(seed, "sign flip")
		for range signFlips {
			var sum float64
			for i, bits := 0, uint64(0); i < n; i++ {
				if i%64 == 0 {
					bits = r.Uint64()
				}
				if bits>>(i%64)&1 == 1 {
					sum -= d[i]
				} else {
					sum += d[i]
				}
			}
			count(sum)
		}
	}
	t.P, t.Better = float64(both)/float64(total), float64(above)/float64(total)
	if least := math.Exp2(1 - float64(n)); least > 0.05 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%d pairs: no two-sided p below %.3g exists", n, least))
	}
	return t, nil
}

func summarise(d []float64) PairedTest {
	t := PairedTest{N: len(d), Mean: stat.Mean(d, nil), Effect: math.NaN()}
	if len(d) > 1 {
		if s := deviation(d); s > 0 {
			t.Effect = t.Mean / s
		}
	}
	return t
}

// deviation is that of n - 1, and 0 of equal differences, whose mean may be rounded.
func deviation(d []float64) float64 {
	if slices.Min(d) == slices.Max(d) {
		return 0
	}
	return stat.StdDev(d, nil)
}

// PairedT is Student's test of the mean difference, n - 1 degrees. Equal differences
// give p = 1 when they are 0 and p = 0 otherwise, with a warning. It fails as
// PairedPermutation, and below 2 pairs.
func PairedT(a, b []float64) (PairedTest, error) {
	d, err := differences("paired t", a, b, 2)
	if err != nil {
		return PairedTest{}, err
	}
	return tTest(d, 1/float64(len(d)), "t"), nil
}

// CorrectedT is the test of Nadeau and Bengio for differences over repeated splits of one
// data set, whose rows overlap: t = mean / sqrt((1/J + test/train) s^2), J - 1
// degrees; ratio is test rows over training rows. It fails as PairedT, and on a ratio below 0.
// C. Nadeau and Y. Bengio, "Inference for the generalization error" (2003).
func CorrectedT(a, b []float64, ratio float64) (PairedTest, error) {
	d, err := differences("corrected t", a, b, 2)
	if err != nil {
		return PairedTest{}, err
	}
	if !(ratio >= 0) || math.IsInf(ratio, 1) {
		return PairedTest{}, fmt.Errorf("metrics: corrected t: ratio of test to training rows %v, want a number from 0", ratio)
	}
	return tTest(d, 1/float64(len(d))+ratio, "corrected t"), nil
}

func tTest(d []float64, factor float64, method string) PairedTest {
	t := summarise(d)
	t.Method = method
	s := deviation(d)
	if s == 0 {
		t.P, t.Better = 1, 1
		if t.Mean != 0 {
			t.T, t.P, t.Better = math.Inf(1), 0, 0
			if t.Mean < 0 {
				t.T, t.Better = math.Inf(-1), 1
			}
		}
		t.Warnings = append(t.Warnings, "all differences are equal")
		return t
	}
	t.T = t.Mean / (s * math.Sqrt(factor))
	student := distuv.StudentsT{Sigma: 1, Nu: float64(len(d) - 1)}
	t.P, t.Better = 2*student.CDF(-math.Abs(t.T)), student.CDF(-t.T)
	return t
}

// Equivalent says whether the mean difference lies within +-margin by two one-sided
// t-tests at 5%: whether its 90% interval does, which is returned. Errors as PairedT.
// D. J. Schuirmann (1987).
func Equivalent(a, b []float64, margin float64) (bool, Interval, error) {
	d, err := differences("equivalence", a, b, 2)
	if err != nil {
		return false, Interval{}, err
	}
	if !(margin > 0) {
		return false, Interval{}, fmt.Errorf("metrics: equivalence: margin %v, want a number above 0", margin)
	}
	i, err := OverSeeds(d, 0.9)
	return err == nil && i.Low > -margin && i.High < margin, i, err
}
