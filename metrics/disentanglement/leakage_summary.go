package disentanglement

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// A LeakageSummary is the matrix in three numbers.
type LeakageSummary struct {
	Leakage   float64 `json:"leakage"`   // mean of max(0, score) over the cells that should be empty
	Retention float64 `json:"retention"` // mean score over the cells that should keep
	Balance   float64 `json:"balance"`   // retention less leakage
	// NaN parts, of a matrix without such cells, are left 0 and counted here.
	EmptyCells int `json:"empty_cells"`
	KeepCells  int `json:"keep_cells"`
}

// Summarise adds up cells; absent ones are left out.
func Summarise(cells []Cell) LeakageSummary {
	var s LeakageSummary
	for _, c := range cells {
		switch {
		case c.Absent:
		case c.Wish == Empty:
			s.Leakage += math.Max(0, c.Score)
			s.EmptyCells++
		case c.Wish == Keep:
			s.Retention += c.Score
			s.KeepCells++
		}
	}
	if s.EmptyCells > 0 {
		s.Leakage /= float64(s.EmptyCells)
	}
	if s.KeepCells > 0 {
		s.Retention /= float64(s.KeepCells)
	}
	s.Balance = s.Retention - s.Leakage
	return s
}

// leakageMeasure is Leakage of one block on all rows.
func leakageMeasure(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("leakage", codes, table, 2*probeRows, s)
	if done || err != nil {
		return r, err
	}
	e := Entry{Block: "code", On: "all", Codes: codes, Wishes: make([]Wish, len(f.levels))}
	for j, levels := range f.levels {
		e.Factors = append(e.Factors, Factor{Name: fmt.Sprint(f.columns[j] + 1), Levels: levels})
	}
	cells, err := Leakage([]Entry{e}, s, nil)
	if err != nil {
		return r, err
	}
	values := make([]float64, len(cells))
	for j, c := range cells {
		values[j] = c.Score
	}
	r.Value = mean(values)
	f.parts(&r, values)
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{
		Name: "leakage", Doc: "chance-corrected score of the best probe for each factor off the whole code, their mean; blocks by the leakage matrix", Range: [2]float64{math.Inf(-1), 1},
		Invariant: []string{"translation", "scale"}, Cost: "26 logistic fits, n^2 k and 100 epochs of a perceptron a factor", MinRows: 2 * probeRows,
		Citation: "Alain and Bengio, Understanding intermediate layers using linear classifier probes, 2016", Compute: leakageMeasure,
	})
}
