package deep

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// A stagesGolden is two steps by testdata/golden_stages.py.
type stagesGolden struct {
	golden
	Memory map[string]goldens.Tensor
}

// stages are the settings of these steps and the first of them.
var stages = map[string]struct {
	first   int
	changes option.Values
}{
	"drcn": {5, option.Values{"noise": 0.0, "reconstruction_rate": 0.5}},
	"adda": {6, option.Values{"backbone": "p-small-bn", "source_share": 0.6, "discriminator": 40, "gate": 0.4}},
	"vada": {5, option.Values{"backbone": "p-small-bn", "discriminator": 7, "confusion": 0.4, "smooth_source": 0.8, "target": 0.3, "radius": 2.0, "probe": 1.0}},
	"dirt-t": {6, option.Values{"backbone": "p-small-bn", "discriminator": 7, "target": 0.3, "teacher": 0.6, "radius": 2.0, "probe": 1.0, "vada_share": 0.6, "refresh": 1,
		"refinement_rate": 5e-4}},
	"atdoc": {5, option.Values{"backbone": "p-small-bn", "warmup": 0.5, "weight": 1.5, "smoothing": 0.2, "neighbours": 2, "train.batch": 6}},
}

// Losses and what becomes of every parameter, of both domains as the source.
func TestStagesAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden_stages.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for name, tt := range stages {
		for _, source := range []domains.Side{domains.A, domains.B} {
			t.Run(fmt.Sprintf("%s from %s", name, source), func(t *testing.T) {
				var g stagesGolden
				if err := json.Unmarshal(all[name], &g); err != nil || len(g.After) == 0 {
					t.Fatalf("no golden steps (%v): golden_stages.py makes them", err)
				}
				tt.changes["train.clip"] = 0.5
				_, m, _ := newTrained(t, name, source, tt.changes)
				switch m := m.(type) {
				case *vada:
					m.draw = drawVirtual
				case *dirtT:
					m.draw = drawVirtual
				}
				g.fill(t, m.Parameters())
				fillOthers(m.Parameters())
				g.checkStages(t, m, source, tt.first)
			})
		}
	}
}

func drawVirtual(dst []float32, step int) { goldens.Fill(dst, fmt.Sprint("virtual/", step), -1, 1) }

// fillOthers gives averages and the encoder that is kept the values that the script gives them.
func fillOthers(ps *models.Parameters) {
	for _, p := range ps.All() {
		kind := kindOf(p.Name)
		switch {
		case strings.HasPrefix(p.Name, keptPrefix):
			copy(p.Data, ps.Get(strings.TrimPrefix(p.Name, keptPrefix)).Data)
		case strings.HasPrefix(p.Name, meanPrefix) && (kind == "scale" || kind == "variance"):
			goldens.Fill(p.Data, p.Name, 0.5, 1.5)
		case strings.HasPrefix(p.Name, meanPrefix):
			goldens.Fill(p.Data, p.Name, -0.5, 0.5)
		}
	}
}

func (g stagesGolden) checkStages(t *testing.T, m models.Model, source domains.Side, first int) {
	if a, ok := m.(*atdoc); ok {
		d := &models.Data{Source: source}
		d.Images[1-source] = images("refresh")
		if err := a.Refresh(context.Background(), first, d); err != nil {
			t.Fatal(err)
		}
	}
	for step := range goldenSteps {
		b := goldenPair(source, step)
		b.Rows[1-source] = []int{5, 4, 3, 2, 1, 0}
		losses, err := m.Step(first+step, b)
		if err != nil {
			t.Fatal(err)
		}
		g.checkLosses(t, losses, step, wider)
	}
	g.checkNoOther(t)
	g.checkAfter(t, m.Parameters())
	for name, want := range g.Memory {
		want.Compare(t, name, m.Parameters().Get("memory/"+name).Data, goldens.Near(1e-5))
	}
}
