package kept

import (
	"os"
	"strings"
	"testing"
)

// A recorder notes the faults of a test.
type recorder struct {
	testing.TB
	faults []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Errorf(_ string, args ...any) { r.faults = append(r.faults, args[1].(string)) }

// An entry that changed or is gone is told; one that was added is not.
func TestEntries(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	file := "one\n  a: 1\n  b: 2\ntwo\nthree\n  c: 3\n"
	if err := os.WriteFile("testdata/x.txt", []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		file:                                      "",
		"new\n  z: 1\n" + file + "last\n":         "",
		strings.Replace(file, "a: 1", "a: 2", 1):  "one\n  a: 1\n  b: 2\n",
		strings.Replace(file, "two\n", "", 1):     "two\n",
		strings.Replace(file, "  c: 3\n", "", 1):  "three\n  c: 3\n",
		strings.Replace(file, "c: 3", "c: 33", 1): "three\n  c: 3\n",
	} {
		r := &recorder{TB: t}
		Entries(r, "x.txt", got)
		if strings.Join(r.faults, "|") != want {
			t.Errorf("%q: faults %q, want %q", got, r.faults, want)
		}
	}
}
