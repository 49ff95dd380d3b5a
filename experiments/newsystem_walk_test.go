package experiments

import (
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
	"github.com/venn-adapt/venn/reports"
	_ "github.com/venn-adapt/venn/reports/tables"
)

// A system that is one file, trained, scored, and standing beside another in the tables, with no
// line about it anywhere else.
func TestNewSystem(t *testing.T) {
	info, err := models.Methods.Get("tint")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(info, modelstest.Options{Quiet: map[string]string{"seed": "means begin at nought"}}); err != nil {
		t.Error(err)
	}
	mine := movedBy(t, "known-blocks", 8, 1, "{method: tint}", "domains.a.always=false", "domains.b.always=false", "translate.grid=4")
	equal(t, "what it does", capable(t, mine, "guided a->b", "removal-a", "union", "slider", "mask"), "it takes no guide, it has no such edit, it has no such edit, it has no strength, it has no mask")
	for _, name := range []string{"a->b", "b->a"} {
		if c := mine.System.Capability(name); c.Value == nil {
			t.Errorf("%s is not measured: %+v", name, c)
		}
	}
	equal(t, "its translations take no guide", mine.Translation[0].Unguided && mine.Translation[1].Unguided && len(mine.Translation) == 2, true)
	if mine.System.Diversity != nil {
		t.Errorf("diversity %v of a system without guides", *mine.System.Diversity)
	}
	other := dressed(t, "dresses")
	closeTo(t, "diversity of one that follows guides", *other.System.Diversity, 1, 1e-12)
	closeTo(t, "diversity of a copy", *dressed(t, "copies").System.Diversity, 0, 0)
	for _, name := range []string{"systems", "capabilities"} {
		info, err := reports.Tables.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		table, skip, err := info.Build(append(mine.runs, other.runs...))
		if err != nil || skip != "" || len(table.Rows) != 2 {
			t.Fatalf("%s: %v, %s, %+v", name, err, skip, table)
		}
		equal(t, name, table.Rows[0][0].Text+", "+table.Rows[1][0].Text, "tint, known-dresser")
	}
	strips := 0
	for _, g := range mine.Grids {
		if strings.HasPrefix(g.Name, reports.StripPrefix) {
			strips++
		}
	}
	equal(t, "strips", strips, 2)
}

// The page about extensions shows the file as it is.
func TestNewSystemIsWrittenDown(t *testing.T) {
	code, err := os.ReadFile("newsystem_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/extending.md")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(code), "// A tint learns")
	if !strings.Contains(string(page), "// A tint learns"+body) {
		t.Error("docs/extending.md does not show newsystem_test.go as it is")
	}
}

// A commoner has a common code and nothing else.
type commoner struct{ mover }

func (m *commoner) Encode(x *domains.Images) (models.Codes, error) {
	b := models.NewBlock(models.Common, x.Len(), 6, 1)
	for i := range x.Len() {
		copy(b.Row(i), x.At(i)[:6])
	}
	return models.Codes{b}, nil
}

func init() {
	models.Methods.Add("known-common", models.Method{Name: "known-common", Version: 1, Loop: models.Loop{Iterations: 1, Batch: 4, LogEvery: 1},
		New: func(models.Config) (models.Model, error) { return &commoner{mover{"exact", weightOfOne()}}, nil }})
}

// Of a model with a common code alone it is asked what that keeps and what it lets through, and
// nothing of codes that it has not.
func TestLeakageOfACommonCode(t *testing.T) {
	run := movedBy(t, "known-blocks", 8, 1, "{method: known-common}")
	blocks := map[string]int{}
	for _, c := range run.Leakage {
		blocks[c.Block]++
	}
	if len(blocks) != 1 || blocks["common"] == 0 {
		t.Errorf("cells by block %v, want those of the common code alone; skipped %v", blocks, run.Skipped)
	}
	whole := runKnown(t)
	common := 0
	for _, c := range whole.Leakage {
		if c.Block == "common" {
			common++
		}
	}
	equal(t, "cells of the common code", blocks["common"] > 0 && common > 0, true)
}
