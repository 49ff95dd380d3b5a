// Package runs holds the commands about many runs: which there are, how two of them differ,
// and which may go. What a command prints to and where runs lie it gets from the program.
package runs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/index"
	states "github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Console is what the program gives to these commands.
type Console struct {
	Out, Err io.Writer
	Folder   func() string // of all runs, once the flags are read
	// Paths are those of arguments, each a path or the name of a spec that ran; the folder of
	// all runs without one.
	Paths func(args []string) []string
	Usage func(format string, args ...any) error // of a mistake in what was typed
	Rows  func([][]string) error                 // prints a table, its head first
	JSON  func(any) error
}

// New makes the command `runs` with those below it.
func New(c Console) *cobra.Command {
	o := &listOptions{in: map[string]*[]string{}}
	cmd := &cobra.Command{
		Use:   "runs [NAME|PATH ...]",
		Args:  cobra.ArbitraryArgs,
		Short: "list, filter, group and sort runs; compare two; remove what is of no more use",
		Example: "  venn runs --state done --sort -accuracy\n" +
			"  venn runs digits-deep --where 'accuracy>=0.9' --where 'age<2d'\n" +
			"  venn runs --group task,method",
		RunE: func(_ *cobra.Command, args []string) error { return c.list(o, args) },
	}
	f := cmd.Flags()
	for _, flag := range inFlags {
		o.in[flag] = f.StringSlice(flag, nil, "only runs of one of these, with commas between")
	}
	f.Lookup("state").Usage = "only runs in one of these states: " + strings.Join(stateNames(), ", ")
	f.StringArrayVar(&o.where, "where", nil, "only runs of which this is true: a column or an option of the spec, one of "+strings.Join(index.Operators, " ")+" and a value; may be given several times")
	f.StringSliceVar(&o.sort, "sort", nil, "columns or options to sort by; with a leading - from high to low")
	f.StringSliceVar(&o.group, "group", nil, "columns or options to group by: a row a group, with the mean accuracy of its finished runs")
	f.StringSliceVar(&o.columns, "columns", shown, "columns or options to print; columns are "+strings.Join(index.Columns(), ", "))
	f.BoolVar(&o.rebuild, "rebuild", false, "make the index anew first")
	f.BoolVar(&o.json, "json", false, "print as JSON, with every column")
	cmd.AddCommand(newDiff(c), newGC(c))
	return cmd
}

// inFlags are the columns that have a flag of their own.
var inFlags = []string{"spec", "method", "task", "seed", "state"}

// shown are the columns that are printed where none are asked for.
var shown = []string{"spec", "job", "label", "task", "state", "accuracy", "of", "age", "version"}

type listOptions struct {
	in                          map[string]*[]string // by column
	where, sort, group, columns []string
	rebuild, json               bool
}

func stateNames() []string {
	var out []string
	for _, s := range []states.State{states.Queued, states.Running, states.Done, states.Failed, states.Interrupted, states.Waiting, states.Stopped, states.Damaged} {
		out = append(out, string(s))
	}
	return out
}

// query makes the question of the options.
func (c Console) query(o *listOptions, args []string) (index.Query, error) {
	q := index.Query{Paths: c.Paths(args), In: map[string][]string{}, Sort: o.sort, Now: time.Now()}
	for name, values := range o.in {
		q.In[name] = *values
	}
	for _, s := range q.In["state"] {
		if !slices.Contains(stateNames(), s) {
			return q, c.Usage("runs: --state: unknown state %q%s", s, registry.DidYouMean(s, stateNames()))
		}
	}
	for _, w := range o.where {
		condition, err := index.ParseCondition(w)
		if err != nil {
			return q, c.Usage("runs: --where: %w", err)
		}
		q.Where = append(q.Where, condition)
	}
	return q, nil
}

func (c Console) list(o *listOptions, args []string) error {
	q, err := c.query(o, args)
	if err != nil {
		return err
	}
	var found []index.Run
	options := map[string]map[string]string{} // by name and path of the run
	err = c.with(o.rebuild, func(x *index.Index) error {
		if found, err = x.List(q); err != nil {
			return err
		}
		names := append(slices.Clone(o.columns), o.group...)
		if err := x.Known(names...); err != nil {
			return err
		}
		for _, name := range names {
			if options[name], err = x.Option(name); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(o.group) > 0:
		return c.groups(found, o, options, q.Now)
	case o.json:
		return c.JSON(found)
	}
	rows := [][]string{o.columns}
	for i := range found {
		var row []string
		for _, name := range o.columns {
			row = append(row, cell(&found[i], name, options, q.Now))
		}
		rows = append(rows, row)
	}
	return c.Rows(rows)
}

// with opens the index in the user's cache folder.
func (c Console) with(rebuild bool, do func(*index.Index) error) error {
	path := ""
	if cache, err := os.UserCacheDir(); err == nil {
		path = filepath.Join(cache, "venn", "runs.sqlite")
	}
	if rebuild && path != "" {
		if err := index.Remove(path); err != nil {
			return err
		}
	}
	err := index.With(path, func(err error) { fmt.Fprintf(c.Err, "venn: the index is not kept: %v\n", err) }, do)
	if errors.As(err, new(index.Mistake)) {
		return c.Usage("runs: %w", err)
	}
	return err
}
