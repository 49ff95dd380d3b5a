package didd_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	_ "github.com/venn-adapt/venn/models/didd" // the method
	"github.com/venn-adapt/venn/models/modelstest"
)

// ofEdits are the options that say nothing where no edits are decoded.
var ofEdits = []string{"cycle.decay", "cycle.fixed", "cycle.common", "loss.alone_elsewhere", "paste.weight", "paste.start", "adversary.weight", "adversary.width", "swap.kept", "swap.again", "swap.cut", "region.mean", "region.variance", "region.margin", "region.alone", "region.hidden", "region.only", "region.weight", "region.bare"}

// What a trained method must keep.
func TestWalk(t *testing.T) {
	method, err := models.Methods.Get("didd")
	if err != nil {
		t.Fatal(err)
	}
	plain := modelstest.Options{
		Settings: option.Values{"base": 8, "separate": 2, "train.batch": 4, "train.iterations": 4, "train.decay": 0.5, "train.learning_rate": 2e-3, "loss.zero": 0.1, "train.clip": 0.1},
		Learning: option.Values{"train.iterations": 1000},
		Change:   option.Values{"loss.confusion_hold": 0.75, "base": 4, "loss.zero_warmup": 100, "spectral_iterations": 3, "loss.confusion_target": "half"},
		Quiet:    map[string]string{},
	}
	plain.Quiet["code_side"] = "images of 16 pixels have codes of 2 x 2 places alone"
	plain.Quiet["cycle.decay"] = "it is of averages that are not there"
	plain.Quiet["cycle.fixed"] = "there are no edits"
	plain.Quiet["paste.weight"] = "it takes images of the common code alone"
	plain.Quiet["paste.start"] = "there are no composites"
	plain.Quiet["adversary.weight"] = "it takes swapped images"
	plain.Quiet["adversary.width"] = "no discriminator sees images"
	plain.Quiet["swap.kept"], plain.Quiet["swap.again"] = "it takes swapped images", "it takes swapped images"
	plain.Quiet["swap.cut"] = "there are no swapped images"
	plain.Quiet["region.mean"] = "no loss takes a region"
	for _, name := range []string{"region.variance", "region.margin", "region.alone", "region.hidden", "region.only", "region.weight", "region.bare"} {
		plain.Quiet[name] = "there is no region"
	}
	plain.Quiet["region.union"] = "it is of images with both separate codes, which training does not make"
	plain.Quiet["train.average_encoders"] = "nothing is averaged"
	plain.Quiet["cycle.common"] = "there are no edits"
	plain.Quiet["loss.alone_elsewhere"] = "there are no images of the common code alone"
	for _, o := range method.Options {
		if strings.HasPrefix(o.Name, "label.") && o.Name != "label.weight" {
			plain.Quiet[o.Name] = "it is of the classifier, which is not there"
		}
	}
	t.Run("plain", func(t *testing.T) {
		if err := modelstest.Method(method, plain); err != nil {
			t.Error(err)
		}
	})
	codes := plain
	codes.Quiet, codes.Settings, codes.Change = maps.Clone(plain.Quiet), maps.Clone(plain.Settings), maps.Clone(plain.Change)
	for _, name := range ofEdits {
		delete(codes.Quiet, name)
	}
	delete(codes.Quiet, "train.average_encoders")
	codes.Quiet["slots"] = "edits take own slots alone"
	maps.Copy(codes.Settings, option.Values{"loss.pin": 0.1, "loss.collapse": 0.1, "loss.edges": 0.1, "loss.alone": 0.1, "norm.separate": false, "loss.independence": 0.1, "loss.confusion": 0.1, "loss.confusion_hold": 0.9, "cycle.swap": 0.1, "cycle.removal": 0.1, "cycle.union": 0.1, "cycle.decay": 0.3, "paste.weight": 0.1, "paste.start": 0.5, "adversary.weight": 0.1, "adversary.width": 3, "swap.kept": 0.1, "swap.again": 0.02, "region.mean": 0.5, "region.variance": 0.5, "region.margin": 0, "region.alone": 0.5, "train.average": 0.5})
	codes.Change["loss.confusion_hold"], codes.Change["cycle.decay"] = 0.5, 0.1
	t.Run("codes", func(t *testing.T) {
		if err := modelstest.Method(method, codes); err != nil {
			t.Error(err)
		}
	})
	with := plain
	with.Quiet, with.Settings = map[string]string{"code_side": plain.Quiet["code_side"], "slots": "translation within a step takes own slots alone"}, maps.Clone(plain.Settings)
	for _, name := range append([]string{"region.union", "train.average_encoders"}, ofEdits...) {
		with.Quiet[name] = plain.Quiet[name]
	}
	maps.Copy(with.Settings, option.Values{"label.weight": 1.0, "label.warmup": 1, "label.ramp": 2, "label.norm": "separate", "label.entropy": 0.1, "label.information": 0.3, "label.conditional": true,
		"label.map": 16, "label.pseudo": 0.2, "label.refresh": 1, "label.translated": 0.3, "label.consistency": 0.1, "label.private": 0.1, "label.teacher": 0.3, "label.agreement": 0.5, "loss.confusion": 0.1, "loss.confusion_target": "reverse"})
	t.Run("labels", func(t *testing.T) {
		if err := modelstest.Method(method, with); err != nil {
			t.Error(err)
		}
	}) // Codes of more places under every loss, and a classifier that reads all places.
	places := codes
	places.Shape = domains.Shape{Channels: 3, Height: 32, Width: 32}
	places.Quiet, places.Settings, places.Change = map[string]string{}, maps.Clone(codes.Settings), option.Values{"code_side": 2}
	for _, o := range method.Options {
		places.Quiet[o.Name] = "other walks show it"
	}
	delete(places.Quiet, "code_side")
	maps.Copy(places.Settings, option.Values{"code_side": 4, "separate_noise": 0.02, "label.weight": 1.0, "label.pool": false})
	t.Run("places", func(t *testing.T) {
		if err := modelstest.Method(method, places); err != nil {
			t.Error(err)
		}
	})
}
