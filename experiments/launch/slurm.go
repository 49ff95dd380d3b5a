package launch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Slurm does tasks on a cluster, as arrays of jobs: one task a run directory, on whatever
// node Slurm chooses. The folder of runs must lie on a file system that all nodes share.
type Slurm struct {
	Script Script
	Runs   string // the folder of all runs
	Every  time.Duration

	tasks []runs.Task
	names []string    // of the tasks: "12_3"
	jobs  []string    // of the arrays: "12"
	over  []time.Time // when a task was first seen to have ended without a word
}

// A RefusedError is a submission that Slurm does not take for what the settings say.
type RefusedError struct{ Text string }

func (e *RefusedError) Error() string { return "launch: " + e.Text }

// Submit hands the run directories to sbatch. Those that failed before are queued again, so
// that a task that finds a failed job knows that another process tried it meanwhile.
func (l *Slurm) Submit(tasks []runs.Task) error {
	if err := os.MkdirAll(l.Script.Folder, 0o755); err != nil {
		return fmt.Errorf("launch: %w", err)
	}
	dirs := make([]string, len(tasks))
	for k, t := range tasks {
		var err error
		if dirs[k], err = filepath.Abs(t.Dir); err != nil {
			return fmt.Errorf("launch: %w", err)
		}
		if t.Began == runs.Failed {
			if err := runs.Requeue(t, l.Runs); err != nil {
				return err
			}
		}
	}
	l.tasks, l.over = tasks, make([]time.Time, len(tasks))
	for _, script := range l.Script.Scripts(dirs) {
		out, err := slurm(script, "sbatch", "--parsable")
		if err != nil && len(l.jobs) > 0 { // an earlier part of the study is Slurm's by now
			word, _ := l.Leave() // it has no error
			return fmt.Errorf("%w; %s", err, word)
		}
		if err != nil {
			return err
		}
		job, _, _ := strings.Cut(strings.TrimSpace(out), ";") // a cluster's name may follow
		l.jobs = append(l.jobs, job)
		if err := atomicfile.WriteBytes(filepath.Join(l.Script.Folder, job+".sh"), []byte(script)); err != nil {
			return fmt.Errorf("launch: %w", err)
		}
		for k := 0; k < mostTasks && len(l.names) < len(tasks); k++ {
			l.names = append(l.names, fmt.Sprintf("%s_%d", job, k))
		}
	}
	return nil
}

// Job names what was submitted, for Slurm's own commands.
func (l *Slurm) Job() string { return strings.Join(l.jobs, ",") }

// States asks squeue for the tasks, sacct for those that it has forgotten, and the run
// directories for what became of those that ended.
func (l *Slurm) States() ([]Standing, error) {
	text, err := slurm("", "squeue", "--noheader", "--array", "--all", "--states=all", "--jobs="+l.Job(), "--format=%F_%K %T")
	if err != nil && !strings.Contains(err.Error(), "Invalid job id") { // all have been forgotten
		return nil, err
	}
	states := slurmStates(text, " ")
	for _, name := range l.names {
		if states[name] == "" {
			// Where the cluster keeps no accounts the directory alone tells.
			if text, err := slurm("", "sacct", "--noheader", "--parsable2", "--allocations", "--jobs="+l.Job(), "--format=JobID,State"); err == nil {
				for name, state := range slurmStates(text, "|") {
					if states[name] == "" {
						states[name] = state
					}
				}
			}
			break
		}
	}
	out := make([]Standing, len(l.tasks))
	for k := range out {
		out[k] = l.standing(k, states[l.names[k]])
	}
	return out, nil
}

// late is how many times the tasks are asked for until a run directory is taken as it
// looks here: files of a network may look older than on the node that wrote them, for a
// minute or so.
const late = 6

