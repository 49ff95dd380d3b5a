package evaluate

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/metrics/discrepancy"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/metrics/independence"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/metrics/probe"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "contrast", doc: "which code tells the known subtypes of a domain, and the domains apart: contrastive analysis",
		order: 75, version: 1, wants: wants(wantsParts, wantsSubtypes, wantsContrastRows), do: (*Subject).contrast})
}

const (
	contrastRows      = 1000 // held-out images of a domain that are looked at, at most
	contrastLeast     = 40   // and at least
	contrastResamples = 400
)

// subtypes are the columns of a domain's held-out factors that are categories and the domain's own.
func (w *Subject) subtypes(side int) (columns []int) {
	own, other := w.Domains[side].Test.Factors, w.Domains[1-side].Test.Factors
	if own == nil {
		return nil
	}
	for j, name := range own.Names {
		if own.Categories[j] != nil && (other == nil || !slices.Contains(other.Names, name)) {
			columns = append(columns, j)
		}
	}
	return columns
}

func wantsSubtypes(w *Subject, _ *Codes) string {
	if len(w.subtypes(0))+len(w.subtypes(1)) == 0 {
		return "no domain has known subtypes: categories of its own"
	}
	return ""
}

func wantsContrastRows(_ *Subject, c *Codes) string {
	for side := range c {
		if n := c[side][testSplit].Of(models.Common).N; n < contrastLeast {
			return fmt.Sprintf("%d held-out images of domain %s, want %d", n, domains.Side(side), contrastLeast)
		}
	}
	return ""
}

// A contrastCode is one code of held-out images of both domains.
type contrastCode struct {
	name string
	of   [2]*mat.Dense
	auc  float64
}

// contrastCodes are those that should tell the subtypes of a side and those that should not.
func (w *Subject) contrastCodes(c *Codes, side int, drawn [2][]int) (out []contrastCode, err error) {
	for _, code := range []struct {
		name string
		role models.Role
	}{{reports.ContrastSeparate, models.Separate(domains.Side(side))}, {reports.ContrastCommon, models.Common}} {
		of := [2]*mat.Dense{matrix(c[0][testSplit].Of(code.role), drawn[0]), matrix(c[1][testSplit].Of(code.role), drawn[1])}
		auc, err := discrepancy.DomainAUROC(of[0], of[1], metrics.Settings{Seed: w.Seed})
		if err != nil {
			return nil, err
		}
		if auc.Degenerate { // equal codes tell nothing
			auc.Value = 0.5
		}
		out = append(out, contrastCode{code.name, of, auc.Value})
	}
	return out, nil
}

// contrast asks of the separate code of a domain with subtypes, which should tell them and the
// domains, and of the common code, which should tell neither.
func (w *Subject) contrast(c *Codes) error {
	var drawn [2][]int
	for side := range drawn {
		drawn[side] = w.draw("contrast/"+domains.Side(side).String(), c[side][testSplit].Of(models.Common).N, contrastRows)
	}
	for side := range drawn {
		subtypes, factors := w.subtypes(side), w.Domains[side].Test.Factors
		if len(subtypes) == 0 {
			continue
		}
		codes, err := w.contrastCodes(c, side, drawn)
		if err != nil {
			return fmt.Errorf("experiments: contrast: %w", err)
		}
		for _, j := range subtypes {
			kept, levels, count := wellFilled(factorOf(factors, j, drawn[side]).Levels)
			domain, subtype := domains.Side(side).String(), factors.Names[j]
			if count < 2 || len(kept) < contrastLeast {
				w.skip("contrast of "+subtype, fmt.Sprintf("%d held-out images of domain %s in %d levels that have %d, want %d in two", len(kept), domain, count, probe.FoldRows, contrastLeast))
				continue
			}
			if left := len(drawn[side]) - len(kept); left > 0 {
				w.warn("contrast: %s: %d held-out images of domain %s left out, of levels that have fewer than %d", subtype, left, domain, probe.FoldRows)
			}
			for _, code := range codes {
				row := reports.Contrast{Domain: domain, Subtype: subtype, Code: code.name, AUC: code.auc}
				if err := w.tellSubtypes(&row, rows.Take(code.of[side], kept), levels, count); err != nil {
					return fmt.Errorf("experiments: contrast: %s of domain %s: %w", subtype, domain, err)
				}
				w.Results.Contrast = append(w.Results.Contrast, row)
				if err := w.Context.Err(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// wellFilled keeps the rows of levels that every fold of a probe can have one of, and counts these
// levels from 0.
func wellFilled(of []int) (kept, levels []int, count int) {
	size, number := map[int]int{}, map[int]int{}
	for _, l := range of {
		size[l]++
	}
	for i, l := range of {
		if size[l] < probe.FoldRows {
			continue
		}
		if _, seen := number[l]; !seen {
			number[l] = len(number)
		}
		kept, levels = append(kept, i), append(levels, number[l])
	}
	return kept, levels, len(number)
}

// tellSubtypes fills in how well a code tells levels, by a probe and by clusters.
func (w *Subject) tellSubtypes(row *reports.Contrast, x *mat.Dense, levels []int, count int) error {
	n := len(levels)
	p, err := probe.Folded(x, levels, count, w.Seed)
	if err != nil {
		return err
	}
	predicted := probe.Predictions(p)
	balanced := func(rows []int) float64 {
		c, _ := classification.NewConfusion(probe.Pick(levels, rows), probe.Pick(predicted, rows), count) // as many of both: cannot fail
		return c.AdjustedBalanced().Value
	}
	i, err := inference.Bootstrap(n, contrastResamples, 0.95, w.Seed, "contrast/"+row.Domain+"/"+row.Subtype+"/"+row.Code, balanced)
	if err != nil {
		return err
	}
	row.Probe = reports.Estimate{Value: i.Estimate, Interval: [2]float64{i.Low, i.High}, N: n}
	hits, size := 0, make([]int, count)
	for k, l := range levels {
		size[l]++
		if predicted[k] == l {
			hits++
		}
	}
	share, err := inference.Wilson(hits, n)
	if err != nil {
		return err
	}
	row.Accuracy = reports.Estimate{Value: share.Estimate, Interval: [2]float64{share.Low, share.High}, N: n}
	row.Levels, row.Largest = count, float64(slices.Max(size))/float64(n)
	clusters, _ := disentanglement.KMeans(x, count, w.Seed)
	shared, err := independence.DiscreteInformation(clusters, levels)
	if err != nil {
		return err
	}
	row.ARI, row.NMI, row.Silhouette = disentanglement.AdjustedRand(clusters, levels), shared.Normalised, disentanglement.Silhouette(x, levels, count)
	return nil
}
