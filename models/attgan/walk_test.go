package attgan_test

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/attgan" // the method
	"github.com/venn-adapt/venn/models/modelstest"
)

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("attgan")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{
		Settings: option.Values{"base": 8, "hidden": 8, "train.batch": 6, "train.critic_steps": 2, "train.iterations": 4, "train.learning_rate": 2e-3},
		Learning: option.Values{"train.iterations": 1000},
		Change:   option.Values{"base": 4, "hidden": 4, "train.critic_steps": 1},
	}); err != nil {
		t.Error(err)
	}
}
