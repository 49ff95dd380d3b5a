package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/models"
)

// splitNames are the splits of a domain, in the order of splitCodes.
var splitNames = [2]string{"train", "test"}

const (
	trainSplit = 0
	testSplit  = 1
)

// splitCodes are the codes of every split: [a, b][train, test].
type splitCodes [2][2]models.Codes

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
func (w *job) codes() (*splitCodes, error) {
	encoder, ok := w.model.(models.Encoder)
	if !ok {
		return &splitCodes{}, nil
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
	out := &splitCodes{}
	w.progress.Stage("encode", 0, 4)
	for i, d := range w.domains {
		for s, split := range []domains.Split{d.Train, d.Test} {
			if out[i][s], err = encode(encoder, split.Images); err != nil {
				return nil, err
			}
			stamp.Blocks = nil
			for _, b := range out[i][s] {
				stamp.Blocks = append(stamp.Blocks, b.Role)
				path := w.dir.File("codes", codeFile(i, splitNames[s], b.Role))
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

// encodedAtOnce bounds the images that are encoded, and held as float32, at a time.
const encodedAtOnce = 1024

// encode encodes a set of images, which may be larger than memory.
func encode(m models.Encoder, images *domains.Images) (models.Codes, error) {
	n := images.Len()
	if n <= encodedAtOnce {
		return m.Encode(images.Range(0, n))
	}
	var whole models.Codes
	for lo := 0; lo < n; lo += encodedAtOnce {
		part, err := m.Encode(images.Range(lo, min(n, lo+encodedAtOnce)))
		if err != nil {
			return nil, err
		}
		for i, p := range part {
			if lo == 0 {
				whole = append(whole, &models.Block{Role: p.Role, D: p.D, Channels: p.Channels, Data: make([]float32, 0, n*p.D)})
			}
			whole[i].N += p.N
			whole[i].Data = append(whole[i].Data, p.Data...)
		}
	}
	return whole, nil
}

func (w *job) readCodes(roles []models.Role) (*splitCodes, error) {
	out := &splitCodes{}
	for i, d := range w.domains {
		for s, split := range []domains.Split{d.Train, d.Test} {
			for _, role := range roles {
				path := w.dir.File("codes", codeFile(i, splitNames[s], role))
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

// matrix is the given rows of a block as float64, the one conversion on the way
// from networks to statistics; nil rows mean all.
func matrix(b *models.Block, rows []int) *mat.Dense {
	if rows == nil {
		rows = make([]int, b.N)
		for i := range rows {
			rows[i] = i
		}
	}
	m := mat.NewDense(len(rows), b.D, nil)
	for i, r := range rows {
		dst := m.RawRowView(i)
		for j, v := range b.Row(r) {
			dst[j] = float64(v)
		}
	}
	return m
}

// pixels views images as a block of features.
func pixels(im *domains.Images) *models.Block {
	return &models.Block{N: im.Len(), D: im.Shape.Len(), Channels: im.Shape.Channels, Data: im.Range(0, im.Len()).Data}
}

// beside puts two blocks of the same rows side by side.
func beside(x, y *models.Block) *models.Block {
	out := &models.Block{N: x.N, D: x.D + y.D, Channels: x.Channels + y.Channels, Data: make([]float32, 0, len(x.Data)+len(y.Data))}
	for i := range x.N {
		out.Data = append(append(out.Data, x.Row(i)...), y.Row(i)...)
	}
	return out
}
