package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// smallSpec trains, encodes and draws in a tenth of a second, of eight images a folder.
const smallSpec = `# small
name: small
domains:
  a: {dataset: folder, path: own, labelled: false}
  b: {dataset: folder, path: own}
image: {size: 16, channels: 3}
model:
  method: didd
  base: 4
  separate: 2
  train: {iterations: 12, batch: 4, log_every: 1, checkpoint_every: 4}
adapt: {classifiers: [centroid]}
metrics:
  independence: {tests: []}
  discrepancy: {tests: []}
translate: {pairs: 0, grid: 1, steps: 2}
report: {formats: [csv]}
`

// smallSandbox is an empty folder with the spec and its images.
func smallSandbox(t *testing.T) {
	t.Helper()
	sandbox(t)
	write(t, "small.yaml", smallSpec)
	for d, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for i := range 8 {
			drawFace(t, fmt.Sprintf("own/%s/%d.png", split, i), 16+i, 16+d, i)
		}
	}
}

// command runs a command line in this process; with killAt, a job ends in a panic once
// it has logged that many steps of its training.
func command(killAt int, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &err)
	if killAt > 0 {
		a.job = func(ctx context.Context, j spec.Job, dir *runs.RunDir, p runs.Progress) error {
			return experiments.RunJob(ctx, j, dir, &stopper{Progress: p, at: killAt, do: func() { panic("the end") }})
		}
	}
	code = a.execute(args)
	return code, out.String(), err.String()
}

// A stopper is a progress display that does something at a step of the training.
type stopper struct {
	runs.Progress
	at int
	do func()
}

func (s *stopper) Step(done int, values []runs.Value) {
	s.Progress.Step(done, values)
	if len(values) > 0 && done == s.at {
		s.do()
	}
}

