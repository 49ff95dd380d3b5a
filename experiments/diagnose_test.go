package experiments

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// An own separate code that is the same for every image is told as one that carries
// nothing, in numbers that JSON can hold.
func TestDiagnosisOfEmptyCodes(t *testing.T) {
	dir, _, _ := openToy(t)
	block := func(role models.Role, d int, value func(i int) float32) *models.Block {
		b := models.NewBlock(role, 5, d, 1)
		for i := range b.Data {
			b.Data[i] = value(i)
		}
		return b
	}
	flat := func(int) float32 { return 0 }
	codes := models.Codes{block(models.Common, 3, func(i int) float32 { return float32(i * i % 7) }), block(models.SeparateA, 2, flat), block(models.SeparateB, 2, flat)}
	w := &job{dir: dir, results: &reports.Results{}}
	if err := w.diagnose(&splitCodes{{codes, codes}, {codes, codes}}); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range w.results.Diagnosis {
		if strings.HasPrefix(c.Name, "variance of separate code") {
			found++
			if c.OK || c.Value != 1 {
				t.Errorf("%s is %v, ok %v", c.Name, c.Value, c.OK)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d checks of variance, want 2", found)
	}
	if _, err := json.Marshal(w.results); err != nil {
		t.Error(err)
	}
}
