package spec

import (
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
)

// A name may have a hundred letters; a job is named by twelve hexadecimal digits.
func TestNames(t *testing.T) {
	for n, good := range map[int]bool{100: true, 101: false} {
		plan, err := NewPlan(toyRequest(strings.Replace(toy.Spec, "name: toy", "name: "+strings.Repeat("x", n), 1)))
		if (err == nil) != good {
			t.Errorf("%d letters: %v", n, err)
		}
		if good && (len(plan.Jobs[0].ID) != 12 || strings.Trim(plan.Jobs[0].ID, "0123456789abcdef") != "") {
			t.Errorf("job %s", plan.Jobs[0].ID)
		}
	}
}
