package launch

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/venn-adapt/venn/experiments/runs"
)

// A SlurmSettings is what the user's settings say of their cluster; what is empty or 0 is
// left to the cluster. Texts are as sbatch takes them.
type SlurmSettings struct {
	Partition, Account, Time, Memory string
	CPUs                             int
	Width                            int           // tasks at work at a time
	Grace                            time.Duration // before the end of its time a task is told to make its checkpoint
	Lines                            []string      // more of the script: options of sbatch, modules to load
}

// mostTasks is the size of an array that a Slurm of usual settings takes.
const mostTasks = 1000

// A Script writes the array of jobs that does run directories.
type Script struct {
	SlurmSettings
	Name    string   // of the study
	Folder  string   // of the logs, absolute
	Here    string   // the working directory, absolute, to which data files of a spec may be relative
	Command []string // that does the run directory given after it
	Limits  runs.Limits
	Drop    []runs.Leaving
}

// For is the script that does these run directories, absolute, one a task.
func (s *Script) For(dirs []string) string {
	var b strings.Builder
	option := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "#SBATCH --%s=%s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString("#!/bin/bash\n")
	option("job-name", "venn-%s", s.Name)
	width := ""
	if s.Width > 0 {
		width = fmt.Sprintf("%%%d", s.Width)
	}
	option("array", "0-%d%s", len(dirs)-1, width)
	option("chdir", "%q", s.Here)
	option("output", "%q", strings.ReplaceAll(s.Folder, "%", "%%")+"/%A_%a.log")
	option("open-mode", "append")
	b.WriteString("#SBATCH --requeue\n")
	option("signal", "B:USR1@%d", int(s.Grace.Seconds()))
	for _, o := range []struct{ name, value string }{
		{"partition", s.Partition}, {"account", s.Account}, {"time", s.Time}, {"mem", s.Memory},
	} {
		if o.value != "" {
			option(o.name, "%s", o.value)
		}
	}
	if s.CPUs > 0 {
		option("cpus-per-task", "%d", s.CPUs)
	}
	for _, line := range s.Lines {
		b.WriteString(line + "\n")
	}
	b.WriteString("# One task a run directory. The folder of runs must lie on a file system that all nodes share.\n")
	fmt.Fprintf(&b, "export VENN_LIMITS_TIME=%s VENN_LIMITS_MEMORY=%gMiB VENN_LIMITS_SILENCE=%s VENN_LIMITS_DROP=%s\n",
		s.Limits.Time, float64(s.Limits.Memory)/(1<<20), s.Limits.Silence, Quote(strings.Trim(fmt.Sprint(s.Drop), "[]")))
	b.WriteString("jobs=(\n")
	for _, dir := range dirs {
		b.WriteString(Quote(dir) + "\n")
	}
	b.WriteString(")\nexec")
	for _, word := range s.Command {
		b.WriteString(" " + Quote(word))
	}
	b.WriteString(" \"${jobs[$SLURM_ARRAY_TASK_ID]}\"\n")
	return b.String()
}

// Scripts are those of all directories, as many tasks each as an array may have.
func (s *Script) Scripts(dirs []string) (out []string) {
	for len(dirs) > 0 {
		n := min(mostTasks, len(dirs))
		out, dirs = append(out, s.For(dirs[:n])), dirs[n:]
	}
	return out
}

// Quote writes a word as a shell reads it.
func Quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=,:+@%", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// LogFolder is where a study's logs and scripts of Slurm lie.
func LogFolder(runs, name string) string { return filepath.Join(runs, name, "slurm") }
