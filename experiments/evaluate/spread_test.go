package evaluate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/models"
)

// Two uncorrelated columns of one variance take up two dimensions, a column that is the other
// one takes none up; codes that are all equal are told of, and wide ones left out.
func TestSpread(t *testing.T) {
	common := func(second func(i int) float32) models.Codes {
		b := models.NewBlock(models.Common, 4, 2, 1)
		for i := range 4 {
			b.Row(i)[0], b.Row(i)[1] = float32(1-2*(i%2)), second(i)
		}
		separate := [2]*models.Block{models.NewBlock(models.SeparateA, 4, 1, 1), models.NewBlock(models.SeparateB, 4, 1, 1)}
		for i := range 4 {
			separate[0].Data[i] = float32(i)
		}
		return models.Codes{b, separate[0], separate[1]}
	}
	w, _ := bareJob()
	var c Codes
	c[0][testSplit] = common(func(i int) float32 { return float32(1 - 2*(i/2)) })
	c[1][testSplit] = common(func(i int) float32 { return float32(1 - 2*(i%2)) })
	if err := w.spread(&c); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, v := range w.Results.Values {
		lines = append(lines, fmt.Sprintf("%s: %.6f of %d", v.Name, v.Value, v.N))
	}
	equal(t, "spreads", strings.Join(lines, "\n"), `effective rank of the common code on a, of 2 columns: 2.000000 of 4
participation ratio of the common code on a: 2.000000 of 4
effective rank of the separate code a on a, of 1 columns: 1.000000 of 4
participation ratio of the separate code a on a: 1.000000 of 4
effective rank of the common code on b, of 2 columns: 1.000000 of 4
participation ratio of the common code on b: 1.000000 of 4`)
	equal(t, "warnings", strings.Join(w.Results.Warnings, "\n"), "spread of the separate code b on b: metrics: spread: 4 rows, want at least 2 that differ")
	for d, want := range map[int]string{512: "", 513: "the code has 513 columns, more than 512"} {
		c[0][testSplit] = models.Codes{models.NewBlock(models.Features, 4, d, 1)}
		equal(t, fmt.Sprint("of ", d), wantsNarrow(w, &c), want)
	}
}
