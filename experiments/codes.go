package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/models"
)

// codesStamp is codes/codes.json: it says which training the arrays beside it are
// of, and is written after them.
type codesStamp struct {
	Job    string        `json:"job"`
	Steps  int           `json:"steps"`
	Blocks []models.Role `json:"blocks"`
}

func codeFile(side int, split string, role models.Role) string {
	return fmt.Sprintf("%s-%s-%s.npy", domains.Side(side), split, role)
}

// codes encodes every split with the trained model, or reads the arrays that an
// earlier evaluation of the same training left: new classifiers and metrics
// retrain and re-encode nothing. There are none of a model without codes.
func (w *job) codes() (*evaluate.Codes, error) {
	encoder, ok := w.model.(models.Encoder)
	if !ok {
		return &evaluate.Codes{}, nil
	}
	stamp := codesStamp{Job: w.ID, Steps: w.steps()}
	data, err := os.ReadFile(w.dir.File("codes", runs.CodesStamp))
	if err == nil {
		var have codesStamp
		if json.Unmarshal(data, &have) == nil && have.Job == stamp.Job && have.Steps == stamp.Steps {
			return w.readCodes(have.Blocks)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	if err := w.mkdir("codes"); err != nil {
		return nil, err
	}
	out := &evaluate.Codes{}
	w.progress.Stage("encode", 0, 4)
	for i, d := range w.domains {
		for s, split := range []domains.Split{d.Train, d.Test} {
			if out[i][s], err = models.EncodeReadable(encoder, domains.Side(i), split.Images); err != nil {
				return nil, err
			}
			stamp.Blocks = nil
			for _, b := range out[i][s] {
				stamp.Blocks = append(stamp.Blocks, b.Role)
				path := w.dir.File("codes", codeFile(i, evaluate.SplitNames[s], b.Role))
				if err := npy.Write(path, []int{b.N, b.Channels, b.D / b.Channels}, b.Data); err != nil {
					return nil, runs.Unwritten(err)
				}
			}
			if err := w.ctx.Err(); err != nil {
				return nil, err
			}
			w.progress.Step(2*i+s+1, nil)
		}
	}
	if err := atomicfile.WriteJSON(w.dir.File("codes", runs.CodesStamp), stamp); err != nil {
		return nil, runs.Unwritten(err)
	}
	return out, nil
}

// forgetCodes makes the next evaluation encode anew: the model is about to be trained.
func (w *job) forgetCodes() error {
	if err := atomicfile.Remove(w.dir.File("codes", runs.CodesStamp)); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

func (w *job) readCodes(roles []models.Role) (*evaluate.Codes, error) {
	out := &evaluate.Codes{}
	for i, d := range w.domains {
		for s, split := range []domains.Split{d.Train, d.Test} {
			for _, role := range roles {
				path := w.dir.File("codes", codeFile(i, evaluate.SplitNames[s], role))
				shape, data, err := npy.Read(path)
				if err != nil || len(shape) != 3 || shape[0] != split.Images.Len() {
					return nil, &runs.DamagedError{File: path, Found: fmt.Sprintf("not the codes of %d images (%v); remove the folder to encode anew", split.Images.Len(), err)}
				}
				out[i][s] = append(out[i][s], &models.Block{Role: role, N: shape[0], Channels: shape[1], D: shape[1] * shape[2], Data: data})
			}
		}
	}
	w.dir.Log.Info("codes taken from the cache")
	return out, nil
}
