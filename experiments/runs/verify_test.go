package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// What is verified of a run: its twelve files and the records, byte by byte, with what is
// wrong with each.
func TestVerify(t *testing.T) {
	dir, _ := trainedToy(t)
	if err := dir.account.sync(); err != nil {
		t.Fatal(err)
	}
	verify := func() Verified {
		t.Helper()
		v, err := Verify(RunInfo{Path: dir.Path})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(); v.Process != fmt.Sprint("process ", os.Getpid()) || v.Flaws == nil || len(v.Flaws) > 0 {
		t.Errorf("a run that a process works in: %+v", v)
	}
	if v, err := Verify(RunInfo{Path: dir.Path, Process: "process 1"}); err != nil || v.Files != 0 || v.Flaws == nil {
		t.Errorf("a run that a process worked in: %+v, %v", v, err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	records, bytes := int64(0), int64(0)
	for step := 5; step <= 20; step += 5 {
		records += int64(len(fmt.Sprintf(`{"step":%d,"values":[{"name":"zero","value":%v}]}`, step, 1/float64(step)))) + 1
	}
	for _, name := range []string{"spec.yaml", "resolved.yaml", "env.json", "status.json", "data.lock.json", "results.json", "along/000000010.json", "codes/a.npy", "codes/codes.json", "grids/g.npy",
		"judges/j.safetensors", "checkpoints/step-000000010.safetensors", "checkpoints/step-000000020.safetensors"} {
		info, err := os.Stat(dir.File(filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	v := verify()
	equal(t, "sound", fmt.Sprint(v.Files, v.Bytes, v.Flaws, v.Unsettled, v.Process), fmt.Sprint(14, bytes+records, []Flaw{}, false, ""))
	// A writer that was killed leaves a file of its own, or an announcement.
	left := dir.File(".results.json123456")
	if err := os.WriteFile(left, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	equal(t, "left by a writer", fmt.Sprint(verify().Unsettled, verify().Flaws), "true []")
	if err := os.Remove(left); err != nil {
		t.Fatal(err)
	}
	old := dir.account.m.files["results.json"]
	for _, entry := range []sealed{{now: atomicfile.Sum{Size: 1}, before: &old.now}, {now: old.now, absent: true}} {
		dir.account.m.files["results.json"] = entry
		if err := os.WriteFile(dir.File(manifestName), dir.account.m.encode(), 0o644); err != nil {
			t.Fatal(err)
		}
		equal(t, "announced", fmt.Sprint(verify().Unsettled, verify().Flaws), "true []")
	}
	bend(t, dir.File("grids", "g.npy"), 3)
	bend(t, dir.File("codes", "a.npy"), -1)
	bend(t, dir.File(recordsName), 3)
	var found []string
	for _, f := range verify().Flaws {
		found = append(found, strings.Join(strings.Fields(f.String())[:2], " "))
	}
	equal(t, "flaws", strings.Join(found, ", "), "codes/a.npy is, grids/g.npy was, metrics.jsonl was")
	if err := os.Remove(dir.File(manifestName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(RunInfo{Path: dir.Path}); !IsDamaged(err) {
		t.Errorf("without a manifest: %v", err)
	}
}

// Records are whole up to the last seal: what stands beyond it is an interrupted training's,
// or damage of a finished one.
func TestExamineRecords(t *testing.T) {
	dir, _ := trainedToy(t)
	s := Sealed{dir.Path, dir.account.m}
	want := func(what string, done bool, found string) {
		t.Helper()
		got, err := s.examineRecords(done)
		if err != nil || got != found {
			t.Errorf("%s: %q, %v; want %q", what, got, err, found)
		}
	}
	size := dir.account.m.seals[20].Size
	data, err := os.ReadFile(dir.File(recordsName))
	if err != nil {
		t.Fatal(err)
	}
	beyond := fmt.Sprintf("holds %d bytes where %d were written", len(data), size)
	want("interrupted", false, "")
	want("done", true, beyond)
	if err := os.WriteFile(dir.File(recordsName), data[:size], 0o644); err != nil {
		t.Fatal(err)
	}
	want("done and whole", true, "")
	flaws, err := s.examine(true)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "flaws", flaws, "[]")
	if err := os.WriteFile(dir.File(recordsName), data[:size-10], 0o644); err != nil {
		t.Fatal(err)
	}
	want("cut", false, fmt.Sprintf("holds %d bytes where %d were written", size-10, size))
	if err := os.WriteFile(dir.File(recordsName), data[:size], 0o644); err != nil {
		t.Fatal(err)
	}
	seal := dir.account.m.seals[10]
	delete(dir.account.m.seals, 10)
	want("a checkpoint without its seal", true, "has no seal of step 10 in manifest.txt")
	if found, err := s.headFault(10); err != nil || found != "has no seal of step 10 in manifest.txt" {
		t.Errorf("head of 10: %q, %v", found, err)
	}
	dir.account.m.seals[10] = seal
	if err := os.Remove(dir.File(recordsName)); err != nil {
		t.Fatal(err)
	}
	want("removed", true, "is missing")
	clear(dir.account.m.seals)
	for _, name := range dir.account.m.below("checkpoints") {
		delete(dir.account.m.files, name)
	}
	want("nothing was trained", true, "")
	if err := os.WriteFile(dir.File(recordsName), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	want("records of nothing", true, "holds 1 bytes where 0 were written")
	// Of a line that was lost, the file is found all the same; of a file that is always
	// there, too.
	dir.account.m.faults = []string{"line 3 is damaged"}
	delete(dir.account.m.files, "env.json")
	var found []string
	if flaws, err = s.examine(false); err != nil {
		t.Fatal(err)
	}
	for _, f := range flaws {
		found = append(found, f.String())
	}
	equal(t, "of a damaged manifest", strings.Join(found, "\n"), "manifest.txt line 3 is damaged\ncheckpoints/step-000000010.safetensors is not in manifest.txt\n"+
		"checkpoints/step-000000020.safetensors is not in manifest.txt\nenv.json is not in manifest.txt")
}
