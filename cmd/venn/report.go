package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/pages"
	"github.com/venn-adapt/venn/reports/references"
	"github.com/venn-adapt/venn/reports/tidy"
)

func newReport(a *app) *cobra.Command {
	var out, keep, table string
	var reference []string
	cmd := &cobra.Command{
		Use:     "report [NAME|PATH ...]",
		Short:   "print the tables of finished runs and write the bundle of tables, figures and page",
		Example: "  venn report quickstart\n  venn report --reference digits-deep-quick my-study",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(reference) == 0 && keep == "" && table == "" && out == "" {
				return a.reportInPlace(args)
			}
			all, own, err := a.recordsOf("report", reference, args)
			if err != nil {
				return err
			}
			switch {
			case keep != "":
				return a.keepReference(all, own, keep)
			case table != "":
				return a.writeTidy(append(all, own...), table)
			case out == "":
				out = "reference-" + strings.TrimSuffix(filepath.Base(reference[0]), ".json.gz")
			}
			_, err = a.writeBundle(append(all, own...), out, pages.Formats)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder of the bundle (default: report, beside the first run; reference-NAME here for a reference)")
	referenceFlag(cmd, &reference)
	cmd.Flags().StringVar(&keep, "keep-reference", "", "write the records of the runs to this file, for --reference, in place of a report; with --reference, its records as well, those of the same jobs replaced")
	cmd.Flags().StringVar(&table, "tidy", "", "write all results of the runs to this file, a number a row, in place of a report: .csv or .parquet")
	cmd.MarkFlagsMutuallyExclusive("out", "keep-reference", "tidy")
	return cmd
}

// reportInPlace reports runs beside the first of them.
func (a *app) reportInPlace(args []string) error {
	dirs, err := a.runsTo("report", args)
	if err != nil {
		return err
	}
	spec := filepath.Dir(filepath.Clean(dirs[0]))
	return a.stamped(spec, dirs, func() error {
		return runs.BeginReport(spec, dirs, pages.Formats)
	}, pages.Formats)
}

// runsTo are the directories of the runs that are named for a command.
func (a *app) runsTo(verb string, args []string) ([]string, error) {
	found, err := a.findRuns(args)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, usage("%s: no runs; want the name of a spec that ran, a run directory or the folder of all runs", verb)
	}
	dirs := make([]string, len(found))
	for i, r := range found {
		dirs[i] = r.Path
	}
	return dirs, nil
}

// referenceFlag is the flag that names records of finished studies.
func referenceFlag(cmd *cobra.Command, names *[]string) {
	cmd.Flags().StringSliceVar(names, "reference", nil, "records of finished studies, with the runs named, if any, beside them: files, or "+strings.Join(references.Names(), ", "))
}

// recordsOf are the records of finished studies, where any are named, and those of the runs that are
// named for a command, which may be none then.
func (a *app) recordsOf(verb string, names, args []string) (all, own []reports.Run, err error) {
	if all, err = references.ReadAll(names); err != nil {
		return nil, nil, err
	}
	if len(names) > 0 && len(args) == 0 {
		return all, nil, nil
	}
	dirs, err := a.runsTo(verb, args)
	if err != nil {
		return nil, nil, err
	}
	own, err = a.finished(verb, dirs)
	return all, own, err
}

// keepReference writes the records of finished runs, beside those of a reference if there are any.
func (a *app) keepReference(reference, own []reports.Run, path string) error {
	all := own
	if len(reference) > 0 {
		merged, replaced, err := references.Merge(reference, own)
		if err != nil {
			return err
		}
		for _, job := range replaced {
			fmt.Fprintf(a.err, "venn: %s: the run takes the place of the reference's\n", job)
		}
		all = merged
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return references.Write(w, all) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "%s: records of %d runs\n", path, len(all))
	return err
}

// writeTidy writes all results of finished runs as one table.
func (a *app) writeTidy(found []reports.Run, path string) error {
	form := map[string]func([]tidy.Row) ([]byte, error){".csv": tidy.CSV, ".parquet": tidy.Parquet}[filepath.Ext(path)]
	if form == nil {
		return usage("report: --tidy: %s, want a file that ends in .csv or .parquet", path)
	}
	rows := tidy.Rows(found)
	data, err := form(rows)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(path, data); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: %d rows of %d runs\n", path, len(rows), len(found))
	return err
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

// finished are the finished runs among dirs, for a command; the others are named. It fails where none
// is finished.
func (a *app) finished(verb string, dirs []string) ([]reports.Run, error) {
	found, missing, err := runs.Collect(dirs)
	if err != nil {
		return nil, err
	}
	for _, m := range missing {
		fmt.Fprintf(a.err, "venn: left out: %s\n", m)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: nothing to %s, no run is finished; `venn status` says how far they are, `venn resume` goes on", verb, verb)
	}
	return found, nil
}

// writeReport prints the tables of the finished runs among dirs and writes their bundle.
func (a *app) writeReport(dirs []string, out string, formats []string) (pages.Bundle, error) {
	found, err := a.finished("report", dirs)
	if err != nil {
		return pages.Bundle{}, err
	}
	return a.writeBundle(found, out, formats)
}

// writeBundle prints the tables of runs and writes their bundle.
func (a *app) writeBundle(found []reports.Run, out string, formats []string) (pages.Bundle, error) {
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
