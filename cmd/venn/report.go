package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/reports"
)

func newReport(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "report [NAME|PATH ...]",
		Short:   "print the tables of finished runs and write the bundle of tables, figures and page",
		Example: "  venn report quickstart",
		RunE: func(_ *cobra.Command, args []string) error {
			runs, err := a.findRuns(args)
			if err != nil {
				return err
			}
			dirs := make([]string, len(runs))
			for i, r := range runs {
				dirs[i] = r.Path
			}
			if len(dirs) == 0 {
				return usage("report: no runs; want the name of a spec that ran, a run directory or the folder of all runs")
			}
			if out == "" {
				out = filepath.Join(filepath.Dir(dirs[0]), reportFolder)
			}
			return a.writeReport(dirs, out, reports.Formats)
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder of the bundle (default: report, beside the first run)")
	return cmd
}

// reportFolder holds the bundle of a spec's runs, beside their directories.
const reportFolder = "report"

// writeReport prints the tables of the finished runs among dirs and writes their
// bundle.
func (a *app) writeReport(dirs []string, out string, formats []string) error {
	runs, missing, err := experiments.Collect(dirs)
	if err != nil {
		return err
	}
	for _, m := range missing {
		fmt.Fprintf(a.err, "venn: left out of the report: %s\n", m)
	}
	if len(runs) == 0 {
		return nil
	}
	bundle, err := reports.Write(out, runs, formats)
	if err != nil {
		return err
	}
	if err := reports.Terminal(a.out, runs); err != nil {
		return err
	}
	for _, s := range bundle.Skipped {
		fmt.Fprintf(a.err, "venn: left out of the report: %s\n", s)
	}
	where := bundle.Dir
	if bundle.Index != "" {
		where = bundle.Index
	}
	fmt.Fprintf(a.out, "\nreport: %s\n", where)
	return nil
}

// reportOutcomes makes the report of the jobs that a launch brought to their end.
func (a *app) reportOutcomes(outcomes []experiments.Outcome) error {
	var dirs []string
	for _, o := range outcomes {
		if o.State == experiments.Done {
			dirs = append(dirs, o.Dir)
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	return a.writeReport(dirs, filepath.Join(filepath.Dir(dirs[0]), reportFolder), outcomes[0].Job.Spec.Report.Formats)
}
