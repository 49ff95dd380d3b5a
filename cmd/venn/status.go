package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	many "github.com/venn-adapt/venn/cmd/runs"
	"github.com/venn-adapt/venn/experiments/runs"
)

func newStatus(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status [NAME|PATH ...]", Short: "show what ran, what failed and why", Example: "  venn status quickstart",
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := a.findRuns(args)
			if err != nil {
				return err
			}
			if err := a.printStatus(found, asJSON); err != nil {
				return err
			}
			if slices.ContainsFunc(found, func(r runs.RunInfo) bool { return r.State == runs.Damaged }) {
				return exitError(exitDamaged)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (a *app) printStatus(found []runs.RunInfo, asJSON bool) error {
	if asJSON {
		return a.printJSON(found)
	}
	rows := [][]string{{"run", "job", "label", "state", "steps", "remark"}}
	for _, r := range found {
		remark := r.Cause
		if r.Process != "" {
			remark = r.Process
		}
		rows = append(rows, []string{r.Name, r.ID, r.Label, string(r.State), fmt.Sprintf("%d/%d", r.Step, r.Steps), remark})
	}
	return a.printRows(rows)
}

// findRuns lists the runs of the arguments, each a path or the name of a spec
// below the folder of all runs; without arguments, all of that folder.
func (a *app) findRuns(args []string) ([]runs.RunInfo, error) {
	found, err := runs.FindRuns(a.paths(args)...)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = []runs.RunInfo{}
	}
	return found, nil
}

// paths are those of arguments, as findRuns reads them.
func (a *app) paths(args []string) []string {
	paths := []string{}
	for _, arg := range args {
		if _, err := os.Stat(arg); errors.Is(err, fs.ErrNotExist) {
			arg = filepath.Join(a.settings.Runs, arg)
		}
		paths = append(paths, arg)
	}
	if len(paths) == 0 {
		paths = append(paths, a.settings.Runs)
	}
	return paths
}

// newRuns makes the commands about many runs.
func newRuns(a *app) *cobra.Command {
	return many.New(many.Console{Out: a.out, Err: a.err, Folder: func() string { return a.settings.Runs },
		Paths: a.paths, Usage: usage, Rows: a.printRows, JSON: a.printJSON})
}

// An outcomeRecord is an outcome as --json prints it.
type outcomeRecord struct {
	Job    string     `json:"job"`
	Label  string     `json:"label"`
	Dir    string     `json:"dir"`
	State  runs.State `json:"state"`
	Reused bool       `json:"reused,omitempty"`
	Cause  string     `json:"cause,omitempty"`
}

func (a *app) printOutcomes(outcomes []runs.Outcome, asJSON bool) error {
	records := make([]outcomeRecord, len(outcomes))
	rows := [][]string{{"job", "state", "directory"}}
	for i, o := range outcomes {
		records[i] = outcomeRecord{Job: o.Job.ID, Label: o.Job.Label(), Dir: o.Dir, State: o.State, Reused: o.Reused}
		if o.Err != nil {
			records[i].Cause = o.Err.Error()
		}
		rows = append(rows, []string{o.Job.Label(), string(o.State), o.Dir})
	}
	if asJSON {
		return a.printJSON(records)
	}
	return a.printRows(rows)
}
