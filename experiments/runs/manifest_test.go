package runs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// The SHA-256 of "abc", from FIPS 180-4.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// The form of the file is written down here by hand: another version of the program
// reads what this one wrote.
func TestManifestForm(t *testing.T) {
	m := newManifest()
	m.label = "model.separate=4 seed=0"
	a, b := sumBytes([]byte("abc")), sumBytes(nil)
	m.files["results.json"] = sealed{now: a}
	m.files["codes/x.npy"] = sealed{now: b, before: &a}
	m.files["grids/y.npy"] = sealed{now: a, absent: true}
	m.seals[40] = a
	empty := fmt.Sprintf("%x", sha256.Sum256(nil))
	want := ""
	for _, line := range []string{
		"venn manifest 1", "label model.separate=4 seed=0",
		"next 0 " + empty + " 3 " + abc + " codes/x.npy", "next 3 " + abc + " - - grids/y.npy",
		"file 3 " + abc + " results.json", "seal 40 3 " + abc + " metrics.jsonl",
	} {
		sum := sha256.Sum256([]byte(line))
		want += hex.EncodeToString(sum[:8]) + " " + line + "\n"
	}
	if got := string(m.encode()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if d := cmp.Diff(m, parseManifest([]byte(want)), cmp.AllowUnexported(manifest{}, sealed{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("read back (-wrote +read):\n%s", d)
	}
}

// Every single bit of a manifest that is flipped is seen, and costs two entries at most:
// those of a line end that is gone.
func TestManifestFlips(t *testing.T) {
	m := newManifest()
	for _, name := range []string{"a", "b", "c"} {
		m.files[name] = sealed{now: sumBytes([]byte(name))}
	}
	m.seals[4] = sumBytes([]byte("records"))
	text := m.encode()
	if got := parseManifest(text); len(got.faults) > 0 || len(got.files) != 3 || len(got.seals) != 1 {
		t.Fatalf("as written: %+v", got)
	}
	for i := range 8 * len(text) {
		bent := slices.Clone(text)
		bent[i/8] ^= 1 << (i % 8)
		got := parseManifest(bent)
		if len(got.faults) == 0 || len(got.files)+len(got.seals) < 2 {
			t.Fatalf("bit %d: %d files, %d seals, faults %q", i, len(got.files), len(got.seals), got.faults)
		}
		for name, entry := range got.files {
			if entry.now != m.files[name].now {
				t.Fatalf("bit %d: another entry for %q", i, name)
			}
		}
	}
	for _, tt := range []struct{ text, want string }{
		{"", `no line "venn manifest 1"`},
		{string(text[:len(text)-1]), "line 6 is damaged"},
		{string(text) + lineSum([]byte("file 3 x y")) + " file 3 x y\n", "line 7 is no entry"},
		{string(text) + lineSum([]byte("seal 4 3 "+abc+" other")) + " seal 4 3 " + abc + " other\n", "line 7 is no entry"},
		{string(text) + lineSum([]byte("file -3 "+abc+" y")) + " file -3 " + abc + " y\n", "line 7 is no entry"},
	} {
		if got := parseManifest([]byte(tt.text)).faults; len(got) != 1 || got[0] != tt.want {
			t.Errorf("%.40q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	m := newManifest()
	m.files["a"] = sealed{now: sumBytes([]byte("a")), absent: true}
	m.seals[1] = sumBytes(nil)
	f.Add(m.encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		m := parseManifest(data)
		if len(m.faults) > 0 {
			return
		}
		again := parseManifest(m.encode())
		if !maps.EqualFunc(m.files, again.files, func(a, b sealed) bool { return a.now == b.now }) || !maps.Equal(m.seals, again.seals) {
			t.Errorf("read %+v, written and read again %+v", m, again)
		}
	})
}

// A kill between the manifest and the file leaves what was before or nothing; a kill
// after it what was to come. Neither is damage, and anything else is.
func TestKillIsNotDamage(t *testing.T) {
	old, next, other := "what was before", "what is to come", "what is neither"
	for _, tt := range []struct {
		name          string
		before, there *string // nil: no file
		want          string
	}{
		{"first writing, killed before", nil, nil, ""},
		{"first writing, killed after", nil, &next, ""},
		{"first writing, damaged", nil, &other, "was changed since it was written"},
		{"rewriting, killed before", &old, &old, ""},
		{"rewriting, killed after", &old, &next, ""},
		{"rewriting, damaged", &old, &other, "was changed since it was written"},
		{"rewriting, removed", &old, nil, "is missing"},
	} {
		dir := t.TempDir()
		a := &account{dir: dir, m: newManifest()}
		path := dir + "/results.json"
		if tt.before != nil {
			a.m.files["results.json"] = sealed{now: sumBytes([]byte(*tt.before))}
		}
		if err := a.Ahead(path, sumBytes([]byte(next))); err != nil {
			t.Fatal(err)
		}
		if tt.there != nil {
			if err := os.WriteFile(path, []byte(*tt.there), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		m, err := readManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := m.fault(dir, "results.json"); err != nil || !strings.HasPrefix(found, tt.want) || tt.want == "" && found != "" {
			t.Errorf("%s: read as %q, %v; want %q", tt.name, found, err, tt.want)
		}
		b := &account{dir: dir, m: m}
		if err := b.settle(); err != nil {
			t.Fatal(err)
		}
		if found, err := b.m.fault(dir, "results.json"); err != nil || !strings.HasPrefix(found, tt.want) || tt.want == "" && found != "" {
			t.Errorf("%s: settled as %q, %v; want %q", tt.name, found, err, tt.want)
		}
		entry, listed := b.m.files["results.json"]
		if entry.before != nil || entry.absent || listed != (tt.there != nil || tt.before != nil) {
			t.Errorf("%s: settled as %+v, listed %v", tt.name, entry, listed)
		}
	}
}

// What the program writes is listed, whichever part of it writes; what no later step
// reads is not, and what is removed goes before the file does.
func TestAccount(t *testing.T) {
	dir, _, _ := openToy(t)
	listed := func() string {
		m, err := readManifest(dir.Path)
		if err != nil || len(m.faults) > 0 {
			t.Fatal(m, err)
		}
		return strings.Join(slices.Sorted(maps.Keys(m.files)), " ")
	}
	const begun = "env.json resolved.yaml spec.yaml"
	if got := listed(); got != begun {
		t.Errorf("a new run lists %s", got)
	}
	for _, folder := range []string{"progress", "grids"} {
		if err := os.Mkdir(dir.File(folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := atomicfile.WriteBytes(dir.File(folder, "x"), []byte("abc")); err != nil {
			t.Fatal(err)
		}
	}
	if got := listed(); got != "env.json grids/x resolved.yaml spec.yaml" {
		t.Errorf("after a grid: %s", got)
	}
	if sum, ok := sumOf(dir.Path, "grids/x"); !ok || sum.Size != 3 || fmt.Sprintf("%x", sum.SHA256) != abc {
		t.Errorf("grids/x is listed as %x", sum)
	}
	if err := atomicfile.Remove(dir.File("grids", "x")); err != nil {
		t.Fatal(err)
	}
	if got := listed(); got != begun {
		t.Errorf("after removing: %s", got)
	}
	// A folder that went away, or another in its place, is written to no more.
	for _, replace := range []bool{false, true} {
		if err := os.RemoveAll(dir.Path); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir.Path, 0o755); err != nil {
			t.Fatal(err)
		}
		if replace {
			if err := os.WriteFile(dir.File(manifestName), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		err := dir.SetStatus(Status{State: Done})
		if err == nil || err.Error() != "experiments: "+dir.Path+": "+errRemoved.Error() {
			t.Errorf("replaced %v: %v", replace, err)
		}
		if _, err := os.Stat(dir.File("status.json")); err == nil {
			t.Errorf("replaced %v: a status was written", replace)
		}
	}
}

func TestCheckpointStep(t *testing.T) {
	for name, want := range map[string]int{"checkpoints/step-000000040.safetensors": 40, "checkpoints/step-x.safetensors": -1, "codes/step-000000040.safetensors": -1, "checkpoints/step-1.npy": -1} {
		if step, ok := checkpointStep(name); ok != (want >= 0) || ok && step != want {
			t.Errorf("%s: step %d, %v", name, step, ok)
		}
	}
}
