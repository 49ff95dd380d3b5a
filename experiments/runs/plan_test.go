package runs

import (
	"testing"

	"github.com/venn-adapt/venn/experiments/spec"
)

func toyRequest(text string, overrides ...string) spec.Request {
	return spec.Request{Source: "toy.yaml", Text: []byte(text), Overrides: overrides}
}

func mustPlan(t *testing.T, r spec.Request) *spec.Plan {
	t.Helper()
	p, err := spec.NewPlan(r)
	if err != nil {
		t.Fatalf("plan:\n%v", err)
	}
	return p
}
