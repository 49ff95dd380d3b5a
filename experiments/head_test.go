package experiments

import (
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// The name of a network is in the record where the method has an option of it.
func TestWord(t *testing.T) {
	o := option.Values{"backbone": "p-small", "steps": 3}
	for name, want := range map[string]string{"backbone": "p-small", "steps": "", "fit": ""} {
		equal(t, name, word(o, name), want)
	}
}
