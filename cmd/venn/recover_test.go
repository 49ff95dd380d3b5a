package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// smallRun runs the small spec and returns its directory.
func smallRun(t *testing.T) string {
	t.Helper()
	smallSandbox(t)
	if code, _, err := command(0, "run", "small.yaml"); code != exitOK {
		t.Fatalf("run: exit %d\n%s", code, err)
	}
	found, _ := filepath.Glob("runs/small/*/results.json")
	if len(found) != 1 {
		t.Fatalf("results %v", found)
	}
	return filepath.Dir(found[0])
}

// A finished run that lost a file is made whole by run as by resume; what only reads it
// until then ends with exit code 5 and names the file and the way out.
func TestLostFiles(t *testing.T) {
	run := smallRun(t)
	want := contents(t, run)
	for i, name := range []string{"results.json", "grids/parts-a.npy", "codes/a-test-common.npy", "codes/codes.json", "metrics.jsonl", "status.json", "resolved.yaml", "data.lock.json", "checkpoints/step-000000012.safetensors"} {
		path := filepath.Join(run, filepath.FromSlash(name))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if code, _, err := command(0, "verify", "small"); code != exitDamaged || !strings.Contains(err, name+" is missing") {
			t.Errorf("%s: verify: exit %d\n%s", name, code, err)
		}
		read := !strings.HasPrefix(name, "codes") && !strings.HasPrefix(name, "checkpoints")
		code, _, err := command(0, "report", "small", "-o", "page")
		if read && (code != exitDamaged || !strings.Contains(err, path+": is missing; `venn resume "+run+"` makes it anew")) || !read && code != exitOK {
			t.Errorf("%s: report: exit %d\n%s", name, code, err)
		}
		again := [][]string{{"resume"}, {"run", "small.yaml"}}[i%2]
		if code, _, err := command(0, again...); code != exitOK || !strings.Contains(err, "seed=0: "+name+" is missing") {
			t.Errorf("%s: %s: exit %d\n%s", name, again[0], code, err)
		}
		for file, text := range contents(t, run) {
			if want[file] != text {
				t.Errorf("%s: %s ended with other bytes", name, file)
			}
		}
	}
	if code, _, err := command(0, "resume"); code != exitOK || err != "venn: nothing to resume\n" {
		t.Errorf("resume of a sound run: exit %d, %s", code, err)
	}
}

// A damaged checkpoint makes no model: translate and encode end with exit code 5.
func TestModelOfADamagedCheckpoint(t *testing.T) {
	run := smallRun(t)
	newest := filepath.Join(run, "checkpoints", "step-000000012.safetensors")
	if err := os.Truncate(newest, 1000); err != nil {
		t.Fatal(err)
	}
	code, _, err := command(0, "encode", "own/trainA", "-m", "small", "-o", "x.npz")
	if code != exitDamaged || !strings.Contains(err, newest+": holds 1000 bytes where ") || strings.Count(err, "\n") != 1 {
		t.Errorf("encode: exit %d\n%s", code, err)
	}
}

func TestVerify(t *testing.T) {
	run := smallRun(t)
	code, out, err := command(0, "verify")
	if code != exitOK || err != "" || !strings.Contains(out, "  done   ") || !strings.Contains(out, "  sound") {
		t.Errorf("a sound run: exit %d\n%s%s", code, out, err)
	}
	code, out, _ = command(0, "verify", "--json")
	var got []runs.Verified
	if e := json.Unmarshal([]byte(out), &got); code != exitOK || e != nil || len(got) != 1 || got[0].State != runs.Done || got[0].Flaws == nil || len(got[0].Flaws) != 0 {
		t.Fatalf("--json: exit %d, %v\n%s", code, e, out)
	}
	files, bytes := 0, int64(0)
	for name, text := range contents(t, run) {
		if name != "manifest.txt" {
			files, bytes = files+1, bytes+int64(len(text))
		}
	}
	took, e := os.Stat(filepath.Join(run, "times.json")) // contents leaves it out
	if e != nil {
		t.Fatal(e)
	}
	files, bytes = files+1, bytes+took.Size()
	if got[0].Files != files || got[0].Bytes != bytes {
		t.Errorf("%d files of %d bytes, want %d of %d", got[0].Files, got[0].Bytes, files, bytes)
	}
	if e := os.Remove(filepath.Join(run, "manifest.txt")); e != nil {
		t.Fatal(e)
	}
	for _, args := range [][]string{{"verify"}, {"report"}, {"encode", "own/trainA", "-m", "small", "-o", "x.npz"}} {
		if code, _, err := command(0, args...); code != exitDamaged || !strings.Contains(err, "manifest.txt") || !strings.Contains(err, "an earlier version of the program made the run") {
			t.Errorf("%s without a manifest: exit %d\n%s", args[0], code, err)
		}
	}
	if code, _, err := command(0, "resume"); code != exitOK || !strings.Contains(err, "are taken as they are, unchecked, and sealed now") {
		t.Errorf("resume without a manifest: exit %d\n%s", code, err)
	}
	if code, _, err := command(0, "verify"); code != exitOK {
		t.Errorf("after sealing: exit %d\n%s", code, err)
	}
}

