package registry

import (
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	r := New[int]("dataset")
	r.Add("usps", 2)
	r.Add("mnist", 1)
	for _, tt := range []struct{ name, err string }{
		{"mnist", ""},
		{"mnits", `unknown dataset "mnits"; did you mean "mnist"?`},
		{"celeba-hq", `unknown dataset "celeba-hq"; want one of mnist, usps`},
	} {
		v, err := r.Get(tt.name)
		if tt.err == "" && (err != nil || v != 1) {
			t.Errorf("%s: got %d, %v", tt.name, v, err)
		}
		if tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s: got error %v, want %s", tt.name, err, tt.err)
		}
	}
	if got := strings.Join(r.Names(), " "); got != "mnist usps" {
		t.Errorf("names %q, want sorted", got)
	}
}

// A name too short for any candidate to be near gets the list, not an empty hint.
func TestDidYouMean(t *testing.T) {
	for name, want := range map[string]string{"x": "; want one of mnist, usps", "uspss": `; did you mean "usps"?`, "": "; want one of mnist, usps"} {
		if got := DidYouMean(name, []string{"usps", "mnist"}); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTwiceStopsTheProgram(t *testing.T) {
	defer func() {
		msg, _ := recover().(string)
		if strings.Count(msg, "registry_test.go") != 2 {
			t.Errorf("panic %q does not name both places", msg)
		}
	}()
	r := New[int]("metric")
	r.Add("hsic", 1)
	r.Add("hsic", 2)
}
