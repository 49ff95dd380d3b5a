package reports

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/inference"
)

// A Trial says which trial of a search a run is.
type Trial struct {
	Number int    `json:"number"` // from 1
	Trials int    `json:"trials"` // that the spec asks for
	Of     string `json:"of"`     // what is searched: the job's label without trial and seed
	By     string `json:"by"`     // the validator that chooses
	// Values are what the trial drew, by path.
	Values []TrialValue `json:"values"`
	// Stopped are the trials of the same search and seed that successive halving stopped.
	Stopped []StoppedTrial `json:"stopped,omitempty"`
}

// A StoppedTrial is one that did not come to the end of its training.
type StoppedTrial struct {
	Number  int     `json:"number"`
	Where   string  `json:"where"`             // "at rung 1 of 3 (step 250)"
	Seconds float64 `json:"seconds,omitempty"` // of training; 0: not on record
}

// A TrialValue is what a trial drew for a path, as a spec writes it.
type TrialValue struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// A Search is the trials of one method and point of the grid, so of one task, with one seed.
type Search struct {
	Study  string
	Of     string
	Seed   uint64
	By     string
	Trials int   // that the spec asks for
	Runs   []Run // of the trials that are done, by number
	// Stopped are those that successive halving stopped: they cost, and cannot be chosen.
	Stopped []StoppedTrial
}

// SearchesOf folds the trials among runs into searches, in the order of their first run.
func SearchesOf(runs []Run) (out []Search) {
	for _, r := range runs {
		t := r.Trial
		if t == nil {
			continue
		}
		i := slices.IndexFunc(out, func(s Search) bool {
			return s.Study == r.Results.Name && s.Of == t.Of && s.Seed == r.Results.Seed
		})
		if i < 0 {
			i = len(out)
			out = append(out, Search{Study: r.Results.Name, Of: t.Of, Seed: r.Results.Seed})
		}
		s := &out[i]
		s.By, s.Trials = t.By, max(s.Trials, t.Trials)
		if len(t.Stopped) > len(s.Stopped) {
			s.Stopped = t.Stopped
		}
		s.Runs = append(s.Runs, r)
	}
	for _, s := range out {
		slices.SortStableFunc(s.Runs, func(a, b Run) int { return a.Trial.Number - b.Trial.Number })
	}
	return out
}

// last is what validators say of a run's network at its last step, beside the truth; nil where
// it was not scored.
func (r Results) last() *Candidate {
	for _, s := range r.Selection {
		for i, c := range s.Candidates {
			if c.Step > 0 && c.Step == r.Steps {
				return &s.Candidates[i]
			}
		}
	}
	return nil
}

// Validators are those that scored any trial of searches, sorted.
func Validators(searches []Search) []string {
	found := map[string]struct{}{}
	for _, s := range searches {
		for _, r := range s.Runs {
			if c := r.Results.last(); c != nil {
				for name := range c.Scores {
					if name != lastStep {
						found[name] = struct{}{}
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// lastStep stands among the scores of steps of a training, all the same at the last.
const lastStep = "last step"

// ByTruth chooses by the accuracy on the target, which no validator sees.
const ByTruth = "target labels"

// Scores are what a validator, or ByTruth, says of every trial; of a trial that it does not score
// the lowest there is, so that it is chosen last. ok says whether it scores any.
func (s Search) Scores(by string) (scores []float64, ok bool) {
	for _, r := range s.Runs {
		score := math.Inf(-1)
		if c := r.Results.last(); c != nil {
			switch v, scored := c.Scores[by]; {
			case by == ByTruth && c.Oracle != nil:
				score, ok = *c.Oracle, true
			case scored:
				score, ok = v, true
			}
		}
		scores = append(scores, score)
	}
	return scores, ok
}

// Accuracies on the target of every trial; ok says whether all are known.
func (s Search) Accuracies() (values []float64, ok bool) {
	for _, r := range s.Runs {
		c := r.Results.last()
		if c == nil || c.Oracle == nil {
			return nil, false
		}
		values = append(values, *c.Oracle)
	}
	return values, len(values) > 0
}

// Choose is the place of the trial with the highest score, of equal ones the first; -1 where
// none is scored.
func (s Search) Choose(by string) int {
	scores, ok := s.Scores(by)
	if !ok {
		return -1
	}
	return slices.Index(scores, slices.Max(scores))
}

// BestOf is the accuracy on the target that is to be expected of the choice among n of the
// trials, for n from 1; why says why there is none.
func (s Search) BestOf(by string) (expected []float64, why string, err error) {
	scores, scored := s.Scores(by)
	values, known := s.Accuracies()
	switch {
	case len(s.Stopped) > 0:
		return nil, "trials were stopped by their scores against each other, so that none stands for a trial by itself", nil
	case !scored:
		return nil, "no trial has a score of " + by, nil
	case !known:
		return nil, "the target's labels are not known", nil
	}
	if expected, err = inference.ExpectedBest(scores, values); err != nil {
		return nil, "", fmt.Errorf("reports: search of %s: %w", s.Of, err)
	}
	return expected, "", nil
}

// Seconds that all trials were trained; ok says whether all are on record.
func (s Search) Seconds() (sum float64, ok bool) {
	for _, r := range s.Runs {
		if r.Seconds == 0 {
			return 0, false
		}
		sum += r.Seconds
	}
	for _, t := range s.Stopped {
		if t.Seconds == 0 {
			return 0, false
		}
		sum += t.Seconds
	}
	return sum, true
}

// Chosen leaves of every search the trial that its validator chose, under the label of what was
// searched, so that seeds come together again. A search of which no trial is scored leaves none.
func Chosen(runs []Run) (out []Run) {
	if !slices.ContainsFunc(runs, func(r Run) bool { return r.Trial != nil }) {
		return runs
	}
	searches := SearchesOf(runs)
	for _, r := range runs {
		if r.Trial == nil {
			out = append(out, r)
			continue
		}
		for _, s := range searches {
			if s.Study != r.Results.Name || s.Of != r.Trial.Of || s.Seed != r.Results.Seed {
				continue
			}
			if i := s.Choose(s.By); i >= 0 && s.Runs[i].Trial.Number == r.Trial.Number && s.Runs[i].Results.Job == r.Results.Job {
				r.Results.Label = s.Of
				out = append(out, r)
			}
		}
	}
	return out
}

// OnlyChosen is what a table or figure of Chosen runs says of it.
const OnlyChosen = "of each search, of each seed, the trial alone that its validator chose; table search says what that cost"

// SearchName is what is searched, for people: the method or the point of the grid, after the
// study where there are several.
func (s Search) SearchName(all []Search) string {
	name := strings.TrimPrefix(s.Of, "method=")
	if slices.ContainsFunc(all, func(o Search) bool { return o.Study != s.Study }) || name == "" {
		name = strings.TrimSpace(s.Study + " " + name)
	}
	return name
}
