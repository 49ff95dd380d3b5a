package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// realSpec is a small experiment that goes through every room in a few seconds.
const realSpec = `name: real
domains:
  a: {dataset: faces-schematic, labelled: true, train: 60, test: 40}
  b: {dataset: faces-schematic, train: 60, test: 40}
image: {size: 16, channels: 3}
model:
  method: didd
  base: 4
  separate: 2
  train: {iterations: 120, batch: 8, log_every: 1, checkpoint_every: 20}
adapt: {classifiers: [logistic, centroid]}
metrics:
  independence: {tests: [hsic, dcor-u], permutations: 19, rows: 40}
  discrepancy: {tests: [mmd2, a-distance], permutations: 19, rows: 40}
translate: {pairs: 10, grid: 2, steps: 3}
report: {formats: [html, md, csv, tex, png]}
`

// limitFiles makes writes beyond VENN_TEST_FILE_BYTES fail, as a full disk does.
func limitFiles() {
	n, err := strconv.ParseUint(os.Getenv("VENN_TEST_FILE_BYTES"), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}

// program prepares a command line of the program as a process of its own.
func program(dir string, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(env, "VENN_TEST_MAIN=real", "HOME="+dir, "XDG_CONFIG_HOME="+dir, "VENN_THREADS=")...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// finish runs a command line to its end and checks the exit code.
func finish(t *testing.T, dir string, env []string, want int, args ...string) string {
	t.Helper()
	cmd, out := program(dir, env, args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Fatalf("venn %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, want, out)
	}
	return out.String()
}

func realDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real.yaml"), realSpec)
	return dir
}

// runDir is the one run directory below dir.
func runDir(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "runs", "real", "*", "status.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("run directories %v, %v", found, err)
	}
	return filepath.Dir(found[0])
}

// products reads what must be the same bytes: results, records, codes, grids, the
// checkpoints and the data lock.
func products(t *testing.T, dir string) map[string]string {
	t.Helper()
	run, out := runDir(t, dir), map[string]string{}
	for _, pattern := range []string{"results.json", "metrics.jsonl", "data.lock.json", "status.json", "resolved.yaml", "codes/*", "grids/*", "checkpoints/*"} {
		paths, err := filepath.Glob(filepath.Join(run, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", pattern, paths, err)
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel(run, p)
			out[name] = string(data)
		}
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %s has other bytes", what, name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d files, want %d", what, len(got), len(want))
	}
}

// waitForRecords waits until a run has logged so many steps.
func waitForRecords(t *testing.T, dir string, records int) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		found, _ := filepath.Glob(filepath.Join(dir, "runs", "real", "*", "metrics.jsonl"))
		if len(found) == 1 {
			if data, _ := os.ReadFile(found[0]); bytes.Count(data, []byte{'\n'}) >= records {
				return
			}
		}
	}
	t.Fatalf("no %d records after a minute", records)
}

// One run at GOMAXPROCS 1 and 2, killed at three random moments and resumed,
// interrupted and resumed, and with a disk that is full in between: always the
// same bytes.
func TestSameBytesWhateverHappens(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program several times")
	}
	base := realDir(t)
	out := finish(t, base, []string{"GOMAXPROCS=1"}, exitOK, "run", "real.yaml")
	want := products(t, base)
	for _, text := range []string{"Adaptation accuracy", "target-oracle", "Translation against exact renders", "a->b", "report: "} {
		if !strings.Contains(out, text) {
			t.Errorf("the output lacks %q:\n%s", text, out)
		}
	}
	if _, err := os.Stat(filepath.Join(base, "runs", "real", "report", "index.html")); err != nil {
		t.Error(err)
	}

	t.Run("two processors", func(t *testing.T) {
		dir := realDir(t)
		finish(t, dir, []string{"GOMAXPROCS=2"}, exitOK, "run", "real.yaml")
		same(t, "GOMAXPROCS 2", products(t, dir), want)
	})
	t.Run("killed", func(t *testing.T) {
		dir := realDir(t)
		r := rand.New(rand.NewPCG(11, 1))
		at := 0
		for range 3 {
			at = min(115, at+5+r.IntN(35))
			cmd, _ := program(dir, nil, "run", "real.yaml")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForRecords(t, dir, at)
			_ = cmd.Process.Kill() // it may have ended, which the comparison allows
			_ = cmd.Wait()
		}
		finish(t, dir, nil, exitOK, "resume", "real")
		same(t, "killed and resumed", products(t, dir), want)
	})
	t.Run("interrupted", func(t *testing.T) {
		dir := realDir(t)
		cmd, text := program(dir, nil, "run", "real.yaml")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitForRecords(t, dir, 10)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Fatalf("exit code %d, want %d:\n%s", code, exitInterrupted, text)
		}
		status, _ := os.ReadFile(filepath.Join(runDir(t, dir), "status.json"))
		if !strings.Contains(string(status), `"interrupted"`) {
			t.Errorf("status %s", status)
		}
		finish(t, dir, nil, exitOK, "resume", "real")
		same(t, "interrupted and resumed", products(t, dir), want)
	})
	t.Run("disk full", func(t *testing.T) {
		dir := realDir(t)
		text := finish(t, dir, []string{"VENN_TEST_FILE_BYTES=20000"}, exitFailed, "run", "real.yaml")
		if !strings.Contains(text, "models: checkpoint: ") || !strings.Contains(text, "free some space and run `venn resume`") {
			t.Errorf("output %s", text)
		}
		if left, _ := filepath.Glob(filepath.Join(runDir(t, dir), "checkpoints", "*")); len(left) != 0 {
			t.Errorf("a failed checkpoint leaves %v", left)
		}
		finish(t, dir, nil, exitOK, "resume", "real")
		same(t, "full disk and resumed", products(t, dir), want)
	})
}

