package icgan_test

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/icgan" // the method
	"github.com/venn-adapt/venn/models/modelstest"
)

// What a trained method must keep, of both phases.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("icgan")
	if err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Method(method, modelstest.Options{
		Settings: option.Values{"base": 4, "code": 6, "encoder_base": 4, "hidden": 8, "train.batch": 4, "train.iterations": 4, "train.encoders": 0.5, "threshold": false,
			"train.learning_rate": 2e-3, "train.encoder_rate": 2e-3},
		Learning: option.Values{"train.iterations": 1000},
		Change:   option.Values{"base": 8, "code": 5, "encoder_base": 6, "hidden": 6},
	}); err != nil {
		t.Error(err)
	}
}
