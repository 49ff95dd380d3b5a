package runs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
)

// TestMain lets the test binary play a second process: with VENN_TEST_HOLD it
// opens the run directory there and holds it until its input ends.
func TestMain(m *testing.M) {
	if runs := os.Getenv("VENN_TEST_HOLD"); runs != "" {
		holdRun(runs)
		return
	}
	os.Exit(m.Run())
}

func holdRun(runs string) {
	p, err := spec.NewPlan(toyRequest(toy.Spec))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	dir, err := OpenRun(runs, p.Jobs[0], nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := dir.SetStatus(statusOf(p.Jobs[0], Running, "")); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	bufio.NewReader(os.Stdin).ReadByte()
	os.Exit(0) // without Close: as a kill would
}

func openToy(t *testing.T) (*RunDir, spec.Job, string) {
	t.Helper()
	runs := t.TempDir()
	p := mustPlan(t, toyRequest(toy.Spec))
	dir, err := OpenRun(runs, p.Jobs[0], p.Text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir, p.Jobs[0], runs
}

func TestTwoProcessesOnOneRun(t *testing.T) {
	runs := t.TempDir()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "VENN_TEST_HOLD="+runs)
	in, _ := other.StdinPipe()
	out, _ := other.StdoutPipe()
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer in.Close()
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process said %q", line)
	}
	p := mustPlan(t, toyRequest(toy.Spec, "seeds=[0]"))
	ran := false
	ctx, cancel := context.WithCancel(context.Background())
	said := ""
	got := Run(ctx, p, RunOptions{Runs: runs, Job: func(context.Context, spec.Job, *RunDir, Progress) error { ran = true; return nil },
		Notice: func(_ int, _ spec.Job, text string) { said = text; cancel() }})
	if want := fmt.Sprintf("in use by process %d: waits for what becomes of it", other.Process.Pid); ran || got[0].State != Queued || got[0].Err != nil || said != want {
		t.Errorf("ran %v, %s: %v\nsaid %q, want %q", ran, got[0].State, got[0].Err, said, want)
	}
	if _, err := OpenRun(runs, p.Jobs[0], nil); err == nil || err.Error() != fmt.Sprintf("experiments: %s: in use by process %d; want one process a run", p.Jobs[0].Dir(runs), other.Process.Pid) {
		t.Errorf("opened: %v", err)
	}
	infos, err := FindRuns(runs)
	if err != nil || len(infos) != 1 || infos[0].State != Running || infos[0].Process != fmt.Sprintf("process %d", other.Process.Pid) {
		t.Errorf("from outside: %+v, %v", infos, err)
	}
	// Once it is gone, however it went, the run can be had.
	in.Close()
	other.Wait()
	if infos, _ = FindRuns(runs); len(infos) != 1 || infos[0].State != Interrupted || infos[0].Process != "" {
		t.Errorf("after its end: %+v", infos)
	}
	if got = Run(context.Background(), p, RunOptions{Runs: runs, Job: func(context.Context, spec.Job, *RunDir, Progress) error { return nil }}); got[0].State != Done {
		t.Errorf("after its end: %s: %v", got[0].State, got[0].Err)
	}
}

