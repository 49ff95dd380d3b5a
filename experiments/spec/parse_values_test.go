package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/toy"
)

// Values of overrides and of other texts are read by the rules of a spec, at no line.
func TestParseValues(t *testing.T) {
	for text, want := range map[string]string{"7": "7 <nil>", "[1, {a: b}]": "[1 map[a:b]] <nil>", "x: 1\nx: 2": "<nil> s:2:1: x: given twice, first at line 1; want it once"} {
		v, err := ParseValue("s", text)
		equal(t, text, fmt.Sprint(v, err), want)
	}
	for override, want := range map[string]string{
		"title=!x": `a text that begins with ! needs quotes of YAML's, as in 'key="!text"'`, "title= %x": `a text that begins with % needs quotes of YAML's, as in 'key="%text"'`,
		"model={separate: 3, separate: 4}": "separate: given twice, first at line 1; want it once", "title=[": "not YAML: ", "=3": "want key.sub=value", "a..b=3": "want key.sub=value",
	} {
		if _, err := NewPlan(toyRequest(toy.Spec, override)); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("override %q: %s", override, want)) {
			t.Errorf("%s: %v, want %s", override, err, want)
		}
	}
	if p := mustPlan(t, toyRequest(toy.Spec, "title=  x y ")); p.Jobs[0].Spec.Title != "x y" {
		t.Errorf("title %q", p.Jobs[0].Spec.Title)
	}
	if _, err := NewPlan(toyRequest(toy.Spec, "nonsense", "model.separate=5", "=")); fmt.Sprint(err) != "override \"=\": want key.sub=value\noverride \"nonsense\": want key.sub=value" {
		t.Errorf("%v", err)
	}
}
