package experiments

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/search"
	"github.com/venn-adapt/venn/models"
)

// standing is the step up to which a job is to be trained, by how it stands among the trials of
// its search; the last where nothing stops it. It fails with *runs.HaltError where the job is to
// wait for its rivals or was stopped. start is how far it is trained.
func (w *job) standing(start int) (to int, err error) {
	method, err := models.Methods.Get(w.Spec.Model.Method)
	if err != nil {
		return 0, fmt.Errorf("experiments: %w", err)
	}
	steps := models.Steps(method.PhasesOf(w.Spec.Config(w.Seed)))
	rungs := w.Spec.Rungs(steps)
	if len(rungs) == 0 {
		return steps, nil
	}
	of := w.Spec.Search
	trials := make([]search.Trial, len(of.Rivals))
	for i, id := range of.Rivals {
		come := rungs
		if id == w.ID { // a score without the checkpoint that goes with it is one of a kill
			come = slices.DeleteFunc(slices.Clone(rungs), func(step int) bool { return step > start })
		}
		if trials[i], err = w.rival(id, come); err != nil {
			return 0, err
		}
	}
	verdict, rung, waits := search.Decide(trials, len(rungs), of.Eta, of.Trial-1)
	if verdict == search.Finish {
		return steps, nil
	}
	where := fmt.Sprintf("at rung %d of %d (step %d)", rung+1, len(rungs), rungs[rung])
	switch verdict {
	case search.Stop:
		return 0, &runs.HaltError{State: runs.Stopped, Why: where}
	case search.Wait:
		return 0, &runs.HaltError{State: runs.Waiting, Why: fmt.Sprintf("%s for the scores of %d trials", where, waits)}
	}
	if start >= rungs[rung] {
		return 0, fmt.Errorf("experiments: trained to step %d and not scored %s: the method has no classifier of its own to be scored, or the run was trained before that was asked for; leave out the method's search, or give the study another name to train anew", start, where)
	}
	return rungs[rung], nil
}

// newest is the step of the newest checkpoint, by its name; 0 where there is none.
func (w *job) newest() (step int, err error) {
	paths, err := models.Checkpoints(w.dir.File("checkpoints"))
	if err != nil || len(paths) == 0 {
		return 0, err
	}
	if _, err := fmt.Sscanf(filepath.Base(paths[len(paths)-1]), "step-%d.safetensors", &step); err != nil {
		return 0, nil // loading it says what is wrong with it
	}
	return step, nil
}

// rival is how far a trial of the job's search is. A rung where the validator does not apply has
// the lowest score there is.
func (w *job) rival(id string, rungs []int) (t search.Trial, err error) {
	dir := w.dir.Rival(id)
	for _, step := range rungs {
		c, ok, err := runs.ScoresAt(dir, step)
		if err != nil && !runs.IsDamaged(err) {
			return t, err
		}
		if err != nil || !ok { // damaged scores are made anew when that trial's turn comes
			break
		}
		score, applies := c.Scores[w.Spec.Search.By]
		if !applies {
			score = math.Inf(-1)
		}
		t.Scores = append(t.Scores, score)
	}
	if id == w.ID {
		return t, nil
	}
	status, err := runs.ReadStatus(dir)
	if runs.IsDamaged(err) {
		return t, nil // it is mended when its turn comes
	}
	t.Lost = err == nil && status.State == runs.Failed
	return t, err
}
