package experiments

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// A watched training leaves a picture of every direction at every so many steps, of the
// images that the grids show, and the curves so far.
func TestKnownWatch(t *testing.T) {
	run := runUndrawn(t, "report.watch=10")
	plain := runUndrawn(t)
	files, err := filepath.Glob(filepath.Join(run.dir, "progress", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	equal(t, "pictures", names, "[curves.png translate-a-b-000000010.png translate-a-b-000000020.png translate-b-a-000000010.png translate-b-a-000000020.png]")
	ten, twenty := read(t, run.dir, "translate-a-b-000000010.png"), read(t, run.dir, "translate-a-b-000000020.png")
	if !bytes.Equal(ten, twenty) {
		t.Error("a model that does not change draws two pictures")
	}
	for _, name := range names {
		if _, err := png.Decode(bytes.NewReader(read(t, run.dir, name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Looking leaves no trace: the same results as unwatched.
	equal(t, "accuracies", run.Accuracy[0].Target.Accuracy, plain.Accuracy[0].Target.Accuracy)
	equal(t, "job", run.Job, plain.Job)
	if _, err := os.Stat(filepath.Join(plain.dir, "progress")); !os.IsNotExist(err) {
		t.Errorf("an unwatched training has pictures: %v", err)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "progress", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