// standing is how far a task in a state of Slurm's is.
func (l *Slurm) standing(k int, state string) Standing {
	t := l.tasks[k]
	switch state {
	case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD", "SUSPENDED":
		return Standing{Phase: Waiting}
	case "RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT", "STOPPED", "RESIZING":
		return Standing{Phase: Working}
	}
	s, err := runs.ReadStatus(t.Dir)
	switch {
	case err != nil:
		return Standing{Ended, t.Ended(runs.Failed, err)}
	case s.Evaluation == t.Job.Evaluation && s.State == runs.Done:
		return Standing{Ended, t.Ended(runs.Done, nil)}
	case s.Evaluation == t.Job.Evaluation && s.State == runs.Failed:
		return Standing{Ended, t.Ended(runs.Failed, errors.New(s.Cause))}
	}
	now := time.Now()
	if l.over[k].IsZero() {
		l.over[k] = now
	}
	switch {
	case state == "CANCELLED" && s.State != runs.Running, s.State == runs.Interrupted:
		return Standing{Ended, t.Ended(s.State, nil)}
	case now.Sub(l.over[k]) < late*l.Every:
		return Standing{Phase: Working}
	case state == "" && s.State == runs.Queued: // squeue forgets at once what is cancelled before it begins
		return Standing{Ended, t.Ended(runs.Queued, nil)}
	case state == "CANCELLED", state == "TIMEOUT", state == "PREEMPTED":
		return Standing{Ended, t.Ended(runs.Interrupted, nil)}
	}
	return Standing{Ended, runs.Fail(t, l.Runs, l.wordless(k, state), "")}
}

// wordless is the error of a task that ended and left no word in its run directory.
func (l *Slurm) wordless(k int, state string) error {
	if state == "" {
		state = "forgotten by squeue"
	}
	log := filepath.Join(l.Script.Folder, l.names[k]+".log")
	if _, err := os.Stat(log); err != nil {
		return fmt.Errorf("launch: task %s of Slurm ended (%s) and left no word in %s: its node does not see this folder; the folder of runs must lie on a file system that all nodes share (--runs)", l.names[k], state, l.Script.Folder)
	}
	return fmt.Errorf("launch: task %s of Slurm ended (%s) in the middle of its job; see %s", l.names[k], state, log)
}

// Cancel has Slurm end tasks; those at work make their checkpoint.
func (l *Slurm) Cancel(places ...int) error {
	args := []string{"scancel"}
	for _, k := range places {
		args = append(args, l.names[k])
	}
	_, err := slurm("", args...)
	return err
}

// Leave lets the tasks go on.
func (l *Slurm) Leave() (string, error) {
	return fmt.Sprintf("job %s of Slurm goes on without this process: `squeue --jobs=%s` and `venn status %s` follow it, `scancel %s` cancels it",
		l.Job(), l.Job(), l.Script.Name, strings.ReplaceAll(l.Job(), ",", " ")), nil
}

// Close does nothing.
func (l *Slurm) Close() error { return nil }

// Pace is how often a cluster's controller may be asked.
func (l *Slurm) Pace() time.Duration { return l.Every }

// slurm runs a command of Slurm's and returns what it prints. Its errors are one line.
func slurm(stdin string, args ...string) (string, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "SLURM_BITSTR_LEN=0") // or lists of tasks end after 64 letters
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return "", &RefusedError{fmt.Sprintf("no %s on this machine: run on a login node of a Slurm cluster, or give --launcher local", args[0])}
	}
	if err == nil {
		return out.String(), nil
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(said.String()), "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), args[0]+": "), "error: ")
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		lines = []string{err.Error()}
	}
	text := args[0] + ": " + strings.Join(lines, "; ")
	if args[0] == "sbatch" && strings.Contains(strings.ToLower(text), "invalid") {
		return "", &RefusedError{text + "; see slurm.* in the settings file"}
	}
	return "", fmt.Errorf("launch: %s", text)
}

// HasSlurm fails where this machine has no sbatch.
func HasSlurm() error {
	if _, err := exec.LookPath("sbatch"); err != nil {
		return &RefusedError{"no sbatch on this machine: run on a login node of a Slurm cluster, or give --launcher local"}
	}
	return nil
}
