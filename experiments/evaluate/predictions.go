package evaluate

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

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
