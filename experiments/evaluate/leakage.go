package evaluate

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/models"
)

func init() {
	addEvaluation(evaluation{name: "leakage", doc: "which block of code tells of which known factor",
		order: 70, version: 3, stages: true, wants: wants(wantsFactors, wantsCommon, wantsLeakageRows), do: (*Subject).leakage})
}

// leakageRows are the held-out images of a side that the probes see.
func (w *Subject) leakageRows(c *Codes, side int) []int {
	return w.draw("leakage/"+domains.Side(side).String(), c[side][testSplit].Of(models.Common).N, w.Spec.Metrics.Independence.Rows)
}

// wantsCommon leaves out models without a common code; one that has no separate codes beside is probed
// for what it keeps and lets through all the same.
func wantsCommon(_ *Subject, c *Codes) string {
	if c[0][testSplit].Of(models.Common) == nil {
		return "the model has no common code"
	}
	return ""
}

// wantsLeakageRows leaves out domains whose held-out images are too few to train probes on half of them.
func wantsLeakageRows(w *Subject, c *Codes) string {
	for side := range c {
		if n := len(w.leakageRows(c, side)); n < disentanglement.LeakageRows {
			return fmt.Sprintf("%d held-out images of domain %s, and probes want %d", n, domains.Side(side), disentanglement.LeakageRows)
		}
	}
	return ""
}

// leakage asks which block of code tells of which factor, on held-out images of domains whose every factor is
// known: the common code should keep what both domains share and the separate code what is particular to its own,
// and nothing else should be there. Data that is not drawn has no factors and gets no matrix.
func (w *Subject) leakage(c *Codes) error {
	rows := [2][]int{}
	for side := range rows {
		rows[side] = w.leakageRows(c, side)
	}
	var entries []disentanglement.Entry
	add := func(block string, role models.Role, side int, want func(shared bool) disentanglement.Wish) {
		own, other := w.Domains[side].Test.Factors, w.Domains[1-side].Test.Factors
		e := disentanglement.Entry{Block: block, On: domains.Side(side).String(), Codes: matrix(c[side][testSplit].Of(role), rows[side])}
		for j, name := range own.Names {
			e.Factors = append(e.Factors, factorOf(own, j, rows[side]))
			e.Wishes = append(e.Wishes, want(slices.Contains(other.Names, name)))
		}
		entries = append(entries, e)
	}
	separate := [2]models.Role{models.SeparateA, models.SeparateB}
	for side := range 2 {
		add(disentanglement.CommonBlock, models.Common, side, func(shared bool) disentanglement.Wish { return wishIf(shared) })
	}
	entries = append(entries, w.domainEntry(c, rows))
	for side := range 2 {
		if c[side][testSplit].Of(separate[side]) == nil {
			continue
		}
		add(disentanglement.SeparateBlock(domains.Side(side).String()), separate[side], side, func(shared bool) disentanglement.Wish { return wishIf(!shared) })
	}
	for side := range 2 { // of the other domain: nothing at all
		if c[side][testSplit].Of(separate[1-side]) == nil {
			continue
		}
		add(disentanglement.SeparateBlock(domains.Side(1-side).String()), separate[1-side], side, func(bool) disentanglement.Wish { return disentanglement.Empty })
	}
	cells, err := disentanglement.Leakage(entries, metrics.Settings{Seed: w.Seed, Permutations: w.Spec.Metrics.Independence.Permutations}, w.between("leakage"))
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	w.Results.Leakage = cells
	return nil
}

func wishIf(keep bool) disentanglement.Wish {
	if keep {
		return disentanglement.Keep
	}
	return disentanglement.Empty
}

// factorOf is a column of the table of factors as the probes take it.
func factorOf(f *domains.Factors, j int, rows []int) disentanglement.Factor {
	out := disentanglement.Factor{Name: f.Names[j]}
	for _, i := range rows {
		if f.Categories[j] != nil {
			out.Levels = append(out.Levels, int(f.Values[i][j]))
		} else {
			out.Values = append(out.Values, f.Values[i][j])
		}
	}
	return out
}

// domainEntry asks whether the common code of both domains together tells which one an image is from.
func (w *Subject) domainEntry(c *Codes, rows [2][]int) disentanglement.Entry {
	x, y := matrix(c[0][testSplit].Of(models.Common), rows[0]), matrix(c[1][testSplit].Of(models.Common), rows[1])
	var both mat.Dense
	both.Stack(x, y)
	labels := make([]int, len(rows[0])+len(rows[1]))
	for i := len(rows[0]); i < len(labels); i++ {
		labels[i] = 1
	}
	return disentanglement.Entry{Block: disentanglement.CommonBlock, On: "a and b", Codes: &both, Wishes: []disentanglement.Wish{disentanglement.Empty},
		Factors: []disentanglement.Factor{{Name: disentanglement.DomainFactor, Levels: labels}}}
}