// contents reads every file below dir but the log, the lock and what took how long, by slashed name;
// of manifests all but the line of the last.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "log.txt" || d.Name() == "lock" || d.Name() == ".lock" || d.Name() == "times.json" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		if d.Name() == "manifest.txt" {
			data = timesLine.ReplaceAll(data, nil)
		}
		out[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// timesLine is that of a manifest about a file of which no two runs have the same bytes.
var timesLine = regexp.MustCompile(`(?m)^.* times\.json\n`)

// flips is how many bits are flipped in either state of a run: VENN_FLIPS, else a few.
func flips(t *testing.T) int {
	if text := os.Getenv("VENN_FLIPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 4
}

// A bit flipped anywhere in a run is never passed over: verify names the file, report
// shows what it showed before or ends with exit code 5, and resume and run make what is
// damaged anew, to the bytes of the run that nothing happened to.
func TestFlippedBits(t *testing.T) {
	smallSandbox(t)
	if code, _, err := command(0, "run", "small.yaml", "--runs", "whole"); code != exitOK {
		t.Fatalf("run: exit %d\n%s", code, err)
	}
	if code, _, err := command(11, "run", "small.yaml", "--runs", "half"); code != exitFailed || !strings.Contains(err, "the end") {
		t.Fatalf("half a run: exit %d\n%s", code, err)
	}
	found, _ := filepath.Glob("whole/small/*/results.json")
	if len(found) != 1 {
		t.Fatalf("runs %v", found)
	}
	id := filepath.Base(filepath.Dir(found[0]))
	want := contents(t, filepath.Join("whole", "small", id))
	_, page, _ := command(0, "report", "small", "--runs", "whole", "-o", "page")
	for _, state := range []string{"whole", "half"} {
		f := &flipper{t: t, state: state, id: id, want: want, page: page, random: rand.New(rand.NewPCG(13, uint64(len(state))))}
		for i := range flips(t) {
			f.flip(i)
		}
	}
}

// A flipper flips bits in copies of a run.
type flipper struct {
	t         *testing.T
	state, id string
	want      map[string]string // files of the whole run
	page      string            // what report prints of it
	random    *rand.Rand
}

func (f *flipper) flip(i int) {
	t := f.t
	t.Helper()
	if err := errors.Join(os.RemoveAll("work"), os.CopyFS("work", os.DirFS(f.state))); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join("work", "small", f.id)
	names := slices.Sorted(maps.Keys(contents(t, run)))
	name := append(names, "times.json", "log.txt", "lock")[f.random.IntN(len(names)+3)]
	path := filepath.Join(run, filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at, bit := f.random.IntN(len(data)), f.random.IntN(8)
	data[at] ^= 1 << bit
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	what := fmt.Sprintf("%s, flip %d (byte %d, bit %d of %s)", f.state, i, at, bit, name)
	unread := name == "log.txt" || name == "lock" || f.state == "half" && name == "metrics.jsonl" && !sealedByte(t, run, at)
	says := func(code int, out, err string) bool {
		if strings.Contains(err, "panic") || strings.Contains(err, "mistake of the program") {
			t.Errorf("%s: %s", what, err)
		}
		return code == exitDamaged && strings.Contains(err, filepath.Base(path)) && strings.Contains(err, "venn ")
	}
	if code, out, err := command(0, "verify", "small", "--runs", "work"); unread && code != exitOK || !unread && !says(code, out, err) {
		t.Errorf("%s: verify: exit %d\n%s%s", what, code, out, err)
	}
	code, out, said := command(0, "report", "small", "--runs", "work", "-o", "page")
	if !says(code, out, said) && (f.state == "whole" && (code != exitOK || out != f.page) || f.state == "half" && code != exitFailed) {
		t.Errorf("%s: report: exit %d\n%s", what, code, said)
	}
	again := [][]string{{"resume", "small"}, {"run", "small.yaml"}}[i%2]
	if code, _, err := command(0, append(again, "--runs", "work")...); code != exitOK || !unread && !strings.Contains(err, filepath.Base(path)) {
		t.Errorf("%s: %s: exit %d\n%s", what, again[0], code, err)
		return
	}
	f.mended(what, run, name)
}

// mended: the run is the whole one, but for an older checkpoint that is not needed.
func (f *flipper) mended(what, run, name string) {
	t := f.t
	t.Helper()
	got := contents(t, run)
	for file, want := range f.want {
		dropped := f.state == "whole" && file == name && file == "checkpoints/step-000000008.safetensors"
		if dropped && got[file] == "" || file == "manifest.txt" && got["checkpoints/step-000000008.safetensors"] == "" {
			continue
		}
		if file == "spec.yaml" && got[file] == "" && name == "manifest.txt" || file == "manifest.txt" && got["spec.yaml"] == "" {
			continue // its line was lost; see keepSpec
		}
		if file == "spec.yaml" && got[file] == "" && name == "spec.yaml" {
			continue
		}
		if got[file] != want {
			t.Errorf("%s: %s has other bytes in the end", what, file)
		}
	}
	if code, out, err := command(0, "verify", "small", "--runs", "work"); code != exitOK {
		t.Errorf("%s: verify in the end: exit %d\n%s%s", what, code, out, err)
	}
	if code, out, err := command(0, "report", "small", "--runs", "work", "-o", "page"); code != exitOK || out != f.page {
		t.Errorf("%s: report in the end: exit %d\n%s%s", what, code, out, err)
	}
}

// sealedByte says whether a byte of the records is one that a checkpoint relies on.
func sealedByte(t *testing.T, run string, at int) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run, "manifest.txt"))
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) == 6 && words[1] == "seal" {
			n, _ := strconv.Atoi(words[3])
			size = max(size, n)
		}
	}
	return at < size
}

// removing is the real job, whose folder is removed at a step of its training.
func removing(t *testing.T, at int) runs.JobFunc {
	return func(ctx context.Context, j spec.Job, dir *runs.RunDir, p runs.Progress) error {
		return experiments.RunJob(ctx, j, dir, &stopper{Progress: p, at: at, do: func() {
			if err := os.RemoveAll(dir.Path); err != nil {
				t.Error(err)
			}
		}})
	}
}
