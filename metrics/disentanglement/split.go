package disentanglement

import (
	"math"
	"slices"
)

// CommonBlock is the common code in a leakage matrix and DomainFactor which domain an image is
// of, asked of the images of both together.
const (
	CommonBlock  = "common"
	DomainFactor = "domain"
)

// SeparateBlock is the separate code of a domain in a leakage matrix.
func SeparateBlock(domain string) string { return "separate " + domain }

// A Split is the leakage matrix of one common and two separate codes in five numbers from 0 to 1,
// where 1 is as the theory wants it. A common factor is one that both domains have, a separate
// factor one that only the images' own domain has; a separate code is seen on images of its own
// domain alone (on the others it should be nothing, which is what the zero loss says). A factor's
// score is the mean over domains of its cells' scores, each first brought into [0, 1], where 0 is
// chance; each number is a mean over factors, NaN where there is none.
type Split struct {
	CommonKeeps   float64 // score of the common factors in the common code
	CommonFree    float64 // 1 less the score of the separate factors in the common code
	SeparateKeeps float64 // score of the separate factors in the separate code
	SeparateFree  float64 // 1 less the score of the common factors in the separate code
	DomainHidden  float64 // 1 less the score of the domain in the common code
}

// SplitOf condenses cells; absent ones, other blocks and open wishes are left out.
func SplitOf(cells []Cell) Split {
	of := func(wish Wish, domain bool, block func(Cell) string) float64 {
		return meanOverFactors(cells, func(c Cell) bool {
			return c.Wish == wish && c.Block == block(c) && (c.Factor == DomainFactor) == domain
		})
	}
	common := func(Cell) string { return CommonBlock }
	own := func(c Cell) string { return SeparateBlock(c.On) }
	return Split{
		CommonKeeps: of(Keep, false, common), CommonFree: 1 - of(Empty, false, common),
		SeparateKeeps: of(Keep, false, own), SeparateFree: 1 - of(Empty, false, own),
		DomainHidden: 1 - of(Empty, true, common),
	}
}

// meanOverFactors is the mean over factors of the mean score of those cells that count.
func meanOverFactors(cells []Cell, counts func(Cell) bool) float64 {
	var factors []string
	scores := map[string][]float64{}
	for _, c := range cells {
		if c.Absent || !counts(c) {
			continue
		}
		if !slices.Contains(factors, c.Factor) {
			factors = append(factors, c.Factor)
		}
		scores[c.Factor] = append(scores[c.Factor], math.Min(1, math.Max(0, c.Score)))
	}
	if len(factors) == 0 {
		return math.NaN()
	}
	var sum float64
	for _, f := range factors {
		sum += mean(scores[f])
	}
	return sum / float64(len(factors))
}
