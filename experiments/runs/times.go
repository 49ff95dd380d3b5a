package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// timesName is the file of a run that says how long it took. What it says is no result: no two
// runs take equally long.
const timesName = "times.json"

// Times are how long a run took, by the clock on the wall.
type Times struct {
	// Training is of all the pieces of the training up to the newest checkpoint, in seconds, less what
	// was scored on the way.
	Training float64 `json:"training_seconds"`
}

// Times are those that the run has so far.
func (r *RunDir) Times() (t Times, err error) {
	data, err := os.ReadFile(r.File(timesName))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("experiments: %w", err)
	}
	return parseTimes(r.File(timesName), data)
}

// KeepTimes writes them down.
func (r *RunDir) KeepTimes(t Times) error {
	if err := atomicfile.WriteJSON(r.File(timesName), t); err != nil {
		return Unwritten(err)
	}
	return nil
}

func parseTimes(path string, data []byte) (t Times, err error) {
	if err := json.Unmarshal(data, &t); err != nil || !(t.Training >= 0) {
		return t, &DamagedError{path, "not the JSON of times"}
	}
	return t, nil
}
