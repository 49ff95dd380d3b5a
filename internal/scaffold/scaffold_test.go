package scaffold

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the checkout that this test is part of.
const root = "../.."

// What is written compiles, passes its test with the walk of its kind, and needs no other
// change: it is laid over the sources without touching them.
func TestWhatIsMadeWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and tests every kind: not with -short")
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	packages, tests := []string{}, []string{}
	for _, kind := range Kinds() {
		name := "made-" + kind
		files, err := New(kind, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if formatted, err := format.Source(f.Text); err != nil || string(formatted) != string(f.Text) {
				t.Errorf("%s is not as gofmt writes it (%v)", f.Path, err)
			}
			path := filepath.Join(dir, strings.ReplaceAll(f.Path, "/", "_"))
			if err := os.WriteFile(path, f.Text, 0o644); err != nil {
				t.Fatal(err)
			}
			overlay.Replace[filepath.Join(top, f.Path)] = path
		}
		packages = append(packages, "./"+filepath.Dir(files[0].Path))
		tests = append(tests, "Made"+strings.ToUpper(kind[:1])+kind[1:])
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", append([]string{"test", "-json", "-overlay", path, "-run", strings.Join(tests, "|")}, packages...)...)
	run.Dir = root
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range tests {
		if !strings.Contains(string(out), `"Action":"pass"`) || !strings.Contains(string(out), test+`","Elapsed"`) {
			t.Errorf("no test of %s was run:\n%.2000s", test, out)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range [][3]string{
		{"metod", "x", `scaffold: unknown kind "metod"; did you mean "method"?`},
		{"method", "My", `scaffold: name "My", want small letters`}, {"method", "a--b", "want small letters"}, {"method", "", "want small letters"}, {"method", "../x", "want small letters"}, {"method", "1a", "want small letters"},
	} {
		if _, err := New(tt[0], tt[1]); err == nil || !strings.Contains(err.Error(), tt[2]) {
			t.Errorf("%v: %v", tt, err)
		}
	}
}

// Writing adds the files and a line of the docs, and never overwrites.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	files, err := New("adapter", "my-own")
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "adapter", "my-own", files); err == nil || !strings.Contains(err.Error(), "no checkout of Venn's source") {
		t.Errorf("outside a checkout: %v", err)
	}
	for _, folder := range []string{"docs", "adapt/adapters"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, docs), []byte("# Extending\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "adapter", "my-own", files); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "adapter", "my-own", files); err == nil || err.Error() != "scaffold: adapt/adapters/my_own.go is there already; choose another name" {
		t.Errorf("a second time: %v", err)
	}
	again, err := New("adapter", "other")
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "adapter", "other", again); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, docs))
	if want := "# Extending\n\n## Extensions in this checkout\n\n* adapter `my-own`: adapt/adapters/my_own.go\n* adapter `other`: adapt/adapters/other.go\n"; err != nil || string(page) != want {
		t.Errorf("%v: %q, want %q", err, page, want)
	}
	text, err := os.ReadFile(filepath.Join(dir, "adapt/adapters/my_own.go"))
	if err != nil || string(text) != string(files[0].Text) || !strings.Contains(string(text), `Adapters.Add("my-own"`) {
		t.Errorf("%v: %s", err, text)
	}
}
