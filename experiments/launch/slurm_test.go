package launch

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// The script is what a person would write, read line by line here.
func TestScript(t *testing.T) {
	s := Script{Name: "toy", Folder: "/shared/100% runs/toy/slurm", Here: "/home/a b", Command: []string{"/opt/it's/venn", "work", "--data", ""},
		Limits: runs.Limits{Time: 90 * time.Minute, Memory: 3 << 29}, Drop: []runs.Leaving{runs.OldCheckpoints, runs.Codes},
		SlurmSettings: SlurmSettings{Partition: "short", Account: "us", Time: "4:00:00", Memory: "8G", CPUs: 4, Width: 20, Grace: 2 * time.Minute, Lines: []string{"#SBATCH --nice", "module load x"}}}
	want := `#!/bin/bash
#SBATCH --job-name=venn-toy
#SBATCH --array=0-1%20
#SBATCH --chdir="/home/a b"
#SBATCH --output="/shared/100%% runs/toy/slurm/%A_%a.log"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --partition=short
#SBATCH --account=us
#SBATCH --time=4:00:00
#SBATCH --mem=8G
#SBATCH --cpus-per-task=4
#SBATCH --nice
module load x
# One task a run directory. The folder of runs must lie on a file system that all nodes share.
export VENN_LIMITS_TIME=1h30m0s VENN_LIMITS_MEMORY=1536MiB VENN_LIMITS_SILENCE=0s VENN_LIMITS_DROP='old-checkpoints codes'
jobs=(
/shared/1
'/shared/2 $HOME'
)
exec '/opt/it'\''s/venn' work --data '' "${jobs[$SLURM_ARRAY_TASK_ID]}"
`
	if got := s.For([]string{"/shared/1", "/shared/2 $HOME"}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	dirs := make([]string, 2100)
	scripts := (&Script{}).Scripts(dirs)
	for i, want := range []string{"--array=0-999\n", "--array=0-999\n", "--array=0-99\n"} {
		if len(scripts) != 3 || !strings.Contains(scripts[i], want) || strings.Contains(scripts[i], "partition") {
			t.Errorf("%d scripts, want 3; number %d lacks %s", len(scripts), i, want)
		}
	}
}

// A shell reads every quoted word as it was.
func TestQuote(t *testing.T) {
	for _, word := range []string{"", "plain-1.0/x", "two words", "it's", `"$HOME" \ *`, "a;b", "model.x=[1, 2]", "é"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is read as %q, %v", word, out, err)
		}
	}
}

func TestSlurmStates(t *testing.T) {
	got := slurmStates("12_0 RUNNING\n12_1 CANCELLED by 1000\n 12_10 OUT_OF_MEMORY\n", " ")
	if want := map[string]string{"12_0": "RUNNING", "12_1": "CANCELLED", "12_10": "OUT_OF_MEMORY", "": ""}; !maps.Equal(got, want) {
		t.Errorf("squeue: %v", got)
	}
	got = slurmStates("12_0|COMPLETED\n12_1|CANCELLED by 0\n12_2|CANCELLED+\n", "|")
	if want := map[string]string{"12_0": "COMPLETED", "12_1": "CANCELLED", "12_2": "CANCELLED", "": ""}; !maps.Equal(got, want) {
		t.Errorf("sacct: %v", got)
	}
	for _, text := range []string{"7_0|FAILED\n7_1|COMPLETED\n7_[0-2]|CANCELLED by 0\n", "7_[0-2]|CANCELLED by 0\n7_1|COMPLETED\n7_0|FAILED\n"} {
		if got := slurmStates(text, "|"); !maps.Equal(got, map[string]string{"7_0": "FAILED", "7_1": "COMPLETED", "7_2": "CANCELLED", "": ""}) {
			t.Errorf("a list that names tasks with a line of their own: %v", got)
		}
	}
	// As accounts tell of tasks that never began.
	got = slurmStates("7_3|COMPLETED\n7_[0,4-6,8-12:2%2]|CANCELLED by 0\n8_[0-1]|PENDING\n9_[1-x]|PENDING", "|")
	want := map[string]string{"7_3": "COMPLETED", "8_0": "PENDING", "8_1": "PENDING", "9_[1-x]": "PENDING"}
	for _, k := range []int{0, 4, 5, 6, 8, 10, 12} {
		want[fmt.Sprint("7_", k)] = "CANCELLED"
	}
	if !maps.Equal(got, want) {
		t.Errorf("lists of sacct: %v, want %v", got, want)
	}
}

