package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// venn new writes into a checkout and says what; names that are taken, kinds that there are
// not and places that are no checkout are one line.
func TestNew(t *testing.T) {
	sandbox(t)
	for _, folder := range []string{"docs", "adapt/adapters"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "docs/extending.md", "# Extending\n")
	code, out, _ := venn("new", "adapter", "my-own")
	if code != exitOK || out != "adapt/adapters/my_own.go\nadapt/adapters/my_own_test.go\nit works as it stands: go test ./adapt/adapters; then put your own idea in the place of the example\n" {
		t.Errorf("%d: %s", code, out)
	}
	if _, err := os.Stat(filepath.Join("adapt", "adapters", "my_own_test.go")); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"new", "adapter", "coral"}, exitUsage, `new: adapter "coral" is there already`},
		{[]string{"new", "evaluation", "accuracy"}, exitUsage, `new: evaluation "accuracy" is there already`},
		{[]string{"new", "adapter", "My"}, exitUsage, "want small letters"},
		{[]string{"new", "adaptor", "x"}, exitUsage, `did you mean "adapter"`},
		{[]string{"new", "adapter"}, exitUsage, "1 arguments, want a kind (adapter|dataset|evaluation|method|metric) and a name"},
		{[]string{"new", "adapter", "my-own"}, exitFailed, "adapt/adapters/my_own.go is there already"},
		{[]string{"new", "adapter", "x", "--dir", "nowhere"}, exitFailed, "no checkout of Venn's source"},
	} {
		code, _, stderr := venn(tt.args...)
		if code != tt.code || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: %d, %s; want %d, %s", tt.args, code, stderr, tt.code, tt.want)
		}
	}
	code, out, _ = venn("list", "evaluations")
	if code != exitOK || !strings.Contains(out, "network\n    accuracy of the model's own classifier") {
		t.Errorf("%d: %s", code, out)
	}
}
