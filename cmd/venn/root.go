package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/registry"
)

// An app is one run of the program: its streams and what every command needs.
type app struct {
	in       io.Reader
	out, err io.Writer
	settings settings     // resolved before a command runs
	job      runs.JobFunc // tests put another in its place
	// conclude makes the report after a launch; nil for jobs without results.
	conclude func([]runs.Outcome) error
}

func newApp(in io.Reader, out, err io.Writer) *app {
	a := &app{in: in, out: out, err: err, job: experiments.Jobs()}
	a.conclude = a.reportOutcomes
	return a
}

// execute parses the arguments, runs the command and returns the exit code.
func (a *app) execute(args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return report(a.err, root.ExecuteContext(context.Background()))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "venn",
		Short:         "split two image domains into what they share and what each has, and measure the split",
		Example:       "  venn run quickstart",
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
	}
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usage("unknown command %q%s", args[0], registry.DidYouMean(args[0], commandNames(root)))
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.String("data", "", "folder of the data files (default: the user's cache folder)")
	flags.String("runs", "runs", "folder of all runs")
	flags.Int("threads", 0, "threads of a job; 0: as many as there are processors")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		s, err := loadSettings(cmd.Flags())
		a.settings = s
		return err
	}
	for _, group := range commands {
		root.AddCommand(group(a))
	}
	return root
}

// commands makes every command; each file of a command adds its own.
var commands = []func(*app) *cobra.Command{
	newRun, newPlan, newStatus, newRuns, newResume, newWork, newVerify, newReport, newCompare, newData, newList,
	newTranslate, newInterpolate, newEncode, newMeasure, newBench, newNew, newVersion,
}

func commandNames(root *cobra.Command) []string {
	var out []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			out = append(out, c.Name())
		}
	}
	return out
}

// exactly and atLeast check the number of arguments with one line of error.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s: %d arguments, want %s", cmd.Name(), len(args), what)
		}
		return nil
	}
}

func atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usage("%s: want %s, as in: %s", cmd.Name(), what, strings.TrimSpace(cmd.Example))
		}
		return nil
	}
}

// printJSON writes v to stdout, indented.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

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
