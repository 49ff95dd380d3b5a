package experiments

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// cellsOf is a table of the report as rows of printed cells.
func cellsOf(t *testing.T, name string, runs []reports.Run) [][]string {
	t.Helper()
	info, err := reports.Tables.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	table, skip, err := info.Build(runs)
	if err != nil || table == nil {
		t.Fatal(skip, err)
	}
	var out [][]string
	for _, row := range table.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.Text)
		}
		out = append(out, cells)
	}
	return out
}

// From a spec to the printed cells: what is told rightly in 48 of 60 is printed as 0.800, with
// Wilson's interval, in the row and the column where it belongs.
func TestKnownTables(t *testing.T) {
	run := runKnown(t, "model.blur=0.2", "adapt.classifiers=[centroid]", "adapt.methods={plain: {adapter: none}}")
	printed := func(hits, n int) string {
		low, high := wilsonByHand(hits, n)
		return fmt.Sprintf("%.3f [%.3f, %.3f]", float64(hits)/float64(n), low, high)
	}
	accuracy := cellsOf(t, "accuracy", run.runs)
	equal(t, "rows", len(accuracy), 5)
	for i, want := range []struct {
		row, source, target, gap string
	}{
		{"common", "0.917", printed(48, 60), "0.875"}, {"separate", "0.500", "", ""}, {"source-only", "0.875", printed(6, 60), ""},
		{"untrained", "0.833", printed(12, 60), "0.125"}, {"target-oracle", "—", printed(54, 60), ""},
	} {
		row := accuracy[i]
		equal(t, "row", row[0]+" "+row[1], want.row+" centroid")
		equal(t, want.row+" source", row[2], want.source)
		if want.target != "" {
			equal(t, want.row+" target", row[3], want.target)
		}
		if want.gap != "" && !strings.HasPrefix(row[4], want.gap+" [") || want.gap == "" && want.row != "separate" && strings.Contains(row[4], "[") {
			t.Errorf("%s: gap %s, want %s", want.row, row[4], want.gap)
		}
	}
	l1 := fmt.Sprintf("%.3f", 0.2*47/64)
	for i, row := range cellsOf(t, "reconstruction", run.runs) {
		equal(t, "reconstruction", row[0]+" "+row[1]+" "+row[3]+" "+row[4], fmt.Sprintf("%s %s [%s, %s] — %d", []string{"a", "b"}[i], l1, l1, l1, knownSizes[i][testSplit]))
	}
	adaptation := cellsOf(t, "adaptation", run.runs)
	equal(t, "adaptation", adaptation, "[[plain transductive 87.50] [plain inductive 80.00]]")
	for _, row := range cellsOf(t, "diagnosis", run.runs) {
		bad := strings.HasPrefix(row[0], "reconstruction L1") || strings.HasPrefix(row[0], "collapsed")
		equal(t, row[0], row[3], map[bool]string{true: "look", false: "ok"}[bad])
	}
	for i, row := range cellsOf(t, "translation", run.runs) {
		equal(t, "direction", row[0], knownDirections[i].name)
		equal(t, row[0]+" of leaving as is", row[2], "0.000")
		equal(t, row[0]+" guide", row[3], map[bool]string{true: "—", false: "1.000"}[strings.HasPrefix(row[0], "removal")])
	}
}
