package didd_test

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/didd" // the method
	"github.com/venn-adapt/venn/models/modelstest"
)

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("didd")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{
		Settings: option.Values{"base": 8, "separate": 2, "train.batch": 4, "train.iterations": 4, "train.decay": 0.5, "train.learning_rate": 2e-3, "loss.zero": 0.1, "train.clip": 0.1},
		Learning: option.Values{"train.iterations": 1000},
		Change:   option.Values{"base": 4, "loss.zero_warmup": 100, "spectral_iterations": 3},
	}); err != nil {
		t.Error(err)
	}
}
