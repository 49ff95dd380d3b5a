package attgan

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
)

// Parameters at full and at small size are as many as PyTorch counts (labelled/testdata/golden.py),
// which are those of the paper's table; costs are those of the specification, in millions.
func TestSizes(t *testing.T) {
	raw, err := os.ReadFile("../labelled/testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]map[string]int
	if err := json.Unmarshal(raw, &counts); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		side, labels  int
		encode        float64
		edit, critics float64
	}{{128, 13, 549, 549 + 2183, 583}, {64, 1, 0, 131, 0}, {32, 1, 0, 22.2, 0}} {
		if testing.Short() && tt.side == 128 {
			continue // 88 million parameters
		}
		widths := labelled.Widths(tt.side, labelled.Sized(0, tt.side, 64, 32))
		g := newGenerator(tt.side, 3, widths, layers.BatchNorm{}, tt.labels)
		c := labelled.NewCritic(tt.side, 3, widths, labelled.Sized(0, tt.side, 1024, 256), tt.labels)
		ps := models.NewParameters()
		for _, s := range append(g.Stacks(), c.Trunk, c.Real, c.Labels) {
			s.Init(ps, 1)
		}
		want := counts[fmt.Sprintf("attgan %d %d", tt.side, tt.labels)]
		for _, part := range []string{"encoder", "decoder", "critic"} {
			if got := ps.Count(part + "/"); got != want[part] || got == 0 {
				t.Errorf("%d pixels: %s has %d parameters, PyTorch %d", tt.side, part, got, want[part])
			}
		}
		edit, learn := g.MACs()
		for _, m := range []struct {
			what string
			got  int
			want float64
		}{{"encoder", layers.MACs(g.encoder...), tt.encode}, {"edit", edit, tt.edit}, {"critic", layers.MACs(c.Trunk, c.Real, c.Labels), tt.critics},
			{"learning", learn, 2*tt.edit - tt.encode}} {
			if millions := float64(m.got) / 1e6; m.want > 0 && (m.what != "learning" || tt.encode > 0) && !(millions >= 0.995*m.want && millions <= 1.005*m.want) {
				t.Errorf("%d pixels: %s takes %.1f million multiply-accumulates, want %v", tt.side, m.what, millions, m.want)
			}
		}
	}
}

// The maps of every stage, as the paper's table has them.
func TestShapes(t *testing.T) {
	for side, want := range map[int]string{
		128: "[64 64 64] [128 32 32] [256 16 16] [512 8 8] [1024 4 4] | 1026>[1024 8 8] 1538>[512 16 16] 512>[256 32 32] 256>[128 64 64] 128>[3 128 128] | [16384]",
		64:  "[64 32 32] [128 16 16] [256 8 8] [512 4 4] | 514>[512 8 8] 770>[256 16 16] 256>[128 32 32] 128>[3 64 64] | [8192]",
		32:  "[64 16 16] [128 8 8] [256 4 4] | 258>[256 8 8] 386>[128 16 16] 128>[3 32 32] | [4096]",
	} {
		widths := labelled.Widths(side, 64)
		g := newGenerator(side, 3, widths, layers.BatchNorm{}, 2)
		got := ""
		for _, s := range g.encoder {
			got += fmt.Sprint(s.Out(), " ")
		}
		got += "|"
		for _, s := range g.decoder {
			got += fmt.Sprint(" ", s.In[0], ">", s.Out())
		}
		if got += fmt.Sprint(" | ", labelled.NewCritic(side, 3, widths, 512, 2).Trunk.Out()); got != want {
			t.Errorf("%d pixels: %s, want %s", side, got, want)
		}
	}
}
