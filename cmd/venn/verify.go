package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/venn-adapt/venn/experiments/runs"
)

func newVerify(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify [NAME|PATH ...]", Short: "compare every file of runs with its checksum; exit 5 where one is damaged", Example: "  venn verify quickstart",
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(args, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (a *app) verify(args []string, asJSON bool) error {
	found, err := a.findRuns(args)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return usage("verify: no runs; want the name of a spec that ran, a run directory or the folder of all runs")
	}
	records, damaged := []runs.Verified{}, false
	rows := [][]string{{"run", "job", "label", "state", "files", "bytes", "verdict"}}
	for _, r := range found {
		v, err := runs.Verify(r)
		verdict := "sound"
		switch none := new(runs.DamagedError); {
		case errors.As(err, &none):
			v.Flaws = append(v.Flaws, runs.Flaw{File: none.Name(), Found: none.Found})
		case err != nil:
			return err
		case v.Process != "":
			verdict = "not checked: in use by " + v.Process
		}
		for i, f := range v.Flaws {
			if i == 0 {
				verdict = fmt.Sprintf("%d damaged", len(v.Flaws))
			}
			damaged = true
			fmt.Fprintf(a.err, "venn: %s: %s\n", r.Path, f)
		}
		records = append(records, v)
		rows = append(rows, []string{r.Name, r.ID, r.Label, string(r.State), fmt.Sprint(v.Files), fmt.Sprint(v.Bytes), verdict})
	}
	if asJSON {
		err = a.printJSON(records)
	} else {
		err = a.printRows(rows)
	}
	if err != nil {
		return err
	}
	if damaged {
		fmt.Fprintln(a.err, "venn: damaged files are made anew by `venn resume` with the same runs")
		return exitError(exitDamaged)
	}
	return nil
}
