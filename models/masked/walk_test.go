package masked

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("masked")
	if err != nil {
		t.Fatal(err)
	}
	err = modelstest.Method(method, modelstest.Options{
		Settings: option.Values{"base": 8, "separate": 2, "train.batch": 4, "train.learning_rate": 2e-3, "train.clip": 0.1, "loss.confusion": 0.1, "loss.cycle_common": 0.01, "loss.cycle_separate": 0.1},
		Change:   option.Values{"base": 4, "removal.threshold": 0.5},
	})
	if err != nil {
		t.Error(err)
	}
}
