package runs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Another run's file is found where its manifest vouches for it: not the run's own, not a
// damaged one, none of a run without a manifest.
func TestElsewhere(t *testing.T) {
	root := filepath.Join(t.TempDir(), "[runs]") // no pattern
	plan := mustPlan(t, toyRequest(toy.Spec, "seeds=[0, 1, 2, 3]"))
	var dirs []*RunDir
	for i, job := range plan.Jobs {
		dir, err := OpenRun(root, job, plan.Text)
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		dirs = append(dirs, dir)
		if i == 3 {
			break // has no judge
		}
		err = errors.Join(os.MkdirAll(dir.File("judges"), 0o755), atomicfile.WriteBytes(dir.File("judges", "j"), []byte{byte(i)}))
		if err != nil {
			t.Fatal(err)
		}
	}
	others := []string{dirs[1].File("judges", "j"), dirs[2].File("judges", "j")}
	slices.Sort(others)
	equal(t, "of the first", dirs[0].Elsewhere("judges/j"), others)
	equal(t, "of the last", len(dirs[3].Elsewhere("judges/j")), 3)
	if err := os.WriteFile(dirs[1].File("judges", "j"), []byte{9}, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dirs[2].File(manifestName)); err != nil {
		t.Fatal(err)
	}
	equal(t, "of the last, after damage", dirs[3].Elsewhere("judges/j"), []string{dirs[0].File("judges", "j")})
}
