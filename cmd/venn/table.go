package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// printRows writes rows as aligned columns to stdout, two spaces apart.
func (a *app) printRows(rows [][]string) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(r, "\t"), "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}
