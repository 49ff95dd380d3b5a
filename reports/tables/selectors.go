package tables

import (
	"maps"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("selectors", reports.TableInfo{Name: "selectors", Title: "What choosing settings without target labels costs", Order: 8, Build: selectorsTable})
}

// oracleSelector picks by true target accuracy.
const oracleSelector = "oracle"

// collapse is the loss against the oracle, in accuracy, from which on a pick counts as
// one.
const collapse = 0.2

// selectorsTable has one row a method and selector: the true target accuracy of its
// picks, what they lose against the oracle's, and the rank correlation of its scores
// with the truth, over the tasks and seeds of the runs.
func selectorsTable(runs []reports.Run) (*reports.Table, string, error) {
	t := &reports.Table{Name: "selectors", Title: "What choosing settings without target labels costs",
		Columns: []string{"method", "selector", "accuracy of picks", "loss to oracle", "collapses", "rank correlation", "weighted", "picks"}}
	called := selectionName(runs)
	for _, name := range selectionNames(runs, called) {
		for _, selector := range selectorNames(runs, called, name) {
			s := gather(runs, called, name, selector)
			if len(s.accuracy) == 0 {
				t.Rows = append(t.Rows, []reports.Cell{reports.Text("%s", name), reports.Text("%s", selector), t.Missing("does not apply to this method"), reports.Text(""), reports.Text(""), reports.Text(""), reports.Text(""), reports.Text("0")})
				continue
			}
			var correlation, weighted reports.Cell // the oracle has none
			switch {
			case selector == oracleSelector:
			case len(s.correlation) > 0:
				correlation, weighted = reports.Number(stat.Mean(s.correlation, nil), 2), reports.Number(stat.Mean(s.weighted, nil), 2)
			default:
				correlation = t.Missing("fewer than three settings, or equal scores")
				weighted = correlation
			}
			t.Rows = append(t.Rows, []reports.Cell{reports.Text("%s", name), reports.Text("%s", selector), reports.Number(100*stat.Mean(s.accuracy, nil), 2), reports.Number(100*stat.Mean(s.loss, nil), 2),
				reports.Text("%d", s.collapses), correlation, weighted, reports.Text("%d", len(s.accuracy))})
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run lists validators", nil
	}
	settings, steps := kindsOf(runs)
	if settings {
		t.Remark("each pick is among the settings of the method's grid, fitted on four fifths of the source; accuracy in percent, means over tasks and seeds")
	}
	if steps {
		t.Remark("of a network each pick is among steps of its training, by its own classifier on images: validators see the target's training images and labels of the source, the truth is accuracy on the target's test images, in percent")
	}
	t.Remark("the oracle picks by target labels and is a bound, not a method; a collapse loses more than 20 points to it")
	t.Remark("rank correlation: Spearman's, of scores with true accuracy over the settings of one task, averaged; weighted: of dense ranks, by the square of the larger (Musgrave et al. 2022)")
	return t, "", nil
}

// kindsOf says whether there are selections among settings and among steps of a training.
func kindsOf(runs []reports.Run) (settings, steps bool) {
	for _, r := range runs {
		for _, s := range r.Results.Selection {
			for _, c := range s.Candidates {
				settings, steps = settings || c.Step == 0, steps || c.Step > 0
			}
		}
	}
	return settings, steps
}

// A naming is what a selection of a run is called.
type naming func(r reports.Run, s reports.Selection) string

// selectionName calls one among steps of a training as the trained method is called, since a study may
// have several of one method, and one among settings as the row of the method.
func selectionName(runs []reports.Run) naming {
	trained, adapted := reports.TrainedNames(runs), reports.MethodNames(runs)
	return func(r reports.Run, s reports.Selection) string {
		if slices.ContainsFunc(s.Candidates, func(c reports.Candidate) bool { return c.Step > 0 }) {
			return trained(r.Results)
		}
		return adapted(r.Results, s.Name)
	}
}

func selectionNames(runs []reports.Run, called naming) []string {
	var out []string
	for _, r := range runs {
		for _, s := range r.Results.Selection {
			if name := called(r, s); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// selectorNames are the validators that scored any setting of a method, sorted, and
// the oracle.
func selectorNames(runs []reports.Run, called naming, name string) []string {
	found := map[string]struct{}{}
	for _, r := range runs {
		for _, s := range r.Results.Selection {
			for _, c := range s.Candidates {
				for v := range c.Scores {
					if called(r, s) == name {
						found[v] = struct{}{}
					}
				}
			}
		}
	}
	return append(slices.Sorted(maps.Keys(found)), oracleSelector)
}

// A picks is what one selector chose over the runs.
type picks struct {
	accuracy, loss, correlation, weighted []float64
	collapses                             int
}

func gather(runs []reports.Run, called naming, name, selector string) picks {
	var p picks
	for _, r := range runs {
		for _, s := range r.Results.Selection {
			if called(r, s) != name {
				continue
			}
			scores, truth := candidateScores(s, selector)
			best, oracle := -1, 0.0
			for i := range scores {
				if best < 0 || scores[i] > scores[best] {
					best = i
				}
			}
			_, all := candidateScores(s, oracleSelector)
			for _, v := range all {
				oracle = max(oracle, v)
			}
			if best < 0 {
				continue
			}
			p.accuracy, p.loss = append(p.accuracy, truth[best]), append(p.loss, oracle-truth[best])
			if oracle-truth[best] > collapse {
				p.collapses++
			}
			if c, ok := inference.Spearman(scores, truth); ok {
				p.correlation = append(p.correlation, c)
				w, _ := inference.WeightedSpearman(scores, truth)
				p.weighted = append(p.weighted, w)
			}
		}
	}
	return p
}

// scores of the candidates that have one and a known truth, in order.
func candidateScores(s reports.Selection, selector string) (scores, truth []float64) {
	for _, c := range s.Candidates {
		score, ok := c.Scores[selector]
		if c.Oracle != nil && selector == oracleSelector {
			score, ok = *c.Oracle, true
		}
		if ok && c.Oracle != nil {
			scores, truth = append(scores, score), append(truth, *c.Oracle)
		}
	}
	return scores, truth
}
