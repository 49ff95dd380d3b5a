package runs

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/models"
)

// The version is the module's, or the revision's first twelve digits with a mark of changes.
func TestVersionOf(t *testing.T) {
	set := func(revision, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}, {Key: "GOOS", Value: "true"}}
	}
	for _, tt := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", set("0123456789abcdef", "true"), "v1.2.3"},
		{"(devel)", set("0123456789abcdef", "true"), "devel-0123456789ab+changed"},
		{"", set("0123456789abcdef", "false"), "devel-0123456789ab"},
		{"(devel)", set("0123", "false"), "devel-0123"},
		{"", nil, "devel"},
	} {
		if got := versionOf(&debug.BuildInfo{Main: debug.Module{Version: tt.version}, Settings: tt.settings}); got != tt.want {
			t.Errorf("%s with %v is %s, want %s", tt.version, tt.settings, got, tt.want)
		}
	}
}

// This program has a version.
func TestVersion(t *testing.T) {
	if v := Version(); !strings.HasPrefix(v, "devel") && !strings.HasPrefix(v, "v") {
		t.Errorf("version %q", v)
	}
}

// An environment is this one, and what differs in another is told by name.
func TestEnvironment(t *testing.T) {
	threads := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(threads)
	e := ThisEnvironment()
	equal(t, "threads of the system", fmt.Sprint(e.GOMAXPROCS, runtime.GOMAXPROCS(0)), "3 3")
	equal(t, "this", fmt.Sprint(e.Go, e.System, e.GOMAXPROCS, e.Threads, e.Engine, e.Evaluation),
		fmt.Sprint(runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, runtime.GOMAXPROCS(0), parallel.Threads(), models.EngineVersion, spec.EvaluationVersion))
	if cpuinfo, err := os.ReadFile("/proc/cpuinfo"); err == nil && strings.Contains(string(cpuinfo), "model name") {
		_, rest, _ := strings.Cut(string(cpuinfo), "model name")
		name, _, _ := strings.Cut(rest, "\n")
		equal(t, "processor", e.Processor, strings.TrimSpace(name[strings.Index(name, ":")+1:]))
		for _, f := range []string{"avx2", "fma", "avx512f"} {
			equal(t, f, slices.Contains(e.Features, f), strings.Contains(string(cpuinfo), " "+f+" "))
		}
	}
	x := Environment{Version: "1", Go: "2", System: "3", Processor: "4", Features: []string{"5", "6"}, GOMAXPROCS: 7}
	equal(t, "no difference", x.Differences(x), "[]")
	y := Environment{Version: "a", Go: "b", System: "c", Processor: "d", GOMAXPROCS: 8}
	equal(t, "differences", strings.Join(x.Differences(y), "; "), "version: 1 then, a now; go: 2 then, b now; system: 3 then, c now; processor: 4 then, d now; features: 5 6 then,  now")
}
