package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
)

// Files at the top that were damaged are written anew where the job says what they hold, and
// a person is told.
func TestKeptFiles(t *testing.T) {
	dir, job, runs := openToy(t)
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"resolved.yaml": ": written anew", "env.json": ": it says from now on where the run went on", "spec.yaml": ": written anew"} {
		want, err := os.ReadFile(dir.File(name))
		if err != nil {
			t.Fatal(err)
		}
		bend(t, dir.File(name), 2)
		again, err := OpenRun(runs, job, []byte(toy.Spec))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(dir.File(name))
		if err != nil || string(got) != string(want) || len(again.Notices) != 1 || !strings.HasPrefix(again.Notices[0], name+" was changed since it was written (") || !strings.HasSuffix(again.Notices[0], says) {
			t.Errorf("%s: %v, said %q", name, err, again.Notices)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sound, err := OpenRun(runs, job, nil)
	if err != nil || len(sound.Notices) > 0 {
		t.Fatal(sound.Notices, err)
	}
	if err := sound.Close(); err != nil {
		t.Fatal(err)
	}
	if m, err := readManifest(dir.Path); err != nil || len(m.files) != 3 {
		t.Errorf("listed %v, %v", m.files, err)
	}
	log, err := os.ReadFile(dir.File("log.txt"))
	if err != nil || strings.Count(string(log), "resolved.yaml was changed") != 1 {
		t.Errorf("the log says %s, %v", log, err)
	}
	other := mustPlan(t, toyRequest(toy.Spec, "adapt.classifiers=[toy-neighbours]")).Jobs[0]
	again, err := OpenRun(runs, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := os.ReadFile(dir.File("resolved.yaml"))
	if want, e := other.ResolvedYAML(); err != nil || e != nil || string(resolved) != string(want) || len(again.Notices) > 0 {
		t.Errorf("of another evaluation: %v, %v, said %q\n%s", err, e, again.Notices, resolved)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	e := &DamagedError{filepath.Join("a", "b.json"), "is bad"}
	equal(t, "damaged", fmt.Sprint(e, " ", e.Name(), " ", IsDamaged(e)), "experiments: a/b.json: is bad b.json true")
}

// Records rise, hold what a record holds and nothing else, and stand each on its line.
func TestRecordLines(t *testing.T) {
	dir, _, _ := openToy(t)
	w, err := dir.Recorder(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Record{{3, []Value{{"x", 0.5}}}, {7, nil}} {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{7, 5} {
		equal(t, "falling", w.Append(Record{Step: step}), fmt.Sprintf("experiments: %s: record of step %d after step 7", dir.File(recordsName), step))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const lines = "{\"step\":3,\"values\":[{\"name\":\"x\",\"value\":0.5}]}\n{\"step\":7,\"values\":null}\n"
	data, err := os.ReadFile(dir.File(recordsName))
	equal(t, "file", fmt.Sprint(string(data), err), fmt.Sprint(lines, error(nil)))
	_, ends, err := scanRecords(dir.File(recordsName))
	equal(t, "ends", fmt.Sprint(ends, err), fmt.Sprint([]int64{int64(strings.Index(lines, "\n")) + 1, int64(len(lines))}, error(nil)))
	for _, text := range []string{`{"step":1,"values":[],"more":1}`, `{"step":1,"values":[]} {}`, `{"step":1,"values":[]}]`, `{"step":"1","values":[]}`} {
		if err := os.WriteFile(dir.File(recordsName), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecords(dir.File(recordsName)); !IsDamaged(err) || !strings.HasSuffix(err.Error(), "line 1 is not a record") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if records, err := ReadRecords(dir.File("nowhere")); records != nil || err != nil {
		t.Errorf("no file: %v, %v", records, err)
	}
}
