package tables

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("networks", reports.TableInfo{Name: "networks", Title: "Trained methods by task", Order: 5, Build: networksTable})
}

// networksTable has a row a trained method and a column a task, their average and the mean rank.
func networksTable(runs []reports.Run) (*reports.Table, string, error) {
	tasks, methods := reports.NetworksOver(runs)
	if len(tasks) < 2 {
		return nil, fmt.Sprintf("trained networks on %d tasks, want two", len(tasks)), nil
	}
	t := &reports.Table{Name: "networks", Title: "Trained methods by task", Columns: append(append([]string{"method"}, tasks...), "average", "mean rank", "behind the best")}
	best := bestNetwork(tasks, methods)
	ranks, err := networkRanks(tasks, methods)
	if err != nil {
		return nil, "", err
	}
	for _, m := range methods {
		name := reports.Text("%s", m.Name)
		if m.Oracle {
			name.Note = t.Note("used target labels: it takes no part in ranks")
		}
		row, sum := []reports.Cell{name}, 0.0
		for _, task := range tasks {
			cell, err := networkCell(t, m.ByTask[task])
			if err != nil {
				return nil, "", err
			}
			row, sum = append(row, cell), sum+m.Mean(task)
		}
		switch rank, ok := ranks[m]; {
		case !m.Complete(tasks):
			gap := t.Missing("not trained on every task")
			row = append(row, gap, gap, gap)
		case ok:
			behind, err := behindCell(t, best, m, tasks)
			if err != nil {
				return nil, "", err
			}
			row = append(row, reports.Number(100*sum/float64(len(tasks)), 2), reports.Number(rank, 2), behind)
		default:
			row = append(row, reports.Number(100*sum/float64(len(tasks)), 2), reports.Text(""), reports.Text(""))
		}
		t.Rows = append(t.Rows, row)
	}
	addSeconds(t, func(row int) []float64 { return methods[row].Seconds })
	t.Remark("accuracy on the target's test images in percent, at the last step: by the network's own classifier, or where it has none by one fitted on its common code")
	if best != nil {
		t.Remark("behind the best: the average of " + best.Name + " less that of the row, paired by seed")
	}
	t.Remark("mean rank among methods that have every task, by means over seeds, 1 the best; tasks that share a domain are not independent")
	return t, "", nil
}

// addSeconds adds a column of how long trainings took, the mean over those of a row that say; none where
// no row has one that does.
func addSeconds(t *reports.Table, of func(row int) []float64) {
	said := false
	for i := range t.Rows {
		said = said || len(of(i)) > 0
	}
	if !said {
		return
	}
	t.Columns = append(t.Columns, "training s")
	for i := range t.Rows {
		values := of(i)
		if len(values) == 0 {
			t.Rows[i] = append(t.Rows[i], t.Missing("its runs do not say"))
			continue
		}
		var sum float64
		for _, v := range values {
			sum += v
		}
		t.Rows[i] = append(t.Rows[i], reports.Number(sum/float64(len(values)), 0))
	}
	t.Remark("training s: mean seconds of a training by the clock on the wall, whatever else the machine did; machine and threads are in the runs' env.json")
}

// networkCell is the mean over seeds of accuracies, in percent.
func networkCell(t *reports.Table, values []float64) (reports.Cell, error) {
	if len(values) == 0 {
		return t.Missing("not trained on this task"), nil
	}
	percent := make([]float64, len(values))
	for i, v := range values {
		percent[i] = 100 * v
	}
	return t.OverSeeds(percent, 2)
}

// bestNetwork is the method that is no oracle with the highest average over tasks; nil without one
// that has all.
func bestNetwork(tasks []string, methods []*reports.NetworkScores) (best *reports.NetworkScores) {
	highest := 0.0
	for _, m := range methods {
		if m.Oracle || !m.Complete(tasks) {
			continue
		}
		var sum float64
		for _, task := range tasks {
			sum += m.Mean(task)
		}
		if best == nil || sum > highest {
			best, highest = m, sum
		}
	}
	return best
}

// behindCell is by how many points a method is behind the best.
func behindCell(t *reports.Table, best, m *reports.NetworkScores, tasks []string) (reports.Cell, error) {
	if best == m {
		return reports.Text(""), nil
	}
	points := best.Ahead(m, tasks)
	if len(points) == 0 {
		return t.Missing("no seed in common"), nil
	}
	for i := range points {
		points[i] *= 100
	}
	return t.OverSeeds(points, 2)
}

// networkRanks ranks the methods but oracles that have every task.
func networkRanks(tasks []string, methods []*reports.NetworkScores) (map[*reports.NetworkScores]float64, error) {
	var ranked []*reports.NetworkScores
	for _, m := range methods {
		if !m.Oracle && m.Complete(tasks) {
			ranked = append(ranked, m)
		}
	}
	out := map[*reports.NetworkScores]float64{}
	if len(ranked) < 2 {
		return out, nil
	}
	scores := mat.NewDense(len(tasks), len(ranked), nil)
	for i, task := range tasks {
		for j, m := range ranked {
			scores.Set(i, j, m.Mean(task))
		}
	}
	test, err := inference.Friedman(scores, true, 0)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	for j, m := range ranked {
		out[m] = test.Ranks[j]
	}
	return out, nil
}
