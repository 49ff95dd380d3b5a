package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/venn-adapt/venn/experiments/runs"
)

func newVersion(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "print the version and what it runs on", Example: "  venn version",
		Args: exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			e := runs.ThisEnvironment()
			if asJSON {
				return a.printJSON(e)
			}
			_, err := fmt.Fprintf(a.out, "venn %s, %s, %s, %s [%s]\n", e.Version, e.Go, e.System, e.Processor, strings.Join(e.Features, " "))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}
