package reports

import (
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/inference"
)

// NetworkScores are of what was trained as one method, with the classifier that reads its images, over
// tasks: the network's own, or where it has none each one fitted on its common code.
type NetworkScores struct {
	Name   string
	Oracle bool                 // used target labels
	ByTask map[string][]float64 // accuracies on the target at the last step, one a seed
	Seeds  map[string][]uint64  // theirs
	Scores map[string][]*Score  // whole
	// Seconds are those of the trainings that say how long they took.
	Seconds []float64
}

// Complete says whether every task has a score.
func (s *NetworkScores) Complete(tasks []string) bool {
	return !slices.ContainsFunc(tasks, func(t string) bool { return len(s.ByTask[t]) == 0 })
}

// Mean of a task over seeds; NaN where there is none.
func (s *NetworkScores) Mean(task string) float64 {
	var sum float64
	for _, v := range s.ByTask[task] {
		sum += v
	}
	return sum / float64(len(s.ByTask[task]))
}

// Ahead is by how much a method is ahead of another in the mean over tasks, one value for each
// seed that both have on every task, in the order of the first task's.
func (s *NetworkScores) Ahead(of *NetworkScores, tasks []string) (out []float64) {
	at := func(m *NetworkScores, task string, seed uint64) (float64, bool) {
		i := slices.Index(m.Seeds[task], seed)
		if i < 0 {
			return 0, false
		}
		return m.ByTask[task][i], true
	}
	if len(tasks) == 0 {
		return nil
	}
	for _, seed := range s.Seeds[tasks[0]] {
		sum, whole := 0.0, true
		for _, task := range tasks {
			a, ok := at(s, task, seed)
			b, also := at(of, task, seed)
			sum, whole = sum+a-b, whole && ok && also
		}
		if whole {
			out = append(out, sum/float64(len(tasks)))
		}
	}
	return out
}

// A TrainedGroup holds the runs of one trained method on one task, which differ by seed alone.
type TrainedGroup struct {
	Name, Task string
	Runs       []Run
}

// TrainedGroups folds runs by what trained them and by task ("mnist->usps"), in the order of their first. An oracle,
// trained on the target, is on the first task of the others of its study that has this target.
func TrainedGroups(runs []Run) (out []TrainedGroup) {
	type aim struct{ study, target string }
	taskTo := map[aim]string{}
	for _, r := range runs {
		_, target, _ := strings.Cut(r.Results.DatasetPair(), "->")
		if to := (aim{r.Results.Name, target}); !r.Results.oneDataset() && taskTo[to] == "" {
			taskTo[to] = r.Results.DatasetPair()
		}
	}
	called := TrainedNames(runs)
	for _, r := range runs {
		name, task := called(r.Results), r.Results.DatasetPair()
		if whole := taskTo[aim{r.Results.Name, r.Results.Domains[0].Dataset}]; r.Results.oneDataset() && whole != "" {
			task = whole
		}
		i := slices.IndexFunc(out, func(g TrainedGroup) bool { return g.Name == name && g.Task == task })
		if i < 0 {
			i = len(out)
			out = append(out, TrainedGroup{Name: name, Task: task})
		}
		out[i].Runs = append(out[i].Runs, r)
	}
	return out
}

// NetworksOver collects the trained methods of runs and their tasks, in the order of their first appearance. Without
// a run that has a network's own classifier there are no methods.
func NetworksOver(runs []Run) (tasks []string, methods []*NetworkScores) {
	if !slices.ContainsFunc(runs, func(r Run) bool {
		of := r.Results.classified()
		return len(of) > 0 && of[0].Row == NetworkRow
	}) {
		return nil, nil
	}
	for _, g := range TrainedGroups(runs) {
		for _, r := range g.Runs {
			for _, a := range r.Results.classified() {
				name := g.Name
				if a.Row != NetworkRow {
					name += ", " + a.Row + ", " + a.Classifier
				}
				if !slices.Contains(tasks, g.Task) {
					tasks = append(tasks, g.Task)
				}
				i := slices.IndexFunc(methods, func(m *NetworkScores) bool { return m.Name == name })
				if i < 0 {
					i = len(methods)
					methods = append(methods, &NetworkScores{Name: name, ByTask: map[string][]float64{}, Seeds: map[string][]uint64{}, Scores: map[string][]*Score{}})
				}
				methods[i].add(g.Task, r, a)
			}
		}
	}
	return tasks, methods
}

func (s *NetworkScores) add(task string, r Run, a Accuracy) {
	s.Oracle = s.Oracle || a.Oracle
	s.ByTask[task] = append(s.ByTask[task], a.Target.Accuracy)
	s.Seeds[task] = append(s.Seeds[task], r.Results.Seed)
	s.Scores[task] = append(s.Scores[task], a.Target)
	if r.Seconds > 0 {
		s.Seconds = append(s.Seconds, r.Seconds)
	}
}

// Interval is the mean accuracy on a task, which has a score, with its 95% interval: over seeds where there are
// several, else over test images.
func (s *NetworkScores) Interval(task string) (inference.Interval, error) {
	return AccuracyRow{Row: s.Name, Target: s.ByTask[task], Scores: s.Scores[task]}.TargetInterval()
}

// TrainedNames says what the trained method of each run is called: the study's name for it, with
// the study before it where two studies have one of that name on the same datasets.
func TrainedNames(runs []Run) func(Results) string {
	plain := func(r Results) string {
		if name := strings.TrimPrefix(r.Variant(), "method="); name != "" {
			return name
		}
		return r.Method
	}
	shared := sharedNames{}
	for _, r := range runs {
		shared.put(plain(r.Results), r.Results.DatasetPair(), r.Results.Name)
	}
	return func(r Results) string { return shared.told(plain(r), r.Name) }
}

// LearntTarget says whether a run's network was trained on the target's labels, in the source's place: whatever is fitted
// on what it makes of images owes them something, too.
func (r Results) LearntTarget() bool {
	return slices.ContainsFunc(r.Accuracy, func(a Accuracy) bool { return a.Row == NetworkRow && a.Oracle })
}

// DatasetPair names the datasets of source and target: "mnist->usps".
func (r Results) DatasetPair() string {
	source, target := r.Domains[0].Dataset, r.Domains[1].Dataset
	if r.Domains[1].Labelled && !r.Domains[0].Labelled {
		source, target = target, source
	}
	return source + "->" + target
}

// oneDataset says that both domains are of one.
func (r Results) oneDataset() bool { return r.Domains[0].Dataset == r.Domains[1].Dataset }

// classified are the accuracies on the target of the network's own classifier, or where it has
// none of those on its common code.
func (r Results) classified() (out []Accuracy) {
	for _, row := range []string{NetworkRow, "common"} {
		for _, a := range r.Accuracy {
			if a.Row == row && a.Target != nil {
				out = append(out, a)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// Classified says whether a network's own classifier, or one on a common code, has an accuracy on the target.
func (r Results) Classified() bool { return len(r.classified()) > 0 }
