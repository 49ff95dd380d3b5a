package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
)

func newCompare(a *app) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:     "compare NAME|PATH ...",
		Short:   "put finished runs beside the published figures of their benchmark; exit 4 where one did not come back",
		Example: "  venn compare office-caltech-surf",
		Args:    atLeast(1, "the name of a spec that ran, a run directory or a folder of runs"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.compare(o, args) },
	}
	cmd.Flags().BoolVar(&o.tasks, "tasks", false, "show every task, not only averages")
	cmd.Flags().BoolVar(&o.json, "json", false, "print as JSON")
	cmd.Flags().StringVarP(&o.out, "out", "o", "", "folder for compare.md, compare.tex and compare.csv, with every task")
	return cmd
}

type compareOptions struct {
	tasks, json bool
	out         string
}

func (a *app) compare(o compareOptions, args []string) error {
	found, err := a.findRuns(args)
	if err != nil {
		return err
	}
	dirs := make([]string, len(found))
	for i, r := range found {
		dirs[i] = r.Path
	}
	runs, missing, err := experiments.Collect(dirs)
	if err != nil {
		return err
	}
	for _, m := range missing {
		fmt.Fprintf(a.err, "venn: left out of the comparison: %s\n", m)
	}
	if len(runs) == 0 {
		return usage("compare: no finished runs; want the name of a spec that ran, as in: venn compare office-caltech-surf")
	}
	compared, err := reports.Compare(runs)
	if err != nil {
		return usageError{err}
	}
	if o.out != "" {
		if err := writeComparison(o.out, reports.CompareTable(compared, true)); err != nil {
			return err
		}
	}
	if o.json {
		err = a.printJSON(comparisonRecords(compared))
	} else {
		err = reports.CompareTable(compared, o.tasks).Terminal(a.out)
	}
	if err != nil {
		return err
	}
	missed := 0
	for _, c := range compared {
		if c.Missed() {
			missed++
			fmt.Fprintf(a.err, "venn: missed: %s of %s: published %.2f, here %.2f\n", c.Method, c.Source, c.Average.Claim.Percent, c.Average.Here)
		}
	}
	if missed > 0 {
		return exitError(exitTolerance)
	}
	return nil
}

func writeComparison(dir string, t *reports.Table) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := t.CSV()
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"compare.md": t.Markdown(), "compare.tex": t.LaTeX(), "compare.csv": text} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// A comparisonRecord is a comparison as --json prints it.
type comparisonRecord struct {
	Benchmark string          `json:"benchmark"`
	Method    string          `json:"method"`
	Source    string          `json:"source"`
	Task      string          `json:"task"`
	Here      string          `json:"method_here,omitempty"`
	Published float64         `json:"published_percent"`
	Percent   *float64        `json:"percent,omitempty"`
	Verdict   reports.Verdict `json:"verdict"`
	Remark    string          `json:"remark,omitempty"`
}

func comparisonRecords(compared []reports.ComparedTable) []comparisonRecord {
	out := []comparisonRecord{}
	for _, t := range compared {
		for _, c := range append(append([]reports.Comparison{}, t.Tasks...), t.Average) {
			r := comparisonRecord{Benchmark: c.Claim.Benchmark, Method: t.Method, Source: t.Source, Task: c.Claim.Task, Here: c.Name,
				Published: c.Claim.Percent, Verdict: c.Verdict, Remark: c.Remark}
			if !math.IsNaN(c.Here) {
				r.Percent = &c.Here
			}
			out = append(out, r)
		}
	}
	return out
}
