package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports/pages"
)

func newResume(a *app) *cobra.Command {
	var o launchOptions
	cmd := &cobra.Command{
		Use: "resume [NAME|PATH ...]", Short: "go on with every run that is queued, interrupted or failed, and make damaged files anew", Example: "  venn resume quickstart",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := a.findRuns(args)
			if err != nil {
				return err
			}
			todo, err := a.unfinished(found)
			if err != nil {
				return err
			}
			if len(todo.plan.Jobs) > 0 {
				err = a.launch(cmd.Context(), o, todo.root, todo.plan)
			}
			reported := false
			if err == nil && !o.json {
				reported, err = a.finishReports(found)
			}
			switch {
			case err != nil:
				return err
			case todo.lost > 0:
				return exitError(exitDamaged)
			case len(todo.plan.Jobs) == 0 && !reported:
				fmt.Fprintln(a.err, "venn: nothing to resume")
			}
			return nil
		},
	}
	o.flags(cmd)
	return cmd
}

// An unfinishedPlan is what there is to go on with.
type unfinishedPlan struct {
	plan *spec.Plan
	root string // folder that all runs of the plan are below
	lost int    // runs that only a person can bring back, each told on stderr
}

// unfinished makes one plan of the runs that are not done or stopped, or have damaged files,
// and that no process holds.
func (a *app) unfinished(found []runs.RunInfo) (unfinishedPlan, error) {
	todo := unfinishedPlan{plan: &spec.Plan{}}
	for _, r := range found {
		if r.Process != "" {
			fmt.Fprintf(a.err, "venn: %s: left alone, in use by %s\n", r.Path, r.Process)
			continue
		}
		if r.State == runs.Done || r.State == runs.Stopped {
			v, err := runs.Verify(r)
			if err != nil && !runs.IsDamaged(err) {
				return todo, err
			}
			if err == nil && len(v.Flaws) == 0 && !v.Unsettled {
				continue
			}
		}
		one, err := runs.ResumePlan(r.Path)
		if runs.IsDamaged(err) {
			fmt.Fprintf(a.err, "venn: %v\n", err)
			todo.lost++
			continue
		}
		if err != nil {
			return todo, err
		}
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return todo, err
		}
		switch here := filepath.Dir(filepath.Dir(path)); todo.root {
		case "", here:
			todo.root = here
		default:
			return todo, usage("resume: %s and %s are two folders of runs; want one at a time", todo.root, here)
		}
		todo.plan.Name, todo.plan.Jobs = one.Name, append(todo.plan.Jobs, one.Jobs...)
	}
	return todo, nil
}

// finishReports writes the reports of the folders of some runs that are not made of
// their results as they are now.
func (a *app) finishReports(found []runs.RunInfo) (any bool, err error) {
	if a.conclude == nil {
		return false, nil
	}
	var seen []string
	for _, r := range found {
		spec := filepath.Dir(filepath.Clean(r.Path))
		if slices.Contains(seen, spec) {
			continue
		}
		seen = append(seen, spec)
		_, _, due, err := runs.DueReport(spec)
		if err != nil {
			return any, err
		}
		if due {
			any = true
			if err := a.finishReport(spec, pages.Formats); err != nil {
				return any, err
			}
		}
	}
	return any, nil
}
