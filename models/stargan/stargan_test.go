package stargan

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
// those of the paper at full size; costs are those of the specification, in millions.
func TestSizes(t *testing.T) {
	raw, err := os.ReadFile("../labelled/testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]map[string]int
	if err := json.Unmarshal(raw, &counts); err != nil {
		t.Fatal(err)
	}
	if c := counts["stargan 128 5"]; c["generator"] != 8430528 || c["critic"] != 44762048 {
		t.Errorf("PyTorch's counts are %v, the paper's 8430528 and 44762048", c)
	}
	for _, tt := range []struct {
		side, labels int
		edit, critic float64
	}{{128, 5, 9960, 684}, {64, 1, 481, 0}, {32, 1, 101, 0}} {
		if testing.Short() && tt.side == 128 {
			continue // 53 million parameters
		}
		base := labelled.Sized(0, tt.side, 64, 32)
		g, c := newGenerator(tt.side, 3, base, blocks(0, tt.side), tt.labels), newCritic(tt.side, 3, base, tt.labels)
		ps := models.NewParameters()
		for _, s := range append(g.Stacks(), c.Trunk, c.Real, c.Labels) {
			s.Init(ps, 1)
		}
		want := counts[fmt.Sprintf("stargan %d %d", tt.side, tt.labels)]
		for _, part := range []string{"generator", "critic"} {
			if got := ps.Count(part + "/"); got != want[part] || got == 0 {
				t.Errorf("%d pixels: %s has %d parameters, PyTorch %d", tt.side, part, got, want[part])
			}
		}
		edit, learn := g.MACs()
		if millions := float64(edit) / 1e6; learn != 2*edit || !(millions >= 0.995*tt.edit && millions <= 1.005*tt.edit) {
			t.Errorf("%d pixels: an edit takes %.1f million multiply-accumulates, want %v; a cycle %d", tt.side, millions, tt.edit, learn)
		}
		if millions := float64(layers.MACs(c.Trunk, c.Real, c.Labels)) / 1e6; tt.critic > 0 && !(millions >= 0.995*tt.critic && millions <= 1.005*tt.critic) {
			t.Errorf("%d pixels: the critic takes %.1f million multiply-accumulates, want %v", tt.side, millions, tt.critic)
		}
	}
}

// The maps, as the paper's table has them; the critic ends in 2 x 2, at 256 pixels in 4 x 4.
func TestShapes(t *testing.T) {
	for side, want := range map[int]string{
		256: "[256 64 64] 6 [3 256 256] [2048 4 4] [1 4 4] [2 1 1]",
		128: "[256 32 32] 6 [3 128 128] [2048 2 2] [1 2 2] [2 1 1]",
		64:  "[256 16 16] 4 [3 64 64] [1024 2 2] [1 2 2] [2 1 1]",
		32:  "[256 8 8] 3 [3 32 32] [512 2 2] [1 2 2] [2 1 1]",
		16:  "[256 4 4] 3 [3 16 16] [256 2 2] [1 2 2] [2 1 1]",
	} {
		g, c := newGenerator(side, 3, 64, blocks(0, side), 2), newCritic(side, 3, 64, 2)
		if got := fmt.Sprint(g.in.Out(), len(g.blocks), g.out.Out(), c.Trunk.Out(), c.Real.Out(), c.Labels.Out()); got != want {
			t.Errorf("%d pixels: %s, want %s", side, got, want)
		}
	}
	if n := blocks(5, 64); n != 5 {
		t.Errorf("five blocks are %d", n)
	}
}