func TestRecords(t *testing.T) {
	dir, _, _ := openToy(t)
	path := dir.File("metrics.jsonl")
	record := func(step int) Record { return Record{step, []Value{{"zero", 1 / float64(step)}}} }
	write := func(after int, steps ...int) {
		t.Helper()
		w, err := dir.Recorder(after)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if err := w.Append(record(s)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 1, 2)
	write(1, 3) // of the first step on, that of step 2 is written anew
	records, err := ReadRecords(path)
	if err != nil || len(records) != 2 || records[0].Step != 1 || records[1].Step != 3 {
		t.Errorf("records %v, %v, want those of steps 1 and 3", records, err)
	}
	write(0, 1, 50, 100, 150)
	whole, _ := os.ReadFile(path)

	// Killed in the middle of a line after a checkpoint of step 100: reading loses
	// the torn line, resuming ends in the bytes of the uninterrupted run.
	for _, torn := range []string{"", "{", `{"step":200,"values":[{"name":"zero","value":0.1}]}`} {
		if err := os.WriteFile(path, append([]byte(nil), append(whole, torn...)...), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadRecords(path)
		if d := cmp.Diff([]Record{record(1), record(50), record(100), record(150)}, got); d != "" || err != nil {
			t.Errorf("after %q: %v\n%s", torn, err, d)
		}
		write(100, 150)
		if again, _ := os.ReadFile(path); string(again) != string(whole) {
			t.Errorf("resumed after %q:\n%swant\n%s", torn, again, whole)
		}
	}
	write(0, 1) // anew
	if got, _ := ReadRecords(path); len(got) != 1 {
		t.Errorf("%d records after beginning anew, want 1", len(got))
	}
	for _, tt := range []struct{ text, want string }{
		{"{\n{}\n", "line 1 is not a record"},
		{"{\"step\":1,\"values\":[]}\nx\n", "line 2 is not a record"},
		{"{\"step\":2,\"values\":[]}\n{\"step\":2,\"values\":[]}\n", "line 2 is of step 2 after step 2"},
	} {
		os.WriteFile(path, []byte(tt.text), 0o644)
		_, err := ReadRecords(path)
		if want := "experiments: " + path + ": " + tt.want; err == nil || err.Error() != want || !IsDamaged(err) {
			t.Errorf("%q: %v, want %s", tt.text, err, want)
		}
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add([]byte("{\"step\":1,\"values\":[{\"name\":\"a\",\"value\":1}]}\n{\"st"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "metrics.jsonl")
		os.WriteFile(path, data, 0o644)
		records, err := ReadRecords(path)
		if err != nil && !IsDamaged(err) {
			t.Errorf("%v is not damage", err)
		}
		if n := strings.Count(string(data), "\n"); err == nil && len(records) != n {
			t.Errorf("%d records of %d whole lines", len(records), n)
		}
	})
}

func TestLockData(t *testing.T) {
	dir, _, _ := openToy(t)
	a := domains.Lock{Dataset: "toy", Samples: map[string]string{"train": "aa"}}
	b := domains.Lock{Dataset: "toy", Samples: map[string]string{"train": "bb"}}
	if err := dir.LockData(DataLock{A: a, B: b}); err != nil {
		t.Fatal(err)
	}
	if err := dir.LockData(DataLock{A: a, B: b}); err != nil {
		t.Errorf("the same data: %v", err)
	}
	err := dir.LockData(DataLock{A: a, B: a})
	if !IsDamaged(err) || !strings.Contains(err.Error(), "domain b: the train samples changed since the run began (SHA-256 bb then, aa now)") {
		t.Errorf("changed data: %v", err)
	}
	err = dir.LockData(DataLock{A: domains.Lock{Dataset: "toy"}, B: b})
	if !IsDamaged(err) || !strings.Contains(err.Error(), "domain a: the train samples changed since the run began (SHA-256 aa then,  now)") {
		t.Errorf("data without a split: %v", err)
	}
}

func TestResumePlan(t *testing.T) {
	dir, job, _ := openToy(t)
	if err := dir.SetStatus(statusOf(job, Interrupted, "")); err != nil {
		t.Fatal(err)
	}
	p, err := ResumePlan(dir.Path)
	if err != nil {
		t.Fatal(err)
	}
	if p.Text != nil || p.Name != "toy" || len(p.Jobs) != 1 || p.Jobs[0].ID != job.ID || p.Jobs[0].Evaluation != job.Evaluation || p.Jobs[0].Label() != job.Label() {
		t.Errorf("resumed as %s, want %s", p.Jobs[0].ID, job.ID)
	}
	text, _ := os.ReadFile(dir.File("resolved.yaml"))
	os.WriteFile(dir.File("resolved.yaml"), []byte(strings.Replace(string(text), "separate: 4", "separate: 5", 1)), 0o644)
	// A change by hand is seen, and the spec as it was given makes the job.
	p, err = ResumePlan(dir.Path)
	if err != nil || len(p.Jobs) != 1 || p.Jobs[0].ID != job.ID || p.Jobs[0].Evaluation != job.Evaluation {
		t.Errorf("with the spec beside it: %+v, %v", p, err)
	}
	if err := os.Rename(dir.File("spec.yaml"), dir.File("elsewhere")); err != nil {
		t.Fatal(err)
	}
	if _, err := ResumePlan(dir.Path); !IsDamaged(err) || !strings.Contains(err.Error(), "/resolved.yaml: was changed since it was written (SHA-256 ") {
		t.Errorf("a changed spec was resumed: %v", err)
	}
	// Without a manifest nothing tells of a change but the job that comes of it.
	if err := os.Remove(dir.File(manifestName)); err != nil {
		t.Fatal(err)
	}
	if _, err := ResumePlan(dir.Path); err == nil || !strings.HasPrefix(err.Error(), "experiments: "+dir.File("resolved.yaml")+": belongs to run toy/") || !strings.Contains(err.Error(), ", found in toy/"+job.ID+": ") {
		t.Errorf("a changed spec was resumed: %v", err)
	}
	os.WriteFile(dir.File("resolved.yaml"), []byte(strings.Replace(string(text), "seeds:\n", "seeds:\n- 91\n", 1)), 0o644)
	if _, err := ResumePlan(dir.Path); err == nil || !strings.Contains(err.Error(), "makes 2 jobs") {
		t.Errorf("a spec of two jobs was resumed: %v", err)
	}
}

func TestEnvironmentOfAContinuation(t *testing.T) {
	dir, _, _ := openToy(t)
	e := ThisEnvironment()
	e.Processor += " of another kind"
	if err := dir.keepEnvironment(e); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(dir.File("log.txt"))
	if !strings.Contains(string(log), "another kind now") {
		t.Errorf("the log says nothing of the change:\n%s", log)
	}
}

func TestReadStatus(t *testing.T) {
	dir, _, _ := openToy(t)
	if s, err := ReadStatus(dir.Path); err != nil || s.State != Queued {
		t.Errorf("a new run is %q, %v", s.State, err)
	}
	for _, text := range []string{"", "{", `{"state":"finished"}`} {
		os.WriteFile(dir.File("status.json"), []byte(text), 0o644)
		var damaged *DamagedError
		if _, err := ReadStatus(dir.Path); !errors.As(err, &damaged) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The state of a training is its last whole record: a torn line costs that line.
func TestTrainedAtAGlance(t *testing.T) {
	dir, _, _ := openToy(t)
	if err := os.WriteFile(dir.File("resolved.yaml"), []byte("model: {train: {iterations: 30, batch: 8}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	long := `{"step":7,"values":[{"name":"` + strings.Repeat("x", 1<<15) + `","value":1}]}` + "\n"
	for text, want := range map[string]int{
		"": 0, "{\"step\":5,\"values\":[]}\n": 5, "{\"step\":5,\"values\":[]}\n{\"step\":6,\"values\":[]}\n{\"ste": 6,
		"{\"ste": 0, "garbage\n": 0, "{\"step\":5,\"values\":3}\n": 0, long: 0, long + "{\"step\":8,\"values\":[]}\n": 8,
	} {
		if err := os.WriteFile(dir.File("metrics.jsonl"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if step, steps, err := trained(dir.Path); step != want || steps != 30 || err != nil {
			t.Errorf("%.40q: step %d of %d, %v; want %d of 30", text, step, steps, err, want)
		}
	}
}

// A resolved spec is read within the bounds of a spec: one that is nested deep has no
// steps, and takes no time.
func TestTrainedOfADeepSpec(t *testing.T) {
	dir, _, _ := openToy(t)
	if err := os.WriteFile(dir.File("resolved.yaml"), []byte(strings.Repeat("[", 60000)), 0o644); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if step, steps, err := trained(dir.Path); step != 0 || steps != 0 || err != nil || time.Since(begun) > 5*time.Second {
		t.Errorf("step %d of %d, %v, after %s", step, steps, err, time.Since(begun))
	}
}
