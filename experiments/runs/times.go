package runs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// timesName is the file of a run that says how long it took. It differs between runs of one job,
// nothing is computed from it, and so it is not in the manifest.
const timesName = "times.json"

type times struct {
	Train float64 `json:"train_seconds"` // up to the newest checkpoint, looks at the model included
}

// Trained adds what the steps up to a checkpoint took.
func (r *RunDir) Trained(took time.Duration) error {
	t := readTimes(r.Path)
	t.Train += took.Seconds()
	if err := atomicfile.WriteJSON(r.File(timesName), t); err != nil {
		return Unwritten(err)
	}
	return nil
}

// readTimes reads the times of a run; of a file that is not there or cannot be read there are none.
func readTimes(dir string) (t times) {
	data, err := os.ReadFile(filepath.Join(dir, timesName))
	if err != nil || json.Unmarshal(data, &t) != nil || !(t.Train >= 0) {
		return times{}
	}
	return t
}
