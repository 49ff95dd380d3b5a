package spec

import (
	"fmt"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
)

// Flat gives back what a job was resolved to, key by key, and reads what no schema knows.
func TestFlat(t *testing.T) {
	plan, err := NewPlan(Request{Text: []byte(toy.Spec), Overrides: []string{`model.train.note="a \"b\": c"`}})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range plan.Jobs {
		text, err := j.ResolvedYAML()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, p := range Flat(text) {
			got[p.Path] = p.Text
		}
		equal(t, "seed", got["seeds"], fmt.Sprintf("[%d]", j.Seed))
		equal(t, "keys", len(got), len(j.Spec.Parameters))
		for _, p := range j.Spec.Parameters {
			want, word := p.Value.(string)
			if !word {
				want = compact(p.Value)
			}
			if p.Path != "seeds" && got[p.Path] != want {
				t.Errorf("%s: %q, want %q", p.Path, got[p.Path], want)
			}
		}
	}
	equal(t, "another program's", Flat([]byte("a: {b: x, c: [1, {d: 2.50}]}\ne: true\nf: {}\n")), `[{a.b x} {a.c [1,{"d":2.5}]} {e true} {f {}}]`)
	for _, text := range []string{"", "a", "- 1", "a: [", "a: 1\na: 2", "{}"} {
		equal(t, text, len(Flat([]byte(text))), 0)
	}
}
