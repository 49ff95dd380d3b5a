package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/reports/pages"
)

func newReport(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "report [NAME|PATH ...]",
		Short:   "print the tables of finished runs and write the bundle of tables, figures and page",
		Example: "  venn report quickstart",
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := a.findRuns(args)
			if err != nil {
				return err
			}
			dirs := make([]string, len(found))
			for i, r := range found {
				dirs[i] = r.Path
			}
			if len(dirs) == 0 {
				return usage("report: no runs; want the name of a spec that ran, a run directory or the folder of all runs")
			}
			if out != "" {
				_, err := a.writeReport(dirs, out, pages.Formats)
				return err
			}
			spec := filepath.Dir(filepath.Clean(dirs[0]))
			return a.stamped(spec, dirs, func() error {
				return runs.BeginReport(spec, dirs, pages.Formats)
			}, pages.Formats)
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder of the bundle (default: report, beside the first run)")
	return cmd
}

// stamped writes the report of a spec's folder so that one that is left half written is
// known; begin writes down what it is to show.
func (a *app) stamped(spec string, dirs []string, begin func() error, formats []string) (err error) {
	release, err := runs.LockReport(spec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	found, _, err := runs.Collect(dirs) // before anything is overwritten
	if err != nil {
		return err
	}
	if len(found) > 0 {
		if err := begin(); err != nil {
			return err
		}
	}
	bundle, err := a.writeReport(dirs, runs.ReportDir(spec), formats)
	if err != nil {
		return err
	}
	done, _, _, err := runs.DueReport(spec)
	if err != nil {
		return err
	}
	return runs.EndReport(spec, done, bundle.Files)
}

// writeReport prints the tables of the finished runs among dirs and writes their
// bundle. It fails where none is finished.
func (a *app) writeReport(dirs []string, out string, formats []string) (pages.Bundle, error) {
	found, missing, err := runs.Collect(dirs)
	if err != nil {
		return pages.Bundle{}, err
	}
	for _, m := range missing {
		fmt.Fprintf(a.err, "venn: left out of the report: %s\n", m)
	}
	if len(found) == 0 {
		return pages.Bundle{}, errors.New("report: nothing to report, no run is finished; `venn status` says how far they are, `venn resume` goes on")
	}
	bundle, err := pages.Write(out, found, formats)
	if err != nil {
		return bundle, err
	}
	if err := pages.Terminal(a.out, found); err != nil {
		return bundle, err
	}
	for _, s := range bundle.Skipped {
		fmt.Fprintf(a.err, "venn: left out of the report: %s\n", s)
	}
	where := bundle.Dir
	if bundle.Index != "" {
		where = bundle.Index
	}
	_, err = fmt.Fprintf(a.out, "\nreport: %s\n", where)
	return bundle, err
}

// reportOutcomes makes the reports of the folders in which a launch brought jobs to
// their end.
func (a *app) reportOutcomes(outcomes []runs.Outcome) error {
	formats := map[string][]string{}
	var specs []string
	for _, o := range outcomes {
		spec := filepath.Dir(o.Dir)
		if o.State == runs.Done && !slices.Contains(specs, spec) {
			specs = append(specs, spec)
			formats[spec] = o.Job.Spec.Report.Formats
		}
	}
	for _, spec := range specs {
		if err := a.finishReport(spec, formats[spec]); err != nil {
			return err
		}
	}
	return nil
}

// finishReport writes the report of a spec's folder as it was begun; otherwise are the
// formats where nothing says which were wanted.
func (a *app) finishReport(spec string, otherwise []string) error {
	dirs, formats, _, err := runs.DueReport(spec)
	if err != nil || len(dirs) == 0 {
		return err
	}
	begin := func() error { return nil }
	if formats == nil {
		formats = otherwise
		begin = func() error { return runs.BeginReport(spec, dirs, formats) }
	}
	return a.stamped(spec, dirs, begin, formats)
}
