package runs

import (
	"os"
	"strings"
	"testing"
)

// Times are kept, counted with from then on, and forgotten where they are damaged: the run has
// nothing to do for them.
func TestTimes(t *testing.T) {
	dir, job := trainedToy(t)
	if got, err := dir.Times(); err != nil || got != (Times{}) {
		t.Errorf("times of a run without: %+v, %v", got, err)
	}
	if err := dir.KeepTimes(Times{Training: 12.5}); err != nil {
		t.Fatal(err)
	}
	if got, err := dir.Times(); err != nil || got.Training != 12.5 {
		t.Errorf("%+v, %v; want 12.5 seconds", got, err)
	}
	if anew, err := dir.mend(job); anew || err != nil || len(dir.Notices) != 0 {
		t.Errorf("a sound run: %v, %v, %v", anew, err, dir.Notices)
	}
	if err := os.WriteFile(dir.File(timesName), []byte(`{"training_seconds": 99}`), 0o644); err != nil {
		t.Fatal(err)
	}
	anew, err := dir.mend(job)
	if anew || err != nil || len(dir.Notices) != 1 || !strings.HasSuffix(dir.Notices[0], ": how long the training took so far is not known any more") {
		t.Errorf("damaged times: %v, %v, %v", anew, err, dir.Notices)
	}
	if got, err := dir.Times(); err != nil || got != (Times{}) {
		t.Errorf("times after that: %+v, %v", got, err)
	}
	for _, text := range []string{"12", `{"training_seconds": -1}`, ""} {
		if _, err := parseTimes("x/times.json", []byte(text)); !IsDamaged(err) || err.Error() != "experiments: x/times.json: not the JSON of times" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
