package evaluate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "neighbours", doc: "training images whose separate codes are nearest to those of held-out images",
		order: 100, version: 1, wants: wants(wantsParts, wantsGrid), do: (*Subject).neighbours})
}

// neighbours shows, for some held-out images of each domain, the training images whose
// own separate codes are nearest: what lies near each other there should share what is
// particular to the domain, not who is shown.
func (w *Subject) neighbours(c *Codes) error {
	k := w.Spec.Translate.Grid
	picks := w.picks(k)
	for side, queries := range picks {
		letter := domains.Side(side).String()
		role := models.Separate(domains.Side(side))
		test, train := c[side][testSplit].Of(role), c[side][trainSplit].Of(role)
		near := min(k, train.N)
		columns := append([]string{"query"}, make([]string, near)...)
		for i := range near {
			columns[i+1] = fmt.Sprint(i + 1)
		}
		var images [][]float32
		for _, q := range queries {
			images = append(images, w.Domains[side].Test.Images.At(q))
			for _, i := range nearest(test.Row(q), train, near) {
				images = append(images, w.Domains[side].Train.Images.At(i))
			}
		}
		if err := w.keepGrid(reports.Grid{Name: "neighbours-" + letter, Title: "Nearest separate codes of " + letter,
			Caption: fmt.Sprintf("First column: held-out images of %s. Beside each, the training images of %[1]s whose separate codes of %[1]s are nearest to its own, by Euclidean distance, nearest first.", letter),
			Rows:    len(queries), Columns: near + 1, ColumnLabels: columns}, images); err != nil {
			return err
		}
	}
	return nil
}

// nearest lists the k rows of b nearest to x, nearest first, of equal ones the earlier.
func nearest(x []float32, b *models.Block, k int) []int {
	square := make([]float64, b.N)
	for i := range square {
		for j, v := range b.Row(i) {
			d := float64(v) - float64(x[j])
			square[i] += d * d
		}
	}
	rows := counted(b.N)
	slices.SortStableFunc(rows, func(i, j int) int { return cmp.Compare(square[i], square[j]) })
	return rows[:k]
}
