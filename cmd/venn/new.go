package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/internal/scaffold"
)

func newNew(a *app) *cobra.Command {
	var dir string
	kinds := strings.Join(scaffold.Kinds(), "|")
	cmd := &cobra.Command{
		Use:     "new " + kinds + " NAME",
		Short:   "write a working extension to start from: its file, its test, its line in the docs",
		Example: "  venn new method my-method",
		Args:    exactly(2, "a kind ("+kinds+") and a name"),
		RunE: func(_ *cobra.Command, args []string) error {
			kind, name := args[0], args[1]
			if listed(kind, name) {
				return usage("new: %s %q is there already; `venn list %ss` shows it", kind, name, kind)
			}
			files, err := scaffold.New(kind, name)
			if err != nil {
				return usage("new: %v", err)
			}
			if err := scaffold.Write(dir, kind, name, files); err != nil {
				return err
			}
			for _, f := range files {
				if _, err := fmt.Fprintln(a.out, f.Path); err != nil {
					return fmt.Errorf("stdout: %w", err)
				}
			}
			_, err = fmt.Fprintf(a.out, "it works as it stands: go test ./%s; then put your own idea in the place of the example\n", folder(files[0].Path))
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "the checkout of Venn's source")
	return cmd
}

func folder(path string) string { return path[:strings.LastIndex(path, "/")] }

// listed says whether the program has a thing of that kind and name.
func listed(kind, name string) bool {
	for _, e := range entriesOf(kind + "s") {
		if e.Name == name {
			return true
		}
	}
	return false
}
