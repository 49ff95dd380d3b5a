package published

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/reports"
)

// alone is the method that sees the source domain alone.
const alone = "source-only"

// gains fills in the gains over networks without adaptation: that of the same source, task and
// training images, and that of the runs with the same backbone and images as the match.
func (c *Comparison) gains(best match, among []Claim, runs []reports.Run) {
	if t := c.Claim.Trained; t == "" || t == alone || t == onTarget {
		return
	}
	base := slices.IndexFunc(among, func(o Claim) bool {
		return o.Trained == alone && o.Row == c.Claim.Row && o.Source == c.Claim.Source && o.Task == c.Claim.Task && o.Split == c.Claim.Split
	})
	if base < 0 {
		return
	}
	for _, m := range among[base].matches(runs) {
		if m.network != best.network || m.images != best.images {
			continue
		}
		from := [2]float64{among[base].Percent, stat.Mean(m.values, nil)}
		c.Gain = &Gain{Published: c.Claim.Percent - from[0], Here: c.Here - from[1], From: from}
		return
	}
}

// values are the two networks without adaptation and the two gains; NaN where there is none.
func (g *Gain) values() []float64 {
	if g == nil {
		return []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	}
	return []float64{g.From[0], g.From[1], g.Published, g.Here}
}

// said is a gain for people.
func (g *Gain) said() string {
	text := fmt.Sprintf("gain over source only: published %+.1f from %.1f, here %+.1f from %.1f", g.Published, g.From[0], g.Here, g.From[1])
	if math.Abs(g.From[0]-g.From[1]) < gainApart {
		return text
	}
	return text + ": gains compare, levels do not"
}

// gainApart are the points from which on two networks without adaptation count as different.
const gainApart = 1.0

// remark is all there is to say of a comparison beside its figures.
func (c Comparison) remark() string {
	if c.Gain == nil {
		return c.Remark
	}
	if c.Remark == "" {
		return c.Gain.said()
	}
	return c.Remark + "; " + c.Gain.said()
}
