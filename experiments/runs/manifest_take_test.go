package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Lines of a manifest in every form that is one, and in forms that are not: the second with
// a number, a checksum or a part that is wrong.
func TestManifestLines(t *testing.T) {
	long := abc + "00"
	for _, tt := range []struct {
		text string
		ok   bool
		want string // files and seals
	}{
		{"label a b c", true, "map[] map[] a b c"},
		{"file 3 " + abc + " a b", true, "map[a b:3] map[] "},
		{"file 0 " + abc + " a", true, "map[a:0] map[] "},
		{"file -1 " + abc + " a", false, ""}, {"file x " + abc + " a", false, ""}, {"file 3 " + abc[1:] + " a", false, ""},
		{"file 3 " + long + " a", false, ""}, {"file 3 " + abc[2:] + " a", false, ""}, {"file 3 " + abc, false, ""}, {"file", false, ""},
		{"next 3 " + abc + " - - a b", true, "map[a b:3 new] map[] "},
		{"next 3 " + abc + " 4 " + abc + " a b", true, "map[a b:3 after 4] map[] "},
		{"next 3 " + abc + " 4 x a", false, ""}, {"next x " + abc + " 4 " + abc + " a", false, ""}, {"next x " + abc + " - - a", false, ""}, {"next 3 " + abc + " a", false, ""},
		{"next 3 " + abc + " 4 " + abc, false, ""},
		{"seal 40 3 " + abc + " metrics.jsonl", true, "map[] map[40:3] "},
		{"seal x 3 " + abc + " metrics.jsonl", false, ""}, {"seal 40 x " + abc + " metrics.jsonl", false, ""}, {"seal 40 3 " + abc, false, ""},
		{"seal 40 3 " + abc + " metrics", false, ""}, {"other 3", false, ""}, {"", false, ""},
	} {
		m := newManifest()
		ok := m.take(tt.text)
		if ok != tt.ok {
			t.Errorf("%q is read: %v", tt.text, ok)
		}
		if !tt.ok {
			continue
		}
		files, seals := map[string]string{}, map[int]int64{}
		for name, e := range m.files {
			files[name] = fmt.Sprint(e.now.Size)
			if e.absent {
				files[name] += " new"
			}
			if e.before != nil {
				files[name] += fmt.Sprint(" after ", e.before.Size)
			}
		}
		for step, s := range m.seals {
			seals[step] = s.Size
		}
		equal(t, tt.text, fmt.Sprint(files, " ", seals, " ", m.label), tt.want)
	}
}

// What is wrong with a file, by what is there and what was written.
func TestVerdicts(t *testing.T) {
	m, dir := newManifest(), t.TempDir()
	for _, name := range []string{"good", "short", "changed", "unlisted", "first", "second"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("abc"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	now, other := sumBytes([]byte("abc")), sumBytes([]byte("abd"))
	m.files["good"], m.files["changed"] = sealed{now: now}, sealed{now: other}
	m.files["short"] = sealed{now: atomicfile.Sum{Size: 7}}
	m.files["first"], m.files["second"] = sealed{now: now, before: &other}, sealed{now: other, before: &now}
	m.files["gone"], m.files["never"] = sealed{now: now}, sealed{now: now, absent: true}
	for name, want := range map[string]string{"good": "", "first": "", "second": "", "never": "", "elsewhere": "", "gone": "is missing", "unlisted": "is not in manifest.txt",
		"short":   "holds 3 bytes where 7 were written",
		"changed": fmt.Sprintf("was changed since it was written (SHA-256 %x then, %x now)", other.SHA256[:6], now.SHA256[:6])} {
		found, err := m.fault(dir, name)
		if err != nil || found != want {
			t.Errorf("%s: %q, %v; want %q", name, found, err, want)
		}
	}
	equal(t, "below", (&manifest{files: map[string]sealed{"codes/b": {}, "codes/a": {}, "codes": {}, "codesx": {}, "grids/a": {}}}).below("codes"), "[codes/a codes/b]")
	// Those that read a run say what to do about it.
	s := Sealed{dir, m}
	for name, want := range map[string]string{"gone": "is missing", "never": "is missing", "unlisted": "is not in manifest.txt", "short": "holds 3 bytes where 7 were written"} {
		message := "experiments: " + filepath.Join(dir, name) + ": " + want + "; `venn resume " + dir + "` makes it anew"
		if err := s.Check(name); fmt.Sprint(err) != message || !IsDamaged(err) {
			t.Errorf("check %s: %v, want %s", name, err, message)
		}
		if _, err := s.Read(name); fmt.Sprint(err) != message || !IsDamaged(err) {
			t.Errorf("read %s: %v, want %s", name, err, message)
		}
	}
	if data, err := s.Read("good"); string(data) != "abc" || err != nil || s.Check("good") != nil {
		t.Errorf("good: %q, %v", data, err)
	}
}

// The records of a training by whether they are there, and whether a step of it was sealed.
func TestSealedRecords(t *testing.T) {
	line := `{"step":4,"values":[]}` + "\n"
	for _, tt := range []struct{ file, seal, want string }{
		{"", "", "0 records"}, {line, line, "1 records"}, {"", line, "is missing; "}, {line, "", "is not in manifest.txt; "},
		{line + line, line, "holds 46 bytes where 23 were written; "}, {"x" + line[1:], line, "was changed since it was written "},
	} {
		s := Sealed{t.TempDir(), newManifest()}
		if tt.file != "" {
			if err := os.WriteFile(filepath.Join(s.dir, recordsName), []byte(tt.file), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if tt.seal != "" {
			s.m.seals[2], s.m.seals[4] = atomicfile.Sum{}, sumBytes([]byte(tt.seal))
		}
		records, err := s.records()
		got := fmt.Sprint(len(records), " records")
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "experiments: "+filepath.Join(s.dir, recordsName)+": ")
		}
		if !strings.HasPrefix(got, tt.want) || (err != nil) != IsDamaged(err) {
			t.Errorf("%q sealed as %q: %s, want %s", tt.file, tt.seal, got, tt.want)
		}
	}
}

// The head of a file is hashed alone; classes are those of the lock.
func TestSumHead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, []byte("abcdef"), 0o644); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int64]string{3: "abc", 0: "", 6: "abcdef", 60: "abcdef"} {
		if sum, err := sumHead(path, n); err != nil || sum != sumBytes([]byte(want)) {
			t.Errorf("head of %d: %v, %v", n, sum, err)
		}
	}
	if sum, err := sumFile(path); err != nil || sum.Size != 6 {
		t.Errorf("%v, %v", sum, err)
	}
	if step, ok := (&manifest{}).lastSeal(); step != 0 || ok {
		t.Errorf("no seals: %d, %v", step, ok)
	}
	if step, ok := (&manifest{seals: map[int]atomicfile.Sum{4: {}, 11: {}, 7: {}}}).lastSeal(); step != 11 || !ok {
		t.Errorf("the last of 4, 7, 11 is %d, %v", step, ok)
	}
	for text, want := range map[string]string{`{"classes": ["p", "q"]}`: "[p q]", `{"classes": []}`: "names no classes", `{`: "names no classes"} {
		if err := os.WriteFile(filepath.Join(dir, "data.lock.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		m := newManifest()
		m.files["data.lock.json"] = sealed{now: sumBytes([]byte(text))}
		classes, err := Sealed{dir, m}.Classes()
		if got := fmt.Sprint(classes, err); !strings.Contains(got, want) || (err == nil) != (want[0] == '[') {
			t.Errorf("%s: %s", text, got)
		}
	}
}
