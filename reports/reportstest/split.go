package reportstest

import (
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/reports"
)

// SplitRun is a run whose records amount to the given quantities of its split, in the order of
// reports.SplitQuantities.
func SplitRun(label string, seed uint64, v [11]float64) reports.Run {
	r := reports.Results{Name: "losses", Method: "didd", Label: "method=" + label, Seed: seed}
	cell := func(block, on, factor string, wish disentanglement.Wish, score float64) {
		r.Leakage = append(r.Leakage, disentanglement.Cell{Block: block, On: on, Factor: factor, Wish: wish, Score: score})
	}
	cell("common", "a", "tone", disentanglement.Keep, v[0])
	cell("common", "a", "hat", disentanglement.Empty, 1-v[1])
	cell("common", "a and b", "domain", disentanglement.Empty, 1-v[2])
	cell("separate a", "a", "hat", disentanglement.Keep, v[3])
	cell("separate a", "a", "tone", disentanglement.Empty, 1-v[4])
	for _, m := range []metrics.Result{{Name: "dcor-u", Value: v[5] - 0.125}, {Name: "hsic", Value: 9}, {Name: "dcor-u", Value: v[5] + 0.125}} {
		r.Independence = append(r.Independence, reports.Measured{Result: m})
	}
	r.Diagnosis = []reports.Check{{Name: "zero loss of separate code a on b", Value: v[6] / 4}, {Name: "reconstruction L1 on a", Value: 9}, {Name: "zero loss of separate code b on a", Value: 3 * v[6] / 4}}
	for direction, ratio := range map[string]float64{"a->b": v[7] - 0.25, "b->a": v[7] + 0.25, "removal-a": v[8] + 0.125, "removal-b": v[8] - 0.125, "union": v[9]} {
		r.Translation = append(r.Translation, reports.Translation{Direction: direction, L1: 9, Ratio: ratio})
	}
	for _, a := range []struct {
		row                string
		oracle             bool
		validation, target float64
	}{{"separate", false, 1, 0.01}, {"common", false, 0.5, 0.02}, {"common", false, 0.75, v[10]}, {"common", false, 0.75, 0.03}, {"common", true, 1, 0.04}} {
		r.Accuracy = append(r.Accuracy, reports.Accuracy{Row: a.row, Oracle: a.oracle, Validation: Pointer(a.validation), Target: &reports.Score{Accuracy: a.target}})
	}
	return reports.Run{Results: r}
}

// SplitRuns are jobs of three seeds: one that the others are measured by, one that is worse by 0.2
// in every second quantity, the first one too, and better by 0.1 in the others, one that is worse
// by 0.3, -0.1 and 0.1, which says little, and one of a single seed without dependence and union; and one without probes.
func SplitRuns() []reports.Run {
	centre := [11]float64{0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.6, 0.5, 0.9, 0.8}
	of := func(label string, seed uint64, worse func(k int) float64) reports.Run {
		v := centre
		for k, q := range reports.SplitQuantities {
			v[k] += (float64(seed)-1)/10 + (1-2*q.Want)*worse(k) // for the worse is away from what is wanted
		}
		return SplitRun(label, seed, v)
	}
	var runs []reports.Run
	for _, job := range []struct {
		label string
		worse func(seed uint64) func(k int) float64
	}{
		{"whole", func(uint64) func(int) float64 { return func(int) float64 { return 0 } }},
		{"off", func(uint64) func(int) float64 { return func(k int) float64 { return []float64{0.2, -0.1}[k%2] } }},
		{"noisy", func(seed uint64) func(int) float64 {
			return func(int) float64 { return []float64{0.3, -0.1, 0.1}[seed] }
		}},
	} {
		for seed := range uint64(3) {
			runs = append(runs, of(job.label, seed, job.worse(seed)))
		}
	}
	single := of("single", 0, func(int) float64 { return 0 })
	single.Results.Independence[2].Degenerate = true
	for i := range single.Results.Translation {
		if single.Results.Translation[i].Direction == "union" {
			single.Results.Translation[i].Direction = "reunion"
		}
	}
	single.Results.Skipped = []reports.Skipped{{Evaluation: "translation union", Reason: "the model cannot do it"}}
	bare := of("bare", 0, func(int) float64 { return 0 })
	bare.Results.Leakage = nil
	return append(runs, single, bare)
}
