package index

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/venn-adapt/venn/experiments/spec"
)

// What was read of a run's files comes back from the index as it was.
func FuzzFilesOfARun(f *testing.F) {
	f.Add([]byte("model: {method: didd}\nseeds: [3]\n"), []byte(`{"version": "v1"}`), []byte(scored(0.5)))
	f.Add([]byte("a: [1, {b: 2}]\n"), []byte("{}"), []byte(`{"format": 1, "adaptation": [{"name": "x", "inductive": {"accuracy": 1}}]}`))
	f.Add([]byte("domains: {a: {dataset: x, labelled: true}, b: {}}"), []byte("[]"), []byte("null"))
	x, err := open(":memory:")
	must(f, err)
	f.Fuzz(func(t *testing.T, resolved, environment, results []byte) {
		r := Run{Path: "/p", Spec: "s"}
		pairs := spec.Flat(resolved)
		r.options(pairs)
		_ = r.environment(environment) // what is wrong with them is told elsewhere
		_ = r.results(results)
		if r.Accuracy != nil && (math.IsNaN(*r.Accuracy) || math.IsInf(*r.Accuracy, 0)) {
			t.Fatal("an accuracy that is no number")
		}
		must(t, x.write([]reading{{&r, "stamp", pairs}}, []string{"/p"}))
		must(t, x.choose([]string{"/p"}))
		back, err := x.rows(`SELECT "`+joined+`" FROM runs WHERE path IN chosen`, nil)
		must(t, err)
		if len(back) != 1 {
			t.Fatalf("%d rows", len(back))
		}
		if a := back[0].Accuracy; (a == nil) != (r.Accuracy == nil) || a != nil && *a != *r.Accuracy {
			t.Errorf("accuracy %v, want %v", a, r.Accuracy)
		}
		back[0].Accuracy, r.Accuracy = nil, nil
		if back[0] != r {
			t.Errorf("%+v\nwant %+v", back[0], r)
		}
		last := map[string]string{}
		for _, p := range pairs {
			last[p.Path] = p.Text
		}
		for path, want := range last {
			got, err := x.Option(path)
			must(t, err)
			if got["/p"] != want {
				t.Errorf("%q: %q, want %q", path, got["/p"], want)
			}
		}
	})
}

// A condition is one line of what is wrong, or a question that SQLite understands.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"accuracy>=0.9", "age<2d", "a.b~'", `x"=1`, "seed!=1e999", "label=\x00"} {
		f.Add(s)
	}
	x, err := open(":memory:")
	must(f, err)
	must(f, x.choose(nil))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			return
		}
		clause, args, err := c.sql(time.Now().Unix())
		if err != nil {
			return
		}
		_, err = x.rows(`SELECT "`+joined+`" FROM runs WHERE `+clause, args)
		must(t, err)
	})
}

// No file can keep an index from being made, with or without its checksum.
func FuzzIndexFile(f *testing.F) {
	f.Add([]byte("SQLite format 3\x00"), []byte{})
	f.Add([]byte{}, []byte("venn index 1 "))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, data, sum []byte) {
		file := filepath.Join(t.TempDir(), "runs.sqlite")
		must(t, os.WriteFile(file, data, 0o644))
		must(t, os.WriteFile(file+".sum", sum, 0o644))
		found, err := list(t, file, Query{Paths: []string{folder}})
		if err != nil || len(found) != 0 {
			t.Errorf("%d runs, %v", len(found), err)
		}
	})
}
