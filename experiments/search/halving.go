// Package search decides which trials of a search go on: successive halving, from the scores
// that trials have at its rungs and from nothing else, so that whoever asks, and whenever, gets
// the same answer.
package search

import "slices"

// A Trial is how far a trial is.
type Trial struct {
	Scores []float64 // at the rungs that it has come to, higher is better
	Lost   bool      // it failed: further scores will not come
}

// A Verdict says what a trial is to do next.
type Verdict int

// The verdicts.
const (
	Train  Verdict = iota // up to the rung, to be scored there
	Wait                  // at the rung, for others' scores there
	Stop                  // at the rung
	Finish                // to the end of the training
)

// Decide says what trial number me, from 0, is to do next, at which rung, from 0, and for how many
// trials it has to wait. At every rung the trials that came to it are ordered by their score there,
// of equal ones the earlier first, and the best 1/eta of them, rounded down, go on, one at least.
// A trial that is lost counts among those that came, and never goes on.
//
// K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
// optimization", AISTATS 2016.
func Decide(trials []Trial, rungs, eta, me int) (v Verdict, rung, waits int) {
	alive := make([]int, len(trials))
	for i := range alive {
		alive[i] = i
	}
	for k := range rungs {
		var scored []int
		waits := 0
		for _, i := range alive {
			switch {
			case len(trials[i].Scores) > k:
				scored = append(scored, i)
			case !trials[i].Lost:
				waits++
			}
		}
		switch {
		case len(trials[me].Scores) <= k:
			return Train, k, 0
		case waits > 0:
			return Wait, k, waits
		}
		slices.SortStableFunc(scored, func(a, b int) int {
			switch x, y := trials[a].Scores[k], trials[b].Scores[k]; {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return a - b
		})
		alive = scored[:min(len(scored), max(1, len(alive)/eta))]
		if !slices.Contains(alive, me) {
			return Stop, k, 0
		}
	}
	return Finish, rungs, 0
}
