package adapters

import (
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/kept"
)

func TestOptions(t *testing.T) {
	text := ""
	for _, a := range adapt.Adapters.All() {
		text += kept.Options(fmt.Sprintf("adapter %s, own %t, transductive %t", a.Name, a.Own, a.Transductive), a.Options, a.Grid)
	}
	kept.Entries(t, "options.txt", text)
}