// Changing only classifiers retrains and re-encodes nothing.
func TestCodesAreCached(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program twice")
	}
	dir := realDir(t)
	finish(t, dir, nil, exitOK, "run", "real.yaml")
	before := products(t, dir)
	finish(t, dir, nil, exitOK, "run", "real.yaml", "adapt.classifiers=[lda]")
	after := products(t, dir)
	if after["results.json"] == before["results.json"] || !strings.Contains(after["results.json"], `"lda"`) {
		t.Error("the new classifier is not in the results")
	}
	log, err := os.ReadFile(filepath.Join(runDir(t, dir), "log.txt"))
	if err != nil || !strings.Contains(string(log), "codes taken from the cache") {
		t.Errorf("the log does not say that codes were taken from the cache: %v", err)
	}
	for name := range before {
		if strings.HasPrefix(name, "codes") || strings.HasPrefix(name, "checkpoints") || name == "metrics.jsonl" {
			if after[name] != before[name] {
				t.Errorf("%s changed", name)
			}
		}
	}
}

// A truncated checkpoint is damage: exit code 5, one line that names the file.
func TestDamagedCheckpoint(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program")
	}
	dir := realDir(t)
	finish(t, dir, nil, exitOK, "run", "real.yaml")
	paths, _ := filepath.Glob(filepath.Join(runDir(t, dir), "checkpoints", "*"))
	last := paths[len(paths)-1]
	if err := os.Truncate(last, 1000); err != nil {
		t.Fatal(err)
	}
	text := finish(t, dir, nil, exitDamaged, "run", "real.yaml", "adapt.classifiers=[lda]")
	if !strings.Contains(text, filepath.Base(last)+": unusable checkpoint: ") {
		t.Errorf("output %s", text)
	}
}

// A dataset whose file is cut short, or missing, is named.
func TestBadData(t *testing.T) {
	dir := realDir(t)
	spec := strings.Replace(realSpec, "faces-schematic, labelled: true, train: 60, test: 40", "mnist, labelled: true", 1)
	spec = strings.Replace(spec, "size: 16", "size: 32", 1)
	write(t, filepath.Join(dir, "digits.yaml"), spec)
	text := finish(t, dir, nil, exitFailed, "run", "digits.yaml", "--data", "nowhere")
	if !strings.Contains(text, "is missing; `venn data fetch mnist` gets it") {
		t.Errorf("missing: %s", text)
	}
	for _, name := range []string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} {
		write(t, filepath.Join(dir, "data", "mnist", name), "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
	}
	text = finish(t, dir, nil, exitDamaged, "run", "digits.yaml", "--data", "data")
	if !strings.Contains(text, "train-images-idx3-ubyte.gz: truncated") {
		t.Errorf("truncated: %s", text)
	}
}

// Images without labels can be split and translated; what needs labels is left out
// and named. A domain that is called labelled without being so fails before any
// training.
func TestWithoutLabels(t *testing.T) {
	dir := realDir(t)
	out := finish(t, dir, nil, exitOK, "run", "real.yaml", "domains.a.labelled=false", "model.train.iterations=20")
	for _, want := range []string{"table accuracy: no run has accuracies, which need a labelled domain", "Translation against exact renders", "report: runs/real/report/index.html"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "Adaptation accuracy") {
		t.Errorf("accuracies without a source:\n%s", out)
	}
	face, err := filepath.Glob(filepath.Join(dir, "runs/real/report/figures/translate-a-b.png"))
	if err != nil || len(face) != 1 {
		t.Fatal("no picture to make a folder of")
	}
	data, err := os.ReadFile(face[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for i := range 8 {
			write(t, filepath.Join(dir, "own", split, fmt.Sprintf("%d.png", i)), string(data))
		}
	}
	write(t, filepath.Join(dir, "real.yaml"), strings.NewReplacer("faces-schematic, labelled: true, train: 60, test: 40", "folder, labelled: true, path: own",
		"faces-schematic, train: 60, test: 40", "folder, path: own").Replace(realSpec))
	out = finish(t, dir, nil, exitFailed, "run", "real.yaml")
	if !strings.Contains(out, "experiments: domain a is labelled, but folder has no labels there; ") || strings.Contains(out, "train: 0/") {
		t.Errorf("a labelled domain without labels:\n%s", out)
	}
}
