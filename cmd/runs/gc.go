package runs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments/index"
	states "github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/registry"
)

type gcOptions struct {
	kinds     []string
	older     string
	yes, json bool
}

func newGC(c Console) *cobra.Command {
	o := &gcOptions{}
	cmd := &cobra.Command{
		Use:     "gc [NAME|PATH ...]",
		Short:   "show runs that may go: incomplete ones, and those that another version did again; with --yes remove them",
		Example: "  venn runs gc\n  venn runs gc digits-deep --only incomplete --older 7d --yes",
		RunE:    func(_ *cobra.Command, args []string) error { return c.gc(o, args) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.kinds, "only", index.WasteKinds, "kinds of runs: "+strings.Join(index.WasteKinds, ", "))
	f.StringVar(&o.older, "older", "1d", "only runs whose state is older than this, as 90s, 30m, 12h, 2d or 3w: a launcher may still come to young ones")
	f.BoolVar(&o.yes, "yes", false, "remove them; without it nothing is removed")
	f.BoolVar(&o.json, "json", false, "print as JSON")
	return cmd
}

func (c Console) gc(o *gcOptions, args []string) error {
	for _, kind := range o.kinds {
		if !slices.Contains(index.WasteKinds, kind) {
			return c.Usage("runs gc: --only: unknown kind %q%s", kind, registry.DidYouMean(kind, index.WasteKinds))
		}
	}
	older, err := index.ParseAge(o.older)
	if err != nil {
		return c.Usage("runs gc: --older: %w", err)
	}
	now := time.Now()
	var found []index.Waste
	err = c.with(false, func(x *index.Index) error {
		found, err = x.Wasted(c.Paths(args), o.kinds, older, now)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.printWaste(found, o, now); err != nil || !o.yes {
		return err
	}
	dirs := make([]string, len(found))
	for i, w := range found {
		dirs[i] = w.Path
	}
	kept := states.SweepRemoved(dirs)
	for _, w := range found {
		status := states.Status{State: w.State, Cause: w.Cause, Label: w.Label, Evaluation: w.Evaluation}
		kept = errors.Join(kept, states.Remove(w.Path, status))
	}
	return kept
}

// printWaste shows what may go and how much that is.
func (c Console) printWaste(found []index.Waste, o *gcOptions, now time.Time) error {
	if o.json {
		return c.JSON(found)
	}
	total, rows := int64(0), [][]string{{"spec", "job", "label", "age", "size", "kind", "why"}}
	for _, w := range found {
		total += w.Files
		rows = append(rows, []string{w.Spec, w.Job, w.Label, ageText(w.Age(now)), bytesText(w.Files), w.Kind, w.Why})
	}
	if len(found) > 0 {
		if err := c.Rows(rows); err != nil {
			return err
		}
	}
	said := "nothing was removed; --yes removes them, `venn resume` brings incomplete ones to their end"
	switch {
	case len(found) == 0:
		said = "nothing to remove"
	case o.yes:
		said = "removed"
	}
	_, err := fmt.Fprintf(c.Out, "%d runs, %s: %s\n", len(found), bytesText(total), said)
	return err
}
