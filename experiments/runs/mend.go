package runs

import (
	"fmt"
	"path"
	"strings"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// CodesStamp is the file below codes/ that vouches for those beside it.
const CodesStamp = "codes.json"

// mend looks at every file of the run and takes away what is damaged, so that the job
// makes it anew from what is sound; notices say what and how. It returns whether the job
// has something to do even where its status says that it is done.
//
// The state is interrupted before the first file goes, so that a kill in the middle
// leaves a run that is gone on with.
func (r *RunDir) mend(job spec.Job) (anew bool, err error) {
	s, err := ReadStatus(r.Path)
	if err != nil && !IsDamaged(err) {
		return false, err
	}
	seen := Sealed{r.Path, r.account.m}
	flaws, err := seen.examine(s.State == Done)
	if err != nil {
		return false, err
	}
	if len(flaws) == 0 {
		return false, r.sweepStrays()
	}
	if err := r.SetStatus(statusOf(job, Interrupted, "files of the run are damaged")); err != nil {
		return false, err
	}
	records := ""
	for _, f := range flaws {
		if f.File == recordsName {
			records = f.Found
			continue
		}
		again, err := r.mendFile(f)
		if err != nil {
			return false, err
		}
		anew = anew || again
	}
	r.account.m.faults, r.account.dirty = nil, true
	if records != "" {
		anew = true
		if err := r.mendRecords(seen, records); err != nil {
			return false, err
		}
	}
	if err := r.sweepStrays(); err != nil {
		return false, err
	}
	if anew || s.State == "" {
		return true, nil
	}
	return false, r.SetStatus(s)
}

// mendFile takes a damaged file away, or leaves it where the job writes over it, and
// says whether the job has to be done for it.
func (r *RunDir) mendFile(f Flaw) (anew bool, err error) {
	then := ""
	switch folder := path.Dir(f.File); {
	case f.File == manifestName:
		r.notice("%s: files that it named and does not name any more are made anew", f)
		return true, nil
	case f.File == "status.json":
		r.notice("%s: the run goes on from what its other files prove", f)
		return true, nil
	case f.File == "data.lock.json": // LockData compares the data with what was sealed
		r.notice("%s: the data are read and compared with its checksum", f)
		return true, nil
	case f.File == timesName:
		r.notice("%s: how long the training took so far is not known any more", f)
		if err := atomicfile.Remove(r.File(f.File)); err != nil {
			return false, fmt.Errorf("experiments: %w", err)
		}
		return false, nil
	case folder == "checkpoints":
		return r.mendCheckpoint(f)
	case folder == "codes":
		then = "every image is encoded anew"
		if err := atomicfile.Remove(r.File("codes", CodesStamp)); err != nil { // first: it vouches for the others
			return false, fmt.Errorf("experiments: %w", err)
		}
	case folder == "along": // scores of the model as it was in the middle of its training
		r.notice("%s: the training begins anew", f)
		if err := atomicfile.Remove(r.File(f.File)); err != nil {
			return false, fmt.Errorf("experiments: %w", err)
		}
		return true, r.forgetTraining()
	case folder == "judges":
		then = "the judge is trained anew"
	default:
		then = "the run is evaluated anew"
	}
	r.notice("%s: %s", f, then)
	if err := atomicfile.Remove(r.File(f.File)); err != nil {
		return false, fmt.Errorf("experiments: %w", err)
	}
	return true, nil
}

// mendCheckpoint drops a damaged checkpoint. The training goes on from the one before,
// or begins anew; where a later one is sound, nothing has to be done.
func (r *RunDir) mendCheckpoint(f Flaw) (anew bool, err error) {
	if err := atomicfile.Remove(r.File(f.File)); err != nil {
		return false, fmt.Errorf("experiments: %w", err)
	}
	left := r.account.m.below("checkpoints")
	switch {
	case len(left) == 0:
		r.notice("%s: no other checkpoint is left, the training begins anew", f)
	case left[len(left)-1] > f.File:
		r.notice("%s: dropped; %s is newer", f, left[len(left)-1])
		return false, nil
	default:
		r.notice("%s: the training goes on from the one before, %s", f, left[len(left)-1])
	}
	return true, nil
}

// mendRecords drops the checkpoints whose records are damaged: the training goes on from
// the newest one whose records are sound and writes the others again.
func (r *RunDir) mendRecords(seen Sealed, found string) error {
	left := r.account.m.below("checkpoints")
	for i := len(left) - 1; i >= 0; i-- {
		step, ok := checkpointStep(left[i])
		fault, err := "", error(nil)
		if ok {
			fault, err = seen.headFault(step)
		}
		if err != nil {
			return err
		}
		if ok && fault == "" {
			r.notice("%s %s: records up to step %d are sound, those after it are written anew", recordsName, found, step)
			return nil
		}
		if err := atomicfile.Remove(r.File(left[i])); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
	}
	r.notice("%s %s: no checkpoint has sound records, the training begins anew", recordsName, found)
	return r.forgetTraining()
}

// forgetTraining removes checkpoints and records.
func (r *RunDir) forgetTraining() error {
	for _, name := range r.account.m.below("checkpoints") {
		if err := atomicfile.Remove(r.File(name)); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
	}
	if err := r.account.unseal(-1); err != nil {
		return err
	}
	if err := atomicfile.Remove(r.File(recordsName)); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// sweepStrays removes files of the sealed folders that the manifest does not name: a
// process was killed between taking them off and removing them.
func (r *RunDir) sweepStrays() error {
	found, err := strays(r.Path, r.account.m)
	if err != nil {
		return err
	}
	for _, name := range found {
		r.Log.Info("not in the manifest and removed", "file", name)
		if err := atomicfile.Remove(r.File(strings.Split(name, "/")...)); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
	}
	return r.account.sync()
}
