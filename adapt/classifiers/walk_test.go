package classifiers_test

import (
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/adapt/adapttest"
)

func TestClassifiers(t *testing.T) {
	for _, info := range adapt.Classifiers.All() {
		t.Run(info.Name, func(t *testing.T) {
			if err := adapttest.Classifier(info, adapttest.ClassifierOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}
