package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/published"
	"github.com/venn-adapt/venn/reports/render"
)

func newCompare(a *app) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:     "compare [NAME|PATH ...]",
		Short:   "put finished runs beside the published figures of their benchmark; exit 4 where one did not come back",
		Example: "  venn compare office-caltech-surf\n  venn compare --reference digits-deep,digits-deep-um my-study\n  venn compare rivals-shapes --tasks",
		RunE:    func(_ *cobra.Command, args []string) error { return a.compare(o, args) },
	}
	referenceFlag(cmd, &o.reference)
	cmd.Flags().BoolVar(&o.tasks, "tasks", false, "show every task, not only averages")
	cmd.Flags().BoolVar(&o.json, "json", false, "print as JSON")
	cmd.Flags().StringVar(&o.csv, "csv", "", "file for all that is known of every task and average, as CSV")
	cmd.Flags().StringVarP(&o.out, "out", "o", "", "folder for compare.md, compare.tex and compare.csv, with every task")
	return cmd
}

type compareOptions struct {
	tasks, json bool
	out, csv    string
	reference   []string
}

func (a *app) compare(o compareOptions, args []string) error {
	if len(args)+len(o.reference) == 0 {
		return usage("compare: want the name of a spec that ran, a run directory, a folder of runs or --reference STUDY")
	}
	finished, own, err := a.recordsOf("compare", o.reference, args)
	if err != nil {
		return err
	}
	finished = reports.Chosen(append(finished, own...))
	if slices.ContainsFunc(finished, func(r reports.Run) bool { return published.Translates(r.Results) }) {
		return a.compareTranslations(o, finished)
	}
	compared, err := published.Compare(finished)
	if err != nil {
		return usageError{err}
	}
	if err := o.write(published.CompareTable(compared, true), published.CompareWhole(compared)); err != nil {
		return err
	}
	if o.json {
		err = a.printJSON(comparisonRecords(compared))
	} else {
		err = published.CompareTerminal(a.out, compared, o.tasks)
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

// compareTranslations puts guided translations of 3D Shapes beside the published ones.
func (a *app) compareTranslations(o compareOptions, runs []reports.Run) error {
	rows, err := published.CompareTranslations(runs)
	if err != nil {
		return usageError{err}
	}
	table := published.TranslationTable(rows, true)
	if err := o.write(table, table); err != nil {
		return err
	}
	if o.json {
		return a.printJSON(published.NewTranslationList(rows))
	}
	return published.TranslationTerminal(a.out, rows, o.tasks)
}

// write writes the table of a page and all that is known of it, where they are asked for.
func (o compareOptions) write(page, whole *reports.Table) error {
	files := map[string][]byte{}
	text, err := render.CSV(whole)
	if err != nil {
		return err
	}
	if o.csv != "" {
		files[o.csv] = text
	}
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
		for name, data := range map[string][]byte{"compare.md": render.Markdown(page), "compare.tex": render.LaTeX(page), "compare.csv": text} {
			files[filepath.Join(o.out, name)] = data
		}
	}
	for path, data := range files {
		if err := atomicfile.WriteBytes(path, data); err != nil {
			return err
		}
	}
	return nil
}

// A comparisonList is what --json prints.
type comparisonList struct {
	Comparisons []comparisonRecord `json:"comparisons"`
	Counts      published.Tally    `json:"counts"`
}

// A comparisonRecord is a comparison as --json prints it; what is not known is null, and the remark says why.
type comparisonRecord struct {
	Benchmark string            `json:"benchmark"`
	Method    string            `json:"method"`
	Source    string            `json:"source"`
	Certainty string            `json:"certainty"`
	Task      string            `json:"task"`
	Here      string            `json:"method_here,omitempty"`
	Published *float64          `json:"published_percent"`
	Percent   *float64          `json:"percent"`
	Points    *float64          `json:"difference_points"`
	Noise     *noiseRecord      `json:"noise_points"`
	Tolerance *float64          `json:"tolerance_points"`
	Reason    string            `json:"tolerance_reason,omitempty"`
	Verdict   published.Verdict `json:"verdict"`
	Remark    string            `json:"remark,omitempty"`
}

// A noiseRecord is the noise of a comparison and its parts, in points.
type noiseRecord struct {
	Total    float64 `json:"total"`
	Rounding float64 `json:"rounding"`
	Seeds    float64 `json:"seeds"`
	Rows     float64 `json:"test_rows"`
}

func comparisonRecords(compared []published.ComparedTable) comparisonList {
	known := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	out := comparisonList{Comparisons: []comparisonRecord{}, Counts: published.Count(compared)}
	for _, t := range compared {
		for _, c := range append(append([]published.Comparison{}, t.Tasks...), t.Average) {
			r := comparisonRecord{Benchmark: c.Claim.Benchmark, Method: t.Method, Source: t.Source, Certainty: c.Claim.Certainty, Task: c.Claim.Task, Here: c.Name,
				Published: known(c.Claim.Percent), Percent: known(c.Here), Points: known(c.Difference()),
				Tolerance: known(c.Tolerance), Reason: c.Reason, Verdict: c.Verdict, Remark: c.Remark}
			if r.Percent != nil {
				r.Noise = &noiseRecord{c.Noise.Points(), c.Noise.Rounding, c.Noise.Seeds, c.Noise.Interval}
			}
			out.Comparisons = append(out.Comparisons, r)
		}
	}
	return out
}
