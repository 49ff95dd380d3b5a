package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// trainedToy is a run directory as a training leaves it that was killed after step 25:
// records of every fifth step, checkpoints of steps 10 and 20, codes, a grid, a judge.
func trainedToy(t *testing.T) (*RunDir, spec.Job) {
	t.Helper()
	dir, job, _ := openToy(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"along", "checkpoints", "codes", "grids", "judges"} {
		must(os.Mkdir(dir.File(folder), 0o755))
	}
	w, err := dir.Recorder(0)
	must(err)
	for step := 5; step <= 25; step += 5 {
		must(w.Append(Record{step, []Value{{"zero", 1 / float64(step)}}}))
		if step%10 == 0 {
			must(w.Seal(step))
			must(atomicfile.WriteBytes(dir.File("checkpoints", fmt.Sprintf("step-%09d.safetensors", step)), fmt.Append(nil, "weights of ", step)))
		}
	}
	must(w.Close())
	for _, name := range []string{"along/000000010.json", "codes/a.npy", "codes/" + CodesStamp, "grids/g.npy", "judges/j.safetensors", "results.json", "data.lock.json"} {
		must(atomicfile.WriteBytes(dir.File(filepath.FromSlash(name)), []byte("content of "+name)))
	}
	must(dir.SetStatus(statusOf(job, Running, "")))
	return dir, job
}

// there lists the files of a run whose going matters, in short.
func there(dir *RunDir) string {
	var out []string
	for _, name := range []string{"checkpoints/step-000000010.safetensors", "checkpoints/step-000000020.safetensors", "metrics.jsonl", "codes/a.npy", "codes/codes.json", "grids/g.npy", "judges/j.safetensors", "results.json"} {
		if _, err := os.Stat(dir.File(filepath.FromSlash(name))); err == nil {
			out = append(out, strings.NewReplacer("checkpoints/step-0000000", "", ".safetensors", "").Replace(name))
		}
	}
	return strings.Join(out, " ")
}

// A mending is a file that is damaged, and what mending leaves and says.
type mending struct {
	name, file string
	at         int // of the flip; -1: removed
	left       string
	anew       bool
	says       string
}

// allOfRun is what there lists of a run of which nothing is gone.
const allOfRun = "10 20 metrics.jsonl codes/a.npy codes/codes.json grids/g.npy judges/j results.json"

// without is allOfRun but for some.
func without(names ...string) string {
	out := " " + allOfRun + " "
	for _, n := range names {
		out = strings.Replace(out, " "+n+" ", " ", 1)
	}
	return strings.TrimSpace(out)
}

func TestMendTraining(t *testing.T) {
	// A line of these records, {"step":5,"values":[{"name":"zero","value":0.2}]}, has 50
	// bytes or more: byte 60 is one that both checkpoints rely on, byte 110 one that the
	// second does, and byte 230 is in the fifth line: nobody relies on it.
	mended(t, []mending{
		{"nothing", "", 0, allOfRun, false, ""},
		{"newest checkpoint", "checkpoints/step-000000020.safetensors", 3, without("20"), true, "step-000000020.safetensors was changed since it was written (SHA-256 "},
		{"newest checkpoint says where it goes on", "checkpoints/step-000000020.safetensors", 0, without("20"), true, ": the training goes on from the one before, checkpoints/step-000000010.safetensors"},
		{"newest checkpoint removed", "checkpoints/step-000000020.safetensors", -1, without("20"), true, "step-000000020.safetensors is missing: the training goes on from the one before"},
		{"older checkpoint", "checkpoints/step-000000010.safetensors", 3, without("10"), false, ": dropped; checkpoints/step-000000020.safetensors is newer"},
		{"records of both", "metrics.jsonl", 60, without("10", "20", "metrics.jsonl"), true, ": no checkpoint has sound records, the training begins anew"},
		{"records of the newest", "metrics.jsonl", 110, without("20"), true, ": records up to step 10 are sound, those after it are written anew"},
		{"records of neither", "metrics.jsonl", 230, allOfRun, false, ""},
		{"records removed", "metrics.jsonl", -1, without("10", "20", "metrics.jsonl"), true, "metrics.jsonl is missing: no checkpoint has sound records"},
	})
}

func TestMendFiles(t *testing.T) {
	mended(t, []mending{
		{"codes", "codes/a.npy", 5, without("codes/a.npy", "codes/codes.json"), true, ": every image is encoded anew"},
		{"stamp of the codes", "codes/codes.json", 5, without("codes/codes.json"), true, ": every image is encoded anew"},
		{"scores of a step", "along/000000010.json", 5, without("10", "20", "metrics.jsonl"), true, ": the training begins anew"},
		{"grid", "grids/g.npy", 5, without("grids/g.npy"), true, ": the run is evaluated anew"},
		{"judge", "judges/j.safetensors", 5, without("judges/j"), true, ": the judge is trained anew"},
		{"results", "results.json", 5, without("results.json"), true, ": the run is evaluated anew"},
		{"results removed", "results.json", -1, without("results.json"), true, "results.json is missing: the run is evaluated anew"},
		{"status", "status.json", 5, allOfRun, true, "the run goes on from what its other files prove"},
		{"lock of the data", "data.lock.json", 5, allOfRun, true, ": the data are read and compared with its checksum"},
	})
}

