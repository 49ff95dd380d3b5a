package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/configs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/registry"
)

// plan reads a spec, the first argument: a file, or the name of a preset where
// there is no such file. The other arguments override its keys.
func (a *app) plan(args []string) (*spec.Plan, error) {
	source, text, err := readSpec(args[0])
	if err != nil {
		return nil, err
	}
	plan, err := spec.NewPlan(spec.Request{
		Source: source, Text: text, Overrides: args[1:],
		Environment: a.settings.environment, Settings: a.settings.file,
	})
	if err == nil && plan.Notice != "" {
		fmt.Fprintln(a.err, "venn: "+plan.Notice)
	}
	return plan, err
}

// planOnly is the plan of a spec, of some of its methods where they are named.
func (a *app) planOnly(args, only []string) (*spec.Plan, error) {
	plan, err := a.plan(args)
	if err != nil || len(only) == 0 {
		return plan, err
	}
	if err := plan.Only(only); err != nil {
		return nil, usage("--only: %v", err)
	}
	return plan, nil
}

// onlyFlag is the flag of the commands that take some of a study's methods.
func onlyFlag(cmd *cobra.Command, only *[]string) {
	cmd.Flags().StringSliceVar(only, "only", nil, "methods of the spec, with commas between; all others are left alone")
}

func readSpec(name string) (source string, text []byte, err error) {
	text, err = os.ReadFile(name)
	if err == nil {
		return name, text, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", nil, usageError{err}
	}
	if text, err := configs.Files.ReadFile(name + ".yaml"); err == nil {
		return name + ".yaml", text, nil
	}
	return "", nil, usage("%s: neither a file nor a preset%s", name, registry.DidYouMean(name, presets()))
}

// presets are the names of the specs that ship with the program.
func presets() []string {
	var out []string
	entries, _ := fs.ReadDir(configs.Files, ".") // embedded: reading it cannot fail
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out) // the folder's order puts a-b.yaml before a.yaml
	return out
}
