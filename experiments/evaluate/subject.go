// Package evaluate finds out what a trained model is worth: an evaluation a file, each with a
// descriptor that says when it applies, each looking at the same narrow Subject and writing
// records into its results. It does not know how the model was trained.
package evaluate

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A Subject is what evaluations look at: a model, what it makes of the images of both
// domains, and the truth about these, sealed until a score is to be had. What is found goes
// into Results.
type Subject struct {
	Context  context.Context
	Spec     *spec.Spec
	Seed     uint64 // of the job's streams
	Domains  [2]*domains.Domain
	Model    models.Model                 // at its last step; nil in a study of ready features
	Fresh    func() (models.Model, error) // the model as it was before its first step
	Judging  *Judging                     // nil where translations are not judged
	Dir      *runs.RunDir                 // where files of an evaluation go, and its log
	Progress runs.Progress
	Results  *reports.Results

	predictions []prediction // of every row of the tables of accuracy
}

// The splits of a domain, in the order of Codes.
const (
	trainSplit = 0
	testSplit  = 1
)

// SplitNames are the splits of a domain, in the order of Codes.
var SplitNames = [2]string{trainSplit: "train", testSplit: "test"}

// Codes are the codes of every split: [a, b][train, test].
type Codes [2][2]models.Codes

// split is a split of a domain.
func (w *Subject) split(side, split int) domains.Split {
	if split == trainSplit {
		return w.Domains[side].Train
	}
	return w.Domains[side].Test
}

// translator is what the model is or amounts to; nil where it makes no images.
func (w *Subject) translator() models.Translator { return models.TranslatorOf(w.Model) }

// draw picks at most limit rows of n, all where the limit is 0, from a stream of the job.
func (w *Subject) draw(purpose string, n, limit int) []int {
	if limit <= 0 {
		limit = n
	}
	return stream.Permutation(stream.New(w.Seed, "rows", purpose), n)[:min(limit, n)]
}

func (w *Subject) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.Results.Warnings = append(w.Results.Warnings, text)
	w.Dir.Log.Warn(text)
}

// mkdir makes a folder of the run.
func (w *Subject) mkdir(name string) error {
	if err := os.MkdirAll(w.Dir.File(name), 0o755); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// matrix is the given rows of a block as float64, the one conversion on the way
// from networks to statistics; nil rows mean all.
func matrix(b *models.Block, rows []int) *mat.Dense {
	if rows == nil {
		rows = counted(b.N)
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

// pick takes some of the labels.
func pick(labels, rows []int) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = labels[r]
	}
	return out
}

// counted is 0..n-1.
func counted(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// predictionsName is the file of a run that says, for every row of its tables of accuracy,
// what was predicted of every sample, so that anybody can compare two rows sample by sample.
const predictionsName = "predictions.csv.gz"

// A prediction is what one row of a table says of the samples of one split.
type prediction struct {
	table      string // "accuracy" or "adaptation"
	row        string // of the table
	classifier string // empty: the method's own
	domain     string
	split      string // "train" or "test"
	samples    []int  // places in the split, or in the file of features; nil: all, in order
	truth      []int
	p          *mat.Dense // samples x classes
}

// predicted keeps what a row of a table predicts until the results are written.
func (w *Subject) predicted(p prediction) { w.predictions = append(w.predictions, p) }

// WritePredictions writes one line a row of a table and sample: true and predicted class
// by name, and the probability of every class to six digits, in the order of the classes.
func (w *Subject) WritePredictions() error {
	if len(w.predictions) == 0 { // an earlier evaluation may have had some
		if err := atomicfile.Remove(w.Dir.File(predictionsName)); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		return nil
	}
	err := atomicfile.Write(w.Dir.File(predictionsName), func(to io.Writer) error {
		z, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
		if err != nil {
			return err
		}
		c := csv.NewWriter(z)
		head := []string{"table", "row", "classifier", "domain", "split", "sample", "true", "predicted"}
		for _, class := range w.Results.Classes {
			head = append(head, "p:"+class)
		}
		if err := c.Write(head); err != nil {
			return err
		}
		for _, p := range w.predictions {
			if err := p.write(c, w.Results.Classes); err != nil {
				return err
			}
		}
		if c.Flush(); c.Error() != nil {
			return c.Error()
		}
		return z.Close()
	})
	if err != nil {
		return runs.Unwritten(err)
	}
	return nil
}

func (p prediction) write(c *csv.Writer, classes []string) error {
	class := adapt.Predict(p.p)
	n, _ := p.p.Dims()
	if len(p.truth) != n || p.samples != nil && len(p.samples) != n {
		return fmt.Errorf("predictions of %s: %d for %d labels and %d samples", p.row, n, len(p.truth), len(p.samples))
	}
	for i := range n {
		sample := i
		if p.samples != nil {
			sample = p.samples[i]
		}
		line := []string{p.table, p.row, p.classifier, p.domain, p.split, strconv.Itoa(sample), classes[p.truth[i]], classes[class[i]]}
		for _, v := range p.p.RawRowView(i) {
			line = append(line, strconv.FormatFloat(v, 'g', 6, 64))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	return nil
}