// mended damages, mends and looks.
func mended(t *testing.T, list []mending) {
	t.Helper()
	for _, tt := range list {
		dir, job := trainedToy(t)
		if tt.file != "" {
			bend(t, dir.File(filepath.FromSlash(tt.file)), tt.at)
		}
		anew, err := dir.mend(job)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		said := strings.Join(dir.Notices, "\n")
		if got := there(dir); got != tt.left || anew != tt.anew || !strings.Contains(said, tt.says) || (said == "") != (tt.says == "") {
			t.Errorf("%s: anew %v, left %s, said %q; want %v, %s, %q", tt.name, anew, got, said, tt.anew, tt.left, tt.says)
		}
		// What is left is sound, but for what the job itself writes anew.
		flaws, err := Sealed{dir.Path, dir.account.m}.examine(false)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range flaws {
			if f.File != "data.lock.json" {
				t.Errorf("%s: after mending: %s", tt.name, f)
			}
		}
		s, err := ReadStatus(dir.Path)
		if want := map[bool]State{false: Running, true: Interrupted}[tt.anew]; err != nil || s.State != want {
			t.Errorf("%s: the state is %s, %v; want %s", tt.name, s.State, err, want)
		}
	}
}

// bend flips a bit of a file, or removes the file.
func bend(t *testing.T, path string, at int) {
	t.Helper()
	if at < 0 {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A checkpoint that a kill left between its line's going and its own is swept without a
// word; one whose line of the manifest was damaged is told.
func TestStrays(t *testing.T) {
	dir, job := trainedToy(t)
	stray := dir.File("checkpoints", "step-000000005.safetensors")
	if err := os.WriteFile(stray, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if anew, err := dir.mend(job); anew || err != nil || len(dir.Notices) > 0 {
		t.Errorf("anew %v, %v, said %q", anew, err, dir.Notices)
	}
	if _, err := os.Stat(stray); err == nil {
		t.Error("the stray checkpoint is still there")
	}
	dir.account.m.faults = []string{"line 3 is damaged"}
	delete(dir.account.m.files, "checkpoints/step-000000020.safetensors")
	anew, err := dir.mend(job)
	if said := strings.Join(dir.Notices, "\n"); !anew || err != nil || !strings.Contains(said, "manifest.txt line 3 is damaged: ") ||
		!strings.Contains(said, "checkpoints/step-000000020.safetensors is not in manifest.txt: the training goes on from the one before") {
		t.Errorf("anew %v, %v, said %q", anew, err, said)
	}
	if m, err := readManifest(dir.Path); err != nil || len(m.faults) > 0 {
		t.Errorf("the manifest was not mended: %v, %v", m.faults, err)
	}
}

// A line of the manifest that is damaged is mended once; the only checkpoint's loss begins
// the training anew.
func TestMendOnce(t *testing.T) {
	dir, job := trainedToy(t)
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	runs := filepath.Dir(filepath.Dir(dir.Path))
	m := dir.account.m
	delete(m.files, "checkpoints/step-000000010.safetensors")
	delete(m.seals, 10)
	if err := os.WriteFile(dir.File(manifestName), append(m.encode(), "no line\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	dir, err := OpenRun(runs, job, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := os.Remove(dir.File("checkpoints", "step-000000010.safetensors")); err != nil {
		t.Fatal(err)
	}
	dir.Notices = nil
	for _, want := range []bool{true, false} {
		anew, err := dir.mend(job)
		if s, _ := ReadStatus(dir.Path); err != nil || anew != want || s.State != Interrupted {
			t.Errorf("anew %v, %v, %s; want %v", anew, err, s.State, want)
		}
	}
	if len(dir.Notices) != 1 || !strings.Contains(dir.Notices[0], " is damaged: files that it named and does not name any more are made anew") {
		t.Errorf("said %q", dir.Notices)
	}
	if m, err := readManifest(dir.Path); err != nil || len(m.faults) > 0 {
		t.Errorf("the manifest was not mended: %v, %v", m.faults, err)
	}
	bend(t, dir.File("checkpoints", "step-000000020.safetensors"), 1)
	if anew, err := dir.mend(job); !anew || err != nil || !strings.HasSuffix(dir.Notices[1], ": no other checkpoint is left, the training begins anew") {
		t.Errorf("anew %v, %v, said %q", anew, err, dir.Notices)
	}
}

// A run of an earlier version is taken as it is, said so, and sealed; until then nothing
// reads it.
func TestAdopt(t *testing.T) {
	dir, job := trainedToy(t)
	runs := filepath.Dir(filepath.Dir(dir.Path))
	before, err := os.ReadFile(dir.File(manifestName))
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir.File(manifestName)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSealed(dir.Path); !IsDamaged(err) || !strings.Contains(err.Error(), "manifest.txt: is missing: an earlier version") {
		t.Errorf("a run without a manifest: %v", err)
	}
	again, err := OpenRun(runs, job, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if len(again.Notices) != 1 || !strings.Contains(again.Notices[0], "its 13 files are taken as they are, unchecked, and sealed now") {
		t.Errorf("said %q", again.Notices)
	}
	again.account.m.label = job.Label()
	if d := string(again.account.m.encode()); d != string(before) {
		t.Errorf("sealed as\n%swant\n%s", d, before)
	}
}
