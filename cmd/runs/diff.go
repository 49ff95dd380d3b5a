package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	states "github.com/venn-adapt/venn/experiments/runs"
)

func newDiff(c Console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "diff A B",
		Short:   "show which options, data, program, machine and results differ between two runs",
		Example: "  venn runs diff c43cb8 3f6cb4",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return c.Usage("runs diff: %d arguments, want two runs: directories, or the beginnings of the names of jobs", len(args))
			}
			return c.diff(args[0], args[1], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// find is the directory of a run: a path, or the beginning of a job's name below the folder of
// all runs.
func (c Console) find(arg string) (string, error) {
	for _, path := range c.Paths([]string{arg}) {
		if _, err := os.Stat(filepath.Join(path, "resolved.yaml")); err == nil {
			return path, nil
		}
	}
	dirs, err := states.Dirs(c.Folder())
	if err != nil {
		return "", err
	}
	var found []string
	for _, dir := range dirs {
		if strings.HasPrefix(filepath.Base(dir), arg) {
			found = append(found, dir)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", c.Usage("runs diff: %s: neither a run directory nor the beginning of a job's name below %s; `venn runs` lists them", arg, c.Folder())
	}
	return "", c.Usage("runs diff: %s: %d runs begin so, as %s and %s; want one", arg, len(found), found[0], found[1])
}

func (c Console) diff(a, b string, asJSON bool) error {
	var dirs [2]string
	for i, arg := range []string{a, b} {
		var err error
		if dirs[i], err = c.find(arg); err != nil {
			return err
		}
	}
	found, shared, unfinished, err := states.Diff(dirs[0], dirs[1])
	if err != nil {
		return err
	}
	for _, m := range unfinished {
		fmt.Fprintf(c.Err, "venn: no results to compare: %s\n", m)
	}
	if asJSON {
		if found == nil {
			found = []states.Difference{}
		}
		return c.JSON(found)
	}
	if len(found) > 0 {
		rows := [][]string{{"kind", "name", dirs[0], dirs[1]}}
		for _, d := range found {
			rows = append(rows, []string{d.Kind, d.Name, d.A, d.B})
		}
		if err := c.Rows(rows); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.Out, "%d differences; %d results are the same\n", len(found), shared)
	return err
}