// A report that was left half written, or is that of results before, is written by
// resume, which has nothing else to do; and only then.
func TestReportIsFinished(t *testing.T) {
	smallRun(t)
	want := contents(t, "runs/small/report")
	halfway := func(what string, do func()) {
		t.Helper()
		do()
		code, _, err := command(0, "resume")
		if code != exitOK || strings.Contains(err, "nothing to resume") {
			t.Errorf("%s: exit %d\n%s", what, code, err)
		}
		for name, text := range contents(t, "runs/small/report") {
			if want[name] != text {
				t.Errorf("%s: %s has other bytes, or is one too many", what, name)
			}
		}
		if code, _, err := command(0, "resume"); code != exitOK || err != "venn: nothing to resume\n" {
			t.Errorf("%s, again: exit %d, %s", what, code, err)
		}
	}
	stamp := "runs/small/report/report.json"
	halfway("begun and not ended", func() {
		dirs, formats, due, err := runs.DueReport("runs/small")
		if err != nil || due || len(dirs) != 1 || len(formats) != 1 {
			t.Fatalf("%v %v, due %v, %v", dirs, formats, due, err)
		}
		if err := runs.BeginReport("runs/small", dirs, formats); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove("runs/small/report/tables/diagnosis.csv"); err != nil {
			t.Fatal(err)
		}
		write(t, "runs/small/report/tables/.diagnosis.csv123", "half of")
	})
	halfway("made of other results", func() {
		text, err := os.ReadFile(stamp)
		if err != nil {
			t.Fatal(err)
		}
		var s runs.ReportStamp
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		write(t, stamp, strings.Replace(string(text), s.Of[s.Runs[0]], strings.Repeat("0", 64), 1))
		write(t, "runs/small/report/tables/diagnosis.csv", "of the evaluation before")
		// A stamp that is damaged counts as none: every run and format is shown.
		if _, formats, due, err := runs.DueReport("runs/small"); err != nil || !due || formats != nil {
			t.Errorf("a damaged stamp: formats %v, due %v, %v", formats, due, err)
		}
		dirs, _, _, err := runs.DueReport("runs/small")
		if err != nil {
			t.Fatal(err)
		}
		if err := runs.BeginReport("runs/small", dirs, []string{"csv"}); err != nil {
			t.Fatal(err)
		}
	})
}

// Where no run is finished report says so and fails, and calls a killed run what status
// calls it.
func TestNothingToReport(t *testing.T) {
	smallSandbox(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	cmd, _ := program(here, nil, "run", "small.yaml", "model.train.iterations=100000", "model.train.checkpoint_every=100000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if found, _ := filepath.Glob("runs/small/*/metrics.jsonl"); len(found) == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	code, out, said := command(0, "report", "small")
	if code != exitFailed || out != "" || !strings.Contains(said, " is interrupted\n") || !strings.Contains(said, "venn: report: nothing to report, no run is finished; ") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if code, out, said := command(0, "compare", "small"); code != exitFailed || out != "" || !strings.Contains(said, " is interrupted\n") || !strings.Contains(said, "venn: compare: nothing to compare, no run is finished; ") {
		t.Errorf("compare: exit %d\n%s%s", code, out, said)
	}
}

// A folder that goes while its run trains: the run fails with one clear line, and the
// next one begins anew.
func TestFolderRemovedInTraining(t *testing.T) {
	smallSandbox(t)
	var a *app
	for _, at := range []int{2, 7, 12} {
		var said strings.Builder
		a = newApp(strings.NewReader(""), &strings.Builder{}, &said)
		a.job = removing(t, at)
		code := a.execute([]string{"run", "small.yaml"})
		if code != exitFailed || !strings.Contains(said.String(), "the folder was removed or replaced while the run was at work") || strings.Contains(said.String(), "venn resume") {
			t.Errorf("step %d: exit %d\n%s", at, code, said.String())
		}
		if left, _ := filepath.Glob("runs/small/*/*.*"); len(left) > 1 { // report/report.json
			t.Errorf("step %d: left %v", at, left)
		}
		if code, _, err := command(0, "run", "small.yaml"); code != exitOK {
			t.Errorf("step %d: the next run: exit %d\n%s", at, code, err)
		}
		if err := os.RemoveAll("runs"); err != nil {
			t.Fatal(err)
		}
	}
}
