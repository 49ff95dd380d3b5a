package tables

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("search", reports.TableInfo{Name: "search", Title: "What the search found, and what it cost", Order: 9, Trials: true, Build: searchTable})
}

// searchTable has for every method and point of the grid that was searched a row a validator and
// one of the target's labels: what the trial that each chooses is worth, beside the mean trial and
// the time that all of them took.
func searchTable(runs []reports.Run) (*reports.Table, string, error) {
	searches := reports.SearchesOf(runs)
	if len(searches) == 0 {
		return nil, "no run is a trial of a search", nil
	}
	t := &reports.Table{Name: "search", Title: "What the search found, and what it cost",
		Columns: []string{"search", "chosen by", "accuracy", "loss to oracle", "mean trial", "rank correlation", "chosen", "trials", "training seconds"}}
	var done []string
	for _, s := range searches {
		name := s.SearchName(searches)
		if slices.Contains(done, name) {
			continue
		}
		done = append(done, name)
		var seeds []reports.Search
		for _, o := range searches {
			if o.SearchName(searches) == name {
				seeds = append(seeds, o)
			}
		}
		for _, by := range append(reports.Validators(seeds), reports.ByTruth) {
			row, err := searchRow(t, name, by, seeds)
			if err != nil {
				return nil, "", err
			}
			t.Rows = append(t.Rows, row)
		}
	}
	t.Remark("accuracy on the target's test images in percent, of the trial that is chosen for each seed, at its last step, by the network's own classifier; of equal scores the earlier trial")
	t.Remark("* the validator that the spec names; no validator sees a label of the target. Target labels are the oracle: a bound, not a method")
	t.Remark("mean trial: what a trial taken at random is worth; rank correlation: Spearman's, of scores with accuracies over the trials of a seed")
	t.Remark("training seconds: of all trials of a seed together, as the machines that ran them took, without evaluation")
	return t, "", nil
}

// searchRow is one way of choosing over the seeds of what was searched.
func searchRow(t *reports.Table, name, by string, seeds []reports.Search) ([]reports.Cell, error) {
	var accuracy, loss, mean, correlation, seconds []float64
	var chosen []string
	for _, s := range seeds {
		values, known := s.Accuracies()
		if sum, ok := s.Seconds(); ok {
			seconds = append(seconds, sum)
		}
		i := s.Choose(by)
		if i < 0 {
			continue
		}
		chosen = append(chosen, trialText(s.Runs[i].Trial, len(seeds) == 1))
		if !known {
			continue
		}
		accuracy, loss, mean = append(accuracy, 100*values[i]), append(loss, 100*(slices.Max(values)-values[i])), append(mean, 100*stat.Mean(values, nil))
		scores, _ := s.Scores(by)
		if rho, ok := inference.Spearman(scores, values); ok && by != reports.ByTruth {
			correlation = append(correlation, rho)
		}
	}
	shown := by
	if by == seeds[0].By {
		shown += " *"
	}
	row := []reports.Cell{reports.Text("%s", name), reports.Text("%s", shown)}
	for _, values := range [][]float64{accuracy, loss, mean} {
		cell, err := overSeedsOr(t, values, 2, "no trial has a score, or the target's labels are not known")
		if err != nil {
			return nil, err
		}
		row = append(row, cell)
	}
	switch {
	case by == reports.ByTruth:
		row = append(row, reports.Text(""))
	case len(correlation) == 0:
		row = append(row, t.Missing("fewer than three trials, or equal scores"))
	default:
		row = append(row, reports.Number(stat.Mean(correlation, nil), 2))
	}
	row = append(row, reports.Text("%s", strings.Join(chosen, ", ")), trialsCell(t, seeds))
	cost, err := overSeedsOr(t, seconds, 0, "the training time of a trial is not on record")
	return append(row, cost), err
}

// overSeedsOr is the mean over seeds, or a gap with its reason.
func overSeedsOr(t *reports.Table, values []float64, decimals int, reason string) (reports.Cell, error) {
	if len(values) == 0 {
		return t.Missing(reason), nil
	}
	return t.OverSeeds(values, decimals)
}

// trialText names a trial, with what it drew where there is room.
func trialText(trial *reports.Trial, values bool) string {
	out := fmt.Sprint(trial.Number)
	if !values {
		return out
	}
	for i, v := range trial.Values {
		out += []string{": ", ", "}[min(i, 1)] + strings.TrimPrefix(v.Path, "model.") + "=" + v.Value
	}
	return out
}

// trialsCell is how many trials a seed has, and how many of them are done where some are not.
func trialsCell(t *reports.Table, seeds []reports.Search) reports.Cell {
	done, stopped, asked := 0, 0, 0
	for _, s := range seeds {
		done, stopped, asked = done+len(s.Runs), stopped+len(s.Stopped), asked+s.Trials
	}
	var notes []string
	if stopped > 0 {
		notes = append(notes, fmt.Sprintf("%d stopped early by successive halving: they cost, and all else is of the others", stopped))
	}
	if done+stopped < asked {
		notes = append(notes, "trials that failed or are not done yet take no part")
	}
	if notes == nil {
		return reports.Count(seeds[0].Trials)
	}
	c := reports.Text("%d of %d", done, asked)
	c.Note = t.Note(strings.Join(notes, "; "))
	return c
}
