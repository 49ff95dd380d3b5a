package inference

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A McNemarTest compares two trained classifiers on the same rows. It says nothing about
// other trainings: pool no counts of several seeds, use PairedPermutation on their scores.
type McNemarTest struct {
	First, Second int     // rows that only the first, only the second has right
	Exact         float64 // min(1, 2 P(Bin(b+c, 1/2) <= min)); conservative
	MidP          float64 // exact less P(Bin = min): the one to read beside it
	// ChiSquare is the p-value of (|b-c|-1)^2/(b+c), NaN unless b + c is above 25.
	ChiSquare float64
	// Difference is that of the accuracies, first less second, over n rows, and
	// StandardError its standard error; zero without n.
	Difference, StandardError float64
}

// McNemar compares by the rows that only one has right, first (b) and second (c), of n rows
// (0: unknown). Without such rows p is 1. It fails on negative counts and on more
// than n. Q. McNemar (1947); M. W. Fagerland et al. (2013) for the mid-p form.
func McNemar(first, second, n int) (McNemarTest, error) {
	if first < 0 || second < 0 || n < 0 || (n > 0 && first+second > n) {
		return McNemarTest{}, fmt.Errorf("metrics: mcnemar: %d and %d rows of %d", first, second, n)
	}
	t := McNemarTest{First: first, Second: second, Exact: 1, MidP: 1, ChiSquare: math.NaN()}
	b, c := float64(first), float64(second)
	if n > 0 {
		m := float64(n)
		t.Difference = (b - c) / m
		t.StandardError = math.Sqrt(b+c-(b-c)*(b-c)/m) / m
	}
	if first+second == 0 {
		return t, nil
	}
	bin := distuv.Binomial{N: b + c, P: 0.5}
	least := math.Min(b, c)
	t.Exact = math.Min(1, 2*bin.CDF(least))
	t.MidP = math.Min(1, 2*bin.CDF(least)-bin.Prob(least))
	if first+second > 25 {
		t.ChiSquare = chiSquareContinuity(b, c)
	}
	return t, nil
}

func chiSquareContinuity(b, c float64) float64 {
	d := math.Max(0, math.Abs(b-c)-1)
	return distuv.ChiSquared{K: 1}.Survival(d * d / (b + c))
}
