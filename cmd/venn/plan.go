package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/experiments/launch"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

func newPlan(a *app) *cobra.Command {
	var asJSON, measure, asCommands bool
	var only []string
	cmd := &cobra.Command{
		Use:     "plan SPEC|PRESET [key=value ...]",
		Short:   "show what run would do: jobs, and every parameter with its origin",
		Example: "  venn plan quickstart seeds=[0,1,2]",
		Args:    atLeast(1, "a spec file or a preset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := a.planOnly(args, only)
			if err != nil {
				return err
			}
			switch {
			case asCommands:
				return a.printCommands(plan, args)
			case cmd.Flags().Changed("launcher") && a.settings.Launcher == "slurm":
				return a.printScripts(plan)
			}
			record, err := a.planRecord(plan, measure)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(record)
			}
			return a.printPlan(record)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	onlyFlag(cmd, &only)
	cmd.Flags().BoolVar(&asCommands, "commands", false, "print one line of the shell a job that is not done, for any engine to run")
	launcherFlag(cmd)
	cmd.Flags().BoolVar(&measure, "measure", true, "time a few training steps of each point of the grid, for at most a minute")
	return cmd
}

// undone are the jobs of a plan that are not done.
func (a *app) undone(plan *spec.Plan) []spec.Job {
	return slices.DeleteFunc(slices.Clone(plan.Jobs), func(j spec.Job) bool {
		s, err := runs.ReadStatus(j.Dir(a.settings.Runs))
		return err == nil && s.State == runs.Done && s.Evaluation == j.Evaluation
	})
}

// printCommands prints the line of each job that is not done.
func (a *app) printCommands(plan *spec.Plan, args []string) error {
	line := []string{"venn", "run"}
	for _, arg := range args {
		line = append(line, launch.Quote(arg))
	}
	line = append(line, "--runs", launch.Quote(a.settings.Runs))
	if a.settings.Origins["data"] != "default" {
		line = append(line, "--data", launch.Quote(a.settings.Data))
	}
	for _, j := range a.undone(plan) {
		if _, err := fmt.Fprintln(a.out, strings.Join(line, " "), "--id", j.ID); err != nil {
			return fmt.Errorf("stdout: %w", err)
		}
	}
	return nil
}

// printScripts prints what run would give to sbatch, once it has queued the run directories.
func (a *app) printScripts(plan *spec.Plan) error {
	script, err := a.script(plan, a.settings.Runs)
	if err != nil {
		return err
	}
	var dirs []string
	for _, j := range a.undone(plan) {
		dir, err := filepath.Abs(j.Dir(a.settings.Runs))
		if err != nil {
			return fmt.Errorf("launch: %w", err)
		}
		dirs = append(dirs, dir)
	}
	if _, err := io.WriteString(a.out, strings.Join(script.Scripts(dirs), "\n")); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

// measuring is how long points of a grid are timed; the rest stays without estimate.
const measuring = time.Minute

// A planRecord is a plan as --json prints it.
type planRecord struct {
	Name       string           `json:"name"`
	Jobs       []jobRecord      `json:"jobs"`
	Parameters []spec.Parameter `json:"parameters"` // of the first grid point
	Settings   []spec.Parameter `json:"settings"`
	Missing    []string         `json:"missing,omitempty"` // data that run would look for in vain
	Halving    bool             `json:"halving,omitempty"` // estimates are of trials that are not stopped early
}

type jobRecord struct {
	ID         string `json:"id"`
	Evaluation string `json:"evaluation"`
	Label      string `json:"label"`
	Dir        string `json:"dir"`
	// Estimates of the training, when they were asked for.
	Seconds float64 `json:"seconds,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
}

func (a *app) planRecord(plan *spec.Plan, measure bool) (planRecord, error) {
	r := planRecord{Name: plan.Name, Parameters: plan.Jobs[0].Spec.Parameters}
	until := time.Now().Add(measuring)
	measured := map[string]*experiments.Estimate{} // one serves the seeds of a point, and trials of a search
	for _, j := range plan.Jobs {
		r.Halving = r.Halving || j.Spec.Search != nil && j.Spec.Search.First > 0
		record := jobRecord{ID: j.ID, Evaluation: j.Evaluation, Label: j.Label(), Dir: j.Dir(a.settings.Runs)}
		if measure && j.Spec.Features == nil {
			here := j.CostKey()
			if measured[here] == nil && time.Now().Before(until) {
				e, err := experiments.Measure(j)
				if err != nil {
					return r, err
				}
				measured[here] = &e
			}
			if estimate := measured[here]; estimate != nil {
				record.Seconds, record.Bytes = estimate.Seconds, estimate.Bytes
			}
		}
		r.Jobs = append(r.Jobs, record)
	}
	for _, s := range []struct {
		key   string
		value any
	}{{"data", a.settings.Data}, {"runs", a.settings.Runs}, {"threads", a.settings.Threads}} {
		r.Settings = append(r.Settings, spec.Parameter{Path: s.key, Value: s.value, Origin: a.settings.Origins[s.key]})
	}
	r.Missing = a.missingData(plan)
	return r, nil
}

// missingData names the files of the plan's datasets that are not there.
func (a *app) missingData(plan *spec.Plan) []string {
	var out []string
	seen := map[string]bool{}
	for _, j := range plan.Jobs {
		for _, d := range j.Spec.Domains {
			ds, err := domains.Datasets.Get(d.Dataset)
			if err != nil || seen[ds.Name] { // a study on features has no domains
				continue
			}
			seen[ds.Name] = true
			if err := domains.NeedDataDir(a.settings.Data, ds.Name); err != nil && len(ds.Files) > 0 {
				out = append(out, err.Error())
				continue
			}
			for _, f := range ds.Files {
				path := filepath.Join(a.settings.Data, ds.Name, f.Name)
				if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
					out = append(out, fmt.Sprintf("%s is missing; `venn data fetch %s` gets it", path, ds.Name))
				}
			}
		}
	}
	return out
}

func (a *app) printPlan(r planRecord) error {
	rows := [][]string{{"job", "label", "directory"}}
	total, measured := 0.0, 0
	for _, j := range r.Jobs {
		row := []string{j.ID, j.Label, j.Dir}
		if j.Bytes > 0 {
			measured, total = measured+1, total+j.Seconds
			row = append(row, seconds(j.Seconds), fmt.Sprintf("%d MiB", j.Bytes>>20))
		}
		rows = append(rows, row)
	}
	if measured > 0 {
		rows[0] = append(rows[0], "training", "model")
		rows = append(rows, []string{"", "", fmt.Sprintf("%d of %d jobs", measured, len(r.Jobs)), seconds(total)})
	}
	if err := a.printRows(rows); err != nil {
		return err
	}
	if measured > 0 {
		fmt.Fprintln(a.out, "training: a few steps, timed now, for all of them; evaluation comes on top\nmodel: memory of the networks at work; the images and the evaluation come on top")
	}
	if r.Halving {
		fmt.Fprintln(a.out, "training: of every trial to its end; successive halving will stop some of them early")
	}
	for _, m := range r.Missing {
		fmt.Fprintln(a.out, "data: "+m)
	}
	rows = [][]string{{"\nparameter", "value", "origin"}}
	for _, p := range append(r.Parameters, r.Settings...) {
		rows = append(rows, []string{p.Path, value(p.Value), p.Origin})
	}
	return a.printRows(rows)
}

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

// value prints a parameter as a spec could write it; long texts are cut.
func value(v any) string {
	var text string
	switch v := v.(type) {
	case string:
		if text = v; text == "" {
			text = `""`
		}
	case []string:
		text = "[" + strings.Join(v, ", ") + "]"
	default:
		text = strings.ReplaceAll(fmt.Sprint(v), " ", ", ") // numbers and lists of them
	}
	if runes := []rune(text); len(runes) > 48 {
		return string(runes[:45]) + "..."
	}
	return text
}
