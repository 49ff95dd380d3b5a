package deep

import (
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

// Predictions that are never sure leave source-only's network, bit for bit: the source is seen
// as it is, and the weak pass leaves nothing behind.
func TestUnsureFixMatchIsSourceOnly(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		_, m, _ := newTrained(t, "fixmatch", source, option.Values{"confidence": 1.0, "smoothing": 0.0, "train.iterations": 5000, "train.learning_rate": 1e-3})
		want := newOf(t, "source-only", source, nil)
		for step := range 20 {
			if _, err := m.Step(step, batchOf(source, step)); err != nil {
				t.Fatal(err)
			}
			if _, err := want.Step(step, batchOf(source, step)); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range want.Parameters().All() {
			if !slices.Equal(p.Data, m.Parameters().Get(p.Name).Data) {
				t.Errorf("from %s: %s differs from source-only's", source, p.Name)
			}
		}
	}
}

func TestFixMatchResumes(t *testing.T) {
	for _, stop := range []int{1, 6} {
		killedAndResumed(t, "fixmatch", stop, option.Values{"backbone": "p-small-bn", "confidence": 0.0, "train.batch": 4})
	}
}

func TestFixMatchRefuses(t *testing.T) {
	_, m, _ := newTrained(t, "fixmatch", domains.A, nil)
	if _, err := m.Step(0, only(batchOf(domains.A, 0), domains.A)); err == nil || !strings.HasPrefix(err.Error(), "models: fixmatch: a batch without images of both domains") {
		t.Errorf("a batch of one domain: %v", err)
	}
}
