package validators_test

import (
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/adapt/adapttest"
)

func TestValidators(t *testing.T) {
	for _, info := range adapt.Validators.All() {
		t.Run(info.Name, func(t *testing.T) {
			o := adapttest.ValidatorOptions{}
			switch info.Name {
			case "a-distance":
				o.AnyOrder = "it sees the adapted features, which CORAL makes without labels"
			case "snd":
				o.AnyOrder = "predictions that tell nothing apart have dense neighbourhoods, its known weakness"
			}
			if err := adapttest.Validator(info, o); err != nil {
				t.Error(err)
			}
		})
	}
}
