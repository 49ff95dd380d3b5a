package tables

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("adaptation", reports.TableInfo{Name: "adaptation", Title: "Adaptation methods by task", Order: 6, Build: adaptationTable})
	reports.Tables.Add("adaptation-tests", reports.TableInfo{Name: "adaptation-tests", Title: "Adaptation methods against no adaptation, over tasks", Order: 7, Build: adaptationTestsTable})
}

// A use says which target rows a method is scored on.
type use struct {
	name string
	of   func(a reports.Adaptation) *reports.Score
}

var uses = []use{
	{"transductive", func(a reports.Adaptation) *reports.Score { return a.Transductive }},
	{"inductive", func(a reports.Adaptation) *reports.Score { return a.Inductive }},
}

// A methodScores is one method in one use: its accuracies by task, one a seed.
type methodScores struct {
	name, use, adapter, classifier string
	byTask                         map[string][]float64
	errors                         map[string][]string // one a seed in which it could not be fitted
}

// mean of a task over seeds; NaN where there is none.
func (m *methodScores) mean(task string) float64 {
	values := m.byTask[task]
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// complete says whether every task has a score.
func (m *methodScores) complete(tasks []string) bool {
	return !slices.ContainsFunc(tasks, func(t string) bool { return len(m.byTask[t]) == 0 })
}

// adaptationScores collects the methods of runs, in the order of their first
// appearance, transductive before inductive use.
func adaptationScores(runs []reports.Run) (tasks []string, methods []*methodScores) {
	called := reports.MethodNames(runs)
	for _, u := range uses {
		for _, r := range runs {
			task := r.Results.Task
			if len(r.Results.Adaptation) > 0 && !slices.Contains(tasks, task) {
				tasks = append(tasks, task)
			}
			for _, a := range r.Results.Adaptation {
				s := u.of(a)
				if s == nil && (a.Error == "" || u.name != uses[0].name) {
					continue
				}
				name := called(r.Results, a.Name)
				i := slices.IndexFunc(methods, func(m *methodScores) bool { return m.name == name && m.use == u.name })
				if i < 0 {
					i = len(methods)
					methods = append(methods, &methodScores{name: name, use: u.name, adapter: a.Adapter, classifier: a.Classifier,
						byTask: map[string][]float64{}, errors: map[string][]string{}})
				}
				if s == nil {
					methods[i].errors[task] = append(methods[i].errors[task], a.Error)
					continue
				}
				methods[i].byTask[task] = append(methods[i].byTask[task], s.Accuracy)
			}
		}
	}
	return tasks, methods
}

// adaptationTable has one row a method and use, one column a task, and over several
// tasks their average and the mean rank.
func adaptationTable(runs []reports.Run) (*reports.Table, string, error) {
	tasks, methods := adaptationScores(runs)
	if len(methods) == 0 {
		return nil, "no run has adaptation methods", nil
	}
	t := &reports.Table{Name: "adaptation", Title: "Adaptation methods by task", Columns: append([]string{"method", "use"}, tasks...)}
	several := len(tasks) > 1
	ranks := map[*methodScores]float64{}
	if several {
		t.Columns = append(t.Columns, "average", "mean rank")
		var err error
		if ranks, err = meanRanks(tasks, methods); err != nil {
			return nil, "", err
		}
	}
	for _, m := range methods {
		cells := []reports.Cell{reports.Text("%s", m.name), reports.Text("%s", m.use)}
		var sum float64
		for _, task := range tasks {
			c, err := taskCell(t, m, task)
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, c)
			sum += m.mean(task)
		}
		if several {
			if m.complete(tasks) {
				cells = append(cells, reports.Number(100*sum/float64(len(tasks)), 2), rankCell(t, ranks, m))
			} else {
				gap := t.Missing("not every task has a score")
				cells = append(cells, gap, gap)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	t.Remark("accuracy on the target in percent; transductive: on the rows that adaptation saw without their labels; inductive: on rows that it did not see")
	t.Remark("no target label was used; settings are as the spec gives them")
	if several {
		t.Remark("mean rank among methods of the same use that have every task, 1 the best; tasks that share a domain are not independent")
	}
	return t, "", nil
}

func taskCell(t *reports.Table, m *methodScores, task string) (reports.Cell, error) {
	values, failed := m.byTask[task], m.errors[task]
	if len(values) == 0 {
		reason := "not scored"
		if len(failed) > 0 {
			reason = failed[0]
		}
		return t.Missing(reason), nil
	}
	var some []string
	if n := len(failed); n > 0 {
		some = append(some, fmt.Sprintf("of %d of %d seeds; in the others: %s", len(values), len(values)+n, failed[0]))
	}
	percent := make([]float64, len(values))
	for i, v := range values {
		percent[i] = 100 * v
	}
	return t.OverSeeds(percent, 2, some...)
}

// rankCell is the mean rank of a method, which there is among others alone.
func rankCell(t *reports.Table, ranks map[*methodScores]float64, m *methodScores) reports.Cell {
	if rank, ok := ranks[m]; ok {
		return reports.Number(rank, 2)
	}
	return t.Missing("no other method of this use has every task")
}

// meanRanks ranks methods of one use within each task, by means over seeds.
func meanRanks(tasks []string, methods []*methodScores) (map[*methodScores]float64, error) {
	out := map[*methodScores]float64{}
	for _, u := range uses {
		scores, ranked := scoreMatrix(tasks, methods, u.name)
		if len(ranked) < 2 {
			continue
		}
		test, err := inference.Friedman(scores, true, 0)
		if err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		for j, m := range ranked {
			out[m] = test.Ranks[j]
		}
	}
	return out, nil
}

// scoreMatrix has a task a row and a column for every method of the use that has all
// tasks.
func scoreMatrix(tasks []string, methods []*methodScores, use string) (*mat.Dense, []*methodScores) {
	var ranked []*methodScores
	for _, m := range methods {
		if m.use == use && m.complete(tasks) {
			ranked = append(ranked, m)
		}
	}
	if len(ranked) == 0 {
		return nil, nil
	}
	scores := mat.NewDense(len(tasks), len(ranked), nil)
	for i, task := range tasks {
		for j, m := range ranked {
			scores.Set(i, j, m.mean(task))
		}
	}
	return scores, ranked
}

// leastTasks is the number of tasks below which no signed-rank test reaches 0.05.
const leastTasks = 6

// adaptationTestsTable tests every method against the first one without adaptation:
// Wilcoxon's signed ranks over task means, corrected by Holm.
func adaptationTestsTable(runs []reports.Run) (*reports.Table, string, error) {
	tasks, methods := adaptationScores(runs)
	if len(tasks) < leastTasks {
		return nil, fmt.Sprintf("%d tasks, fewer than the %d that a test over tasks needs", len(tasks), leastTasks), nil
	}
	t := &reports.Table{Name: "adaptation-tests", Title: "Adaptation methods against no adaptation, over tasks",
		Columns: []string{"method", "use", "against", "mean difference", "wins", "losses", "p", "p (Holm)"}}
	for _, u := range uses {
		scores, ranked := scoreMatrix(tasks, methods, u.name)
		base := slices.IndexFunc(ranked, func(m *methodScores) bool { return m.adapter == "none" })
		if base < 0 || len(ranked) < 2 {
			continue
		}
		comparisons, err := inference.PairwiseHolm(scores, base)
		if err != nil {
			return nil, "", fmt.Errorf("reports: %w", err)
		}
		for _, c := range comparisons {
			differences, err := inference.Differences(mat.Col(nil, c.Second, scores), mat.Col(nil, base, scores))
			if err != nil {
				return nil, "", fmt.Errorf("reports: %w", err)
			}
			sum, wins, losses := inference.WinsAndLosses(differences)
			t.Rows = append(t.Rows, []reports.Cell{reports.Text("%s", ranked[c.Second].name), reports.Text("%s", u.name), reports.Text("%s", ranked[base].name),
				reports.Number(100*sum/float64(len(tasks)), 2), reports.Text("%d", wins), reports.Text("%d", losses), reports.Number(c.Wilcoxon.P, 4), reports.Number(c.Adjusted, 4)})
		}
		friedman, err := inference.Friedman(scores, true, 0)
		if err != nil {
			return nil, "", fmt.Errorf("reports: %w", err)
		}
		critical, err := inference.CriticalDifference(len(ranked), len(tasks), 0.05)
		if err != nil {
			return nil, "", fmt.Errorf("reports: %w", err)
		}
		t.Remark(fmt.Sprintf("%s: Friedman over %d tasks and %d methods, p = %.2g by %s; mean ranks that differ by more than %.2f differ at 0.05 (Nemenyi)",
			u.name, len(tasks), len(ranked), friedman.P, friedman.Method, critical))
	}
	if len(t.Rows) == 0 {
		return nil, "no method without adaptation to compare with", nil
	}
	t.Remark("Wilcoxon's signed ranks on the tasks' means, two-sided; Holm's correction over the methods of one use; tasks that share a domain are not independent, so p is optimistic")
	return t, "", nil
}
