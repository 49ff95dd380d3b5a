package experiments

import (
	"testing"

	"github.com/venn-adapt/venn/metrics"
)

// The measures that take a network are there, each under its own name.
func TestMeasuresOfNetworks(t *testing.T) {
	for _, name := range []string{"club", "infonce", "mine", "nwj", "smile"} {
		d, err := metrics.Measures.Get(name)
		if err != nil || d.Name != name || d.Compute == nil {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}
