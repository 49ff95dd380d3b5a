package evaluate

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/models"
)

func init() {
	addEvaluation(evaluation{name: "spread", doc: "how many dimensions the codes of held-out images take up",
		order: 66, version: 1, wants: wants(wantsCodes, wantsNarrow), do: (*Subject).spread})
}

const (
	spreadColumns = 512 // at most: eigenvalues of more take longer than the answer is worth
	spreadRows    = 2000
)

func wantsNarrow(_ *Subject, c *Codes) string {
	if d := c[0][testSplit].Shared().D; d > spreadColumns {
		return fmt.Sprintf("the code has %d columns, more than %d", d, spreadColumns)
	}
	return ""
}

// spread gives the effective rank and the participation ratio of the code that stands for an
// image and of a domain's own separate code: low ones show a collapse that accuracies may hide.
func (w *Subject) spread(c *Codes) error {
	for side := range c {
		letter := domains.Side(side).String()
		codes := c[side][testSplit]
		for _, of := range []struct {
			name  string
			block *models.Block
		}{{sharedNames[codes.Shared().Role].features, codes.Shared()}, {"separate code " + letter, codes.Of(models.Separate(domains.Side(side)))}} {
			if of.block == nil {
				continue
			}
			x := matrix(of.block, w.draw("spread/"+letter, of.block.N, spreadRows))
			s, err := disentanglement.SpreadOf(x)
			if err != nil {
				w.warn("spread of the %s on %s: %v", of.name, letter, err)
				continue
			}
			n, d := x.Dims()
			w.value("spread", fmt.Sprintf("effective rank of the %s on %s, of %d columns", of.name, letter, d), s.EffectiveRank, n)
			w.value("spread", fmt.Sprintf("participation ratio of the %s on %s", of.name, letter), s.Participation, n)
		}
	}
	return nil
}
