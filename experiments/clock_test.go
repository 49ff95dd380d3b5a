package experiments

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// A clock goes on from what a resumed run has spent, from nothing where the training begins anew,
// and stands still while something else is done.
func TestClock(t *testing.T) {
	w := &job{dir: openToy(t)}
	if err := w.dir.KeepTimes(runs.Times{Training: 100}); err != nil {
		t.Fatal(err)
	}
	for start, want := range map[int]float64{0: 0, 7: 100} {
		c, err := w.clock(start)
		if err != nil {
			t.Fatal(err)
		}
		begun := c.since
		err = c.without(func(step int) error {
			if step != 3 {
				t.Errorf("step %d, want 3", step)
			}
			time.Sleep(50 * time.Millisecond)
			return os.ErrClosed
		})(3)
		if err != os.ErrClosed {
			t.Errorf("error %v, want what was returned", err)
		}
		low, high := c.seconds(), want+time.Since(begun).Seconds()
		if low < want || low > high-0.049 {
			t.Errorf("from step %d: %v seconds, want %v and what was not spent otherwise, up to %v", start, low, want, high-0.05)
		}
	}
}

// A finished run says how long its training took, no longer than all of it.
func TestSecondsOfTraining(t *testing.T) {
	run := runUndrawn(t)
	info, err := os.Stat(filepath.Join(run.dir, "spec.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got := run.runs[0].Seconds
	if whole := time.Since(info.ModTime()).Seconds(); !(got > 0 && got < whole) {
		t.Errorf("%v seconds of training, the run was begun %v ago", got, whole)
	}
}
