package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments"
)

func newResume(a *app) *cobra.Command {
	var o launchOptions
	cmd := &cobra.Command{
		Use: "resume [NAME|PATH ...]", Short: "go on with every run that is queued, interrupted or failed", Example: "  venn resume quickstart",
		RunE: func(cmd *cobra.Command, args []string) error {
			runs, err := a.findRuns(args)
			if err != nil {
				return err
			}
			plan, root, err := a.unfinished(runs)
			if err != nil {
				return err
			}
			if len(plan.Jobs) == 0 {
				fmt.Fprintln(a.err, "venn: nothing to resume")
				return nil
			}
			return a.launch(cmd.Context(), o, root, plan)
		},
	}
	o.flags(cmd)
	return cmd
}

// unfinished makes one plan of the runs that are not done and that no process
// holds, and names the folder that they are all below.
func (a *app) unfinished(runs []experiments.RunInfo) (*experiments.Plan, string, error) {
	plan, root := &experiments.Plan{}, ""
	for _, r := range runs {
		if r.Process != "" {
			fmt.Fprintf(a.err, "venn: %s: left alone, in use by %s\n", r.Path, r.Process)
			continue
		}
		if r.State == experiments.Done {
			continue
		}
		if r.State == experiments.Damaged {
			fmt.Fprintf(a.err, "venn: %s: left alone: %s\n", r.Path, r.Cause)
			continue
		}
		one, err := experiments.ResumePlan(r.Path)
		if err != nil {
			return nil, "", err
		}
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return nil, "", err
		}
		switch here := filepath.Dir(filepath.Dir(path)); root {
		case "", here:
			root = here
		default:
			return nil, "", usage("resume: %s and %s are two folders of runs; want one at a time", root, here)
		}
		plan.Name, plan.Jobs = one.Name, append(plan.Jobs, one.Jobs...)
	}
	return plan, root, nil
}
