package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/metrics"
)

// A Kernel is a mean of Gaussian kernels exp(-|x-x'|^2 / (2 c s^2)).
type Kernel struct {
	// Width is s, in the unit of the features; 0: the median of the pooled distances.
	Width float64
	// Variances are the factors c, above zero; nil: the single factor 1.
	Variances []float64
}

// Several are the factors of the multi-kernel measures.
var Several = []float64{0.25, 0.5, 1, 2, 4}

// MMD estimates the squared maximum mean discrepancy E k(a,a') + E k(b,b') - 2 E
// k(a,b), dimensionless, zero in the population exactly when the two distributions
// are equal: V with its diagonal, in [0, 2]; U without, which may be negative.
//
// The p-value is that of permuting the pooled rows between the domains. Pooled rows that are all equal give 0, p =
// 1 and Degenerate. It fails on unequal widths, too few rows, values that are not finite, and a width or factor
// that is not a positive number. Time O((m+n)^2 (d + permutations/8)), memory O((m+n) d) plus 32 MiB of
// permutations, or from 16384 rows on 8 bytes for each row and each of 256 permutations; where they take several
// passes, up to KeptRows 4 (m+n)^2 bytes.
//
// A. Gretton et al., "A kernel two-sample test", JMLR 13 (2012), equations 3 and 5.
func MMD(x, y *mat.Dense, e Estimator, k Kernel, s metrics.Settings) (metrics.Result, error) {
	name := k.name(e)
	if err := k.check(name); err != nil {
		return metrics.Result{}, err
	}
	return member{name: name, estimator: e, kernel: k.tiler}.measure(x, y, s)
}

// tiler is k - 1 for pooled rows, nil when no width exists: the constant cancels between
// the three means.
func (k Kernel) tiler(pooled *mat.Dense, s metrics.Settings) tiler {
	width := k.Width
	if width == 0 {
		if width = pairwise.Median(pooled, s.Seed); width == 0 {
			return nil
		}
	}
	return fromDistances{pairwise.NewPoints(pooled), k.at(width)}
}

// at turns squared distances into k - 1.
func (k Kernel) at(width float64) func(d2 []float64) {
	scale := func(c float64) float64 { return -1 / (2 * c * width * width) }
	switch len(k.Variances) {
	case 0:
		return func(d2 []float64) { kernels.Expm1(d2, scale(1)) }
	case 1:
		return func(d2 []float64) { kernels.Expm1(d2, scale(k.Variances[0])) }
	}
	return func(d2 []float64) {
		buffer := buffers.Get().(*[pairwise.Tile * pairwise.Tile]float64)
		defer buffers.Put(buffer)
		sum, one := buffer[:len(d2)], make([]float64, len(d2))
		clear(sum)
		for _, c := range k.Variances {
			copy(one, d2)
			kernels.Expm1(one, scale(c))
			floats.Add(sum, one)
		}
		for i, v := range sum {
			d2[i] = v / float64(len(k.Variances))
		}
	}
}

func (k Kernel) name(e Estimator) string {
	name := "mmd2"
	if len(k.Variances) > 1 {
		name += "-multi"
	}
	if e == U {
		name += "-unbiased"
	}
	return name
}

func (k Kernel) check(name string) error {
	if !(k.Width >= 0) || math.IsInf(k.Width, 1) {
		return fmt.Errorf("metrics: %s: kernel width %v, want a number above 0, or 0 for the median", name, k.Width)
	}
	for _, c := range k.Variances {
		if !(c > 0) || math.IsInf(c, 1) {
			return fmt.Errorf("metrics: %s: kernel variance factor %v, want a number above 0", name, c)
		}
	}
	return nil
}

// describe registers a measure of the family under what all share.
func describe(d metrics.Descriptor) {
	d.Kind = metrics.Discrepancy
	if d.Unit == "" {
		d.Unit = "1"
	}
	if d.Better == metrics.Neutral {
		d.Better = metrics.LowerIsBetter
	}
	metrics.Measures.Add(d.Name, d)
}

// pooledCost is the cost of the members of the family.
const pooledCost = "time (m+n)^2 (d + permutations/8), memory (m+n) d, plus 4 (m+n)^2 bytes where permutations of up to 11585 rows take several passes"

func init() {
	for _, e := range []Estimator{V, U} {
		for _, k := range []Kernel{{}, {Variances: Several}} {
			d := metrics.Descriptor{
				Name: k.name(e), Doc: "squared maximum mean discrepancy, biased, ", Range: [2]float64{0, 2},
				Invariant: []string{"row order", "translation", "rotation", "scale"},
				Cost:      pooledCost, Citation: "Gretton et al., A kernel two-sample test, JMLR 2012", MinRows: 1 + int(e),
				Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
					return MMD(x, y, e, k, s)
				},
			}
			if e == U {
				d.Range[0], d.Doc = -2, "squared maximum mean discrepancy, unbiased, "
			}
			if k.Variances == nil {
				d.Doc += "Gaussian kernel of median width"
			} else {
				d.Doc += "mean of five Gaussian kernels of 1/4 to 4 times the median variance"
			}
			describe(d)
		}
	}
}
