package runs

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/models"
)

// An Environment is where a run was made. It holds no times.
type Environment struct {
	Version    string   `json:"version"` // of the program: module version, or revision of the checkout
	Go         string   `json:"go"`
	System     string   `json:"system"`    // "linux/amd64"
	Processor  string   `json:"processor"` // model name; empty where the system does not say
	Features   []string `json:"features"`  // of the processor, those that kernels ask for
	GOMAXPROCS int      `json:"gomaxprocs"`
	Threads    int      `json:"threads"` // workers of a kernel
	Engine     int      `json:"engine_version"`
	Evaluation int      `json:"evaluation_version"`
}

// ThisEnvironment describes the running program.
func ThisEnvironment() Environment {
	return Environment{
		Version: Version(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Processor: Processor(), Features: features(),
		GOMAXPROCS: runtime.GOMAXPROCS(0), Threads: parallel.Threads(),
		Engine: models.EngineVersion, Evaluation: spec.EvaluationVersion,
	}
}

// Version is the version of the program: the module's, or "devel" with the
// revision it was built from, marked when files had changed.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	switch {
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	case revision == "":
		return "devel"
	}
	return "devel-" + revision[:min(12, len(revision))] + changed
}

func features() []string {
	out := []string{}
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA}, {"avx512f", cpu.X86.HasAVX512F},
		{"avx512vl", cpu.X86.HasAVX512VL}, {"avx512dq", cpu.X86.HasAVX512DQ}, {"asimd", cpu.ARM64.HasASIMD},
	} {
		if f.has {
			out = append(out, f.name)
		}
	}
	return out
}

// Processor is the model name that Linux gives; other systems give none here.
func Processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Differences lists what differs in another environment and may move results.
func (e Environment) Differences(other Environment) []string {
	var out []string
	for _, d := range []struct{ name, was, is string }{
		{"version", e.Version, other.Version}, {"go", e.Go, other.Go}, {"system", e.System, other.System},
		{"processor", e.Processor, other.Processor},
		{"features", strings.Join(e.Features, " "), strings.Join(other.Features, " ")},
	} {
		if d.was != d.is {
			out = append(out, fmt.Sprintf("%s: %s then, %s now", d.name, d.was, d.is))
		}
	}
	return out
}
