package classifiers

import (
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/kept"
)

func TestOptions(t *testing.T) {
	text := ""
	for _, c := range adapt.Classifiers.All() {
		text += kept.Options("classifier "+c.Name, c.Options, c.Grid)
	}
	kept.Entries(t, "options.txt", text)
}
