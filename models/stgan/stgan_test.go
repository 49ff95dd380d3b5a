package stgan

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
)

// Parameters at full and at small size are as many as PyTorch counts (labelled/testdata/golden.py);
// costs are those of the specification, in millions.
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
		side  int
		macs  []float64 // of encoder, units and decoder; or of all
		total float64   // parameters of the generator, in millions
	}{{128, []float64{549, 4186, 2776}, 75.0}, {64, []float64{354}, 4.72}, {32, []float64{57.1}, 1.13}} {
		if testing.Short() && tt.side == 128 {
			continue // 75 million parameters
		}
		g := newGenerator(tt.side, 3, labelled.Widths(tt.side, labelled.Sized(0, tt.side, 64, 32)), layers.BatchNorm{}, 13)
		ps := models.NewParameters()
		for _, s := range g.Stacks() {
			s.Init(ps, 1)
		}
		want, total := counts[fmt.Sprintf("stgan %d 13", tt.side)], 0
		for _, part := range []string{"encoder", "units", "decoder"} {
			got := ps.Count(part + "/")
			if total += got; got != want[part] || got == 0 {
				t.Errorf("%d pixels: %s has %d parameters, PyTorch %d", tt.side, part, got, want[part])
			}
		}
		if millions := float64(total) / 1e6; !(millions >= 0.995*tt.total && millions <= 1.005*tt.total) {
			t.Errorf("%d pixels: %.2f million parameters, the specification %v", tt.side, millions, tt.total)
		}
		edit, learn := g.MACs()
		parts := []int{edit}
		if len(tt.macs) > 1 {
			parts = []int{layers.MACs(g.encoder...), layers.MACs(g.transfer()...), layers.MACs(g.decoder...)}
			if learn != 2*edit-parts[0] {
				t.Errorf("learning takes %d, want all but the encoder twice", learn)
			}
		}
		for i, want := range tt.macs {
			if millions := float64(parts[i]) / 1e6; !(millions >= 0.995*want && millions <= 1.005*want) {
				t.Errorf("%d pixels: part %d takes %.1f million multiply-accumulates, want %v", tt.side, i, millions, want)
			}
		}
	}
}

// The maps of every unit and of every stage of the decoder, as the paper's table has them.
func TestShapes(t *testing.T) {
	for side, want := range map[int]string{
		128: "1026>[512 8 8] 514>[256 16 16] 258>[128 32 32] 130>[64 64 64] | 1026>[1024 8 8] 1538>[512 16 16] 770>[256 32 32] 386>[128 64 64] 194>[3 128 128]",
		64:  "514>[256 8 8] 258>[128 16 16] 130>[64 32 32] | 514>[512 8 8] 770>[256 16 16] 386>[128 32 32] 194>[3 64 64]",
		32:  "258>[128 8 8] 130>[64 16 16] | 258>[256 8 8] 386>[128 16 16] 194>[3 32 32]",
	} {
		g, got := newGenerator(side, 3, labelled.Widths(side, 64), layers.BatchNorm{}, 2), ""
		for _, u := range g.units {
			got += fmt.Sprint(u.up.In[0], ">", u.up.Out(), " ")
			for _, s := range []layers.Stack{u.reset, u.gate, u.content} {
				if s.In[0] != 2*u.up.Out()[0] || fmt.Sprint(s.Out()) != fmt.Sprint(u.up.Out()) {
					t.Errorf("%s makes %v of %v", s.Name, s.Out(), s.In)
				}
			}
		}
		got += "|"
		for _, s := range g.decoder {
			got += fmt.Sprint(" ", s.In[0], ">", s.Out())
		}
		if got != want {
			t.Errorf("%d pixels: %s, want %s", side, got, want)
		}
	}
}

// Rates fall to a tenth once.
func TestDropped(t *testing.T) {
	o := option.Values{"train.drop": 0.5}
	if a, b, c := dropped(o, 0.499), dropped(o, 0.5), dropped(option.Values{"train.drop": 1.0}, 0.999); a != 1 || b != 0.1 || c != 1 {
		t.Errorf("factors %v, %v and, without a drop, %v", a, b, c)
	}
}
