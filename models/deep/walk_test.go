package deep

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kept"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// What every trained method must keep, and its options.
func TestWalk(t *testing.T) {
	text := ""
	for _, m := range models.Methods.All() {
		t.Run(m.Name, func(t *testing.T) {
			if err := modelstest.Method(m, modelstest.Options{
				Shape:    domains.Shape{Channels: 1, Height: 16, Width: 16},
				Settings: option.Values{"backbone": "p-small", "train.batch": 4, "train.iterations": 8, "train.decay": 0.75, "train.clip": 0.5},
				Learning: option.Values{"train.iterations": 1000, "train.clip": 0.0},
			}); err != nil {
				t.Error(err)
			}
		})
		text += kept.Options(m.Name, m.AllOptions(), nil)
	}
	kept.Text(t, "options.txt", text)
}