// Whatever a line says, it is of some task, and of no more than an array holds.
func FuzzArrayTasks(f *testing.F) {
	for _, name := range []string{"12_3", "12_[0-11]", "12_[0,4-6%2]", "1_[5-2]", "1_[0-99999999999]", "1_[0-9:0]", "1_[-3]", "_[]", "1_[1,,2]"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		tasks := arrayTasks(name)
		if most := mostTasks * (1 + strings.Count(name, ",")); len(tasks) > most {
			t.Errorf("%q are %d tasks", name, len(tasks))
		}
		for _, task := range tasks {
			if again := arrayTasks(task); task != name && (len(again) != 1 || again[0] != task) {
				t.Errorf("%q names %q, which is no task", name, task)
			}
		}
	})
}

// What a task is follows from Slurm's word while it is there, and from its directory when
// it is over; one that ended without a word has failed, but not before files of a network
// had their time.
func TestStandings(t *testing.T) {
	for _, tt := range []struct {
		slurm  string
		status runs.State
		log    bool
		phase  Phase
		later  string // once the files had their time, where the task is not over before
	}{
		{"PENDING", runs.Queued, false, Waiting, ""},
		{"REQUEUED", runs.Interrupted, true, Waiting, ""},
		{"RUNNING", runs.Done, true, Working, ""},
		{"COMPLETING", runs.Done, true, Working, ""},
		{"COMPLETED", runs.Done, true, Ended, "done <nil>"},
		{"FAILED", runs.Failed, true, Ended, "failed its cause"},
		{"", runs.Done, true, Ended, "done <nil>"},
		{"CANCELLED", runs.Queued, false, Ended, "queued <nil>"},
		{"", runs.Queued, false, Working, "queued <nil>"},
		{"CANCELLED", runs.Interrupted, true, Ended, "interrupted <nil>"},
		{"CANCELLED", runs.Running, true, Working, "interrupted <nil>"},
		{"TIMEOUT", runs.Running, true, Working, "interrupted <nil>"},
		{"FAILED", runs.Queued, false, Working, "failed launch: task 12_0 of Slurm ended (FAILED) and left no word in LOGS: its node does not see this folder; the folder of runs must lie on a file system that all nodes share (--runs)"},
		{"OUT_OF_MEMORY", runs.Running, true, Working, "failed launch: task 12_0 of Slurm ended (OUT_OF_MEMORY) in the middle of its job; see LOGS/12_0.log"},
		{"", runs.Running, true, Working, "failed launch: task 12_0 of Slurm ended (forgotten by squeue) in the middle of its job; see LOGS/12_0.log"},
	} {
		o := runs.RunOptions{Runs: t.TempDir()}
		task := runs.Queue(planOf(t, 0), o)[0]
		dir, err := runs.OpenRun(o.Runs, task.Job, nil)
		if err != nil {
			t.Fatal(err)
		}
		status := runs.Status{State: tt.status, Label: "seed=0", Evaluation: task.Job.Evaluation}
		if tt.status == runs.Failed {
			status.Cause = "its cause"
		}
		if err := dir.SetStatus(status); err != nil {
			t.Fatal(err)
		}
		if err := dir.Close(); err != nil {
			t.Fatal(err)
		}
		logs := t.TempDir()
		l := &Slurm{Script: Script{Folder: logs}, Runs: o.Runs, Every: time.Hour, tasks: []runs.Task{task}, names: []string{"12_0"}, over: make([]time.Time, 1)}
		if tt.log {
			if err := os.WriteFile(filepath.Join(logs, "12_0.log"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		s := l.standing(0, tt.slurm)
		if s.Phase != tt.phase {
			t.Errorf("%s, %s: phase %d, want %d", tt.slurm, tt.status, s.Phase, tt.phase)
		}
		if s.Phase == Working && tt.later != "" {
			l.Every = 0
			s = l.standing(0, tt.slurm)
		}
		got := ""
		if s.Phase == Ended {
			got = fmt.Sprint(s.Outcome.State, " ", s.Outcome.Err)
		}
		if want := strings.ReplaceAll(tt.later, "LOGS", logs); got != want {
			t.Errorf("%s, %s: got %q, want %q", tt.slurm, tt.status, got, want)
		}
	}
}

// Errors of Slurm's commands are one line, and say whose fault it is.
func TestSlurmErrors(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	fake := func(name, script string) {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		script, want string
		refused      bool
	}{
		{"echo 'sbatch: error: invalid account' >&2; echo 'sbatch: error: Batch job submission failed' >&2; exit 1", "launch: sbatch: invalid account; Batch job submission failed; see slurm.* in the settings file", true},
		{"echo 'sbatch: error: Unable to contact slurm controller (connect failure)' >&2; exit 1", "launch: sbatch: Unable to contact slurm controller (connect failure)", false},
		{"exit 4", "launch: sbatch: exit status 4", false},
	} {
		fake("sbatch", tt.script)
		_, err := slurm("", "sbatch")
		if _, refused := err.(*RefusedError); fmt.Sprint(err) != tt.want || refused != tt.refused {
			t.Errorf("got %v (%T), want %s", err, err, tt.want)
		}
	}
}

// A task of a cluster whose node does not see its directory says so.
func TestAloneNowhere(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Alone(t.Context(), "/nowhere/toy/1", local(t, runs.RunOptions{}))
	if want := "launch: no /nowhere/toy/1 on " + host + ": the folder of runs must lie on a file system that all nodes share (--runs), and jobs are queued there by `venn run`"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A study of more than one array of which Slurm takes the first alone says which that is and how to
// cancel it; one of which it takes nothing says no more than why.
func TestSubmittedInPart(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	script := "#!/bin/sh\nif [ -e " + bin + "/once ]; then echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1; fi\ntouch " + bin + "/once\necho 12\n"
	if err := os.WriteFile(filepath.Join(bin, "sbatch"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	submit := func() string {
		l := &Slurm{Script: Script{Name: "toy", Folder: t.TempDir()}}
		if err := l.Submit(make([]runs.Task, mostTasks+1)); err != nil {
			return err.Error()
		}
		return ""
	}
	want := "launch: sbatch: QOSMaxSubmitJobPerUserLimit"
	if got := submit(); got != want+"; job 12 of Slurm goes on without this process: `squeue --jobs=12` and `venn status toy` follow it, `scancel 12` cancels it" {
		t.Errorf("a part: %s", got)
	}
	if got := submit(); got != want {
		t.Errorf("nothing: %s", got)
	}
}

// Why a task was ended is what scontrol says, and not known where it says nothing.
func TestUnfinished(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for text, want := range map[string]string{
		"echo JobId=1 JobState=PREEMPTED Reason=None":         "true <nil>",
		"echo JobId=1 JobState=CANCELLED":                     "false <nil>",
		"echo 'scontrol: error: slurm_load_jobs' >&2; exit 1": "false launch: scontrol: slurm_load_jobs",
	} {
		if err := os.WriteFile(filepath.Join(bin, "scontrol"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		is, err := Unfinished("1_0")
		if got := fmt.Sprint(is, " ", err); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
