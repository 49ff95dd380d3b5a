package stargan_test

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
	_ "github.com/venn-adapt/venn/models/stargan" // the method
)

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("stargan")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{
		Settings: option.Values{"base": 4, "blocks": 1, "train.batch": 4, "train.critic_steps": 2, "train.iterations": 4, "train.learning_rate": 2e-3},
		Learning: option.Values{"train.iterations": 1000},
		Change:   option.Values{"base": 6, "blocks": 2, "train.critic_steps": 1},
	}); err != nil {
		t.Error(err)
	}
}
