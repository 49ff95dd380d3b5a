package experiments

import (
	"os"
	"strings"
	"sync"
	"testing"
)

// The runs of the known domains that several tests look at, by their overrides.
var known struct {
	sync.Mutex
	dir  string
	runs map[string]knownRun
}

// forgetKnown removes them, when all tests have ended.
func forgetKnown() {
	if known.dir != "" {
		os.RemoveAll(known.dir)
	}
}

// runUndrawn is a known run of domains of which nothing is known but images and labels: without
// the matrix of leakage and exact translations, which take most of a run's time.
func runUndrawn(t *testing.T, overrides ...string) knownRun {
	t.Helper()
	return runKnown(t, append([]string{"domains.a.drawn=false", "domains.b.drawn=false"}, overrides...)...)
}

// runKnown is the finished run of the known study under some overrides. Nobody changes it.
func runKnown(t *testing.T, overrides ...string) knownRun {
	t.Helper()
	known.Lock()
	defer known.Unlock()
	if known.dir == "" {
		dir, err := os.MkdirTemp("", "venn-known-")
		if err != nil {
			t.Fatal(err)
		}
		known.dir, known.runs = dir, map[string]knownRun{}
	}
	key := strings.Join(overrides, " ")
	run, ok := known.runs[key]
	if !ok {
		dir, err := os.MkdirTemp(known.dir, "run-")
		if err != nil {
			t.Fatal(err)
		}
		run = newKnownRun(t, dir, overrides...)
		known.runs[key] = run
	}
	return run
}

// TestMain removes the known runs when all tests have ended.
func TestMain(m *testing.M) {
	code := m.Run()
	forgetKnown()
	os.Exit(code)
}
