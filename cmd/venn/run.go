package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

func newRun(a *app) *cobra.Command {
	var o launchOptions
	var only []string
	cmd := &cobra.Command{
		Use:     "run SPEC|PRESET [key=value ...]",
		Short:   "train, evaluate and report every job of a spec",
		Example: "  venn run quickstart model.separate=4",
		Args:    atLeast(1, "a spec file or a preset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := a.planOnly(args, only)
			if err != nil {
				return err
			}
			if a.conclude != nil && !o.json {
				if err := beginReport(a.settings.Runs, plan); err != nil {
					return err
				}
			}
			return a.launch(cmd.Context(), o, a.settings.Runs, plan)
		},
	}
	o.flags(cmd)
	onlyFlag(cmd, &only)
	return cmd
}

// beginReport writes down which runs the report at the end is to show, so that
// `venn resume` can write it if this process does not come to that.
func beginReport(folder string, plan *spec.Plan) error {
	dirs := make([]string, len(plan.Jobs))
	for i := range plan.Jobs {
		dirs[i] = plan.Jobs[i].Dir(folder)
	}
	return runs.BeginReport(filepath.Join(folder, plan.Name), dirs, plan.Jobs[0].Spec.Report.Formats)
}

// launchOptions are the options of the commands that do jobs.
type launchOptions struct {
	parallel int
	json     bool
}

func (o *launchOptions) flags(cmd *cobra.Command) {
	cmd.Flags().IntVarP(&o.parallel, "jobs", "j", 1, "jobs at a time")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the outcomes as JSON")
}

// launch does the jobs of a plan, shows their progress on stderr and prints the
// outcomes on stdout. Its error is the exit code where jobs failed or were stopped.
func (a *app) launch(ctx context.Context, o launchOptions, folder string, plan *spec.Plan) error {
	if o.parallel < 1 {
		return usage("--jobs: %d, want an integer from 1", o.parallel)
	}
	ctx, stop := a.interruptible(ctx)
	defer stop()
	n := len(plan.Jobs)
	outcomes := runs.Run(ctx, plan, runs.RunOptions{
		Runs: folder, Data: a.settings.Data, Job: a.job, Parallel: o.parallel,
		Progress: func(i int, job spec.Job) runs.Progress {
			return a.display(fmt.Sprintf("[%d/%d] %s: ", i+1, n, job.Label()), o.parallel > 1)
		},
		Notice: func(i int, job spec.Job, text string) {
			fmt.Fprintf(a.err, "[%d/%d] %s: %s\n", i+1, n, job.Label(), text)
		},
		Ended: func(i int, out runs.Outcome) {
			fmt.Fprintf(a.err, "[%d/%d] %s: %s\n", i+1, n, out.Job.Label(), describe(out))
		},
	})
	if err := a.printOutcomes(outcomes, o.json); err != nil {
		return err
	}
	if a.conclude != nil && !o.json {
		if err := a.conclude(outcomes); err != nil {
			return err
		}
	}
	if code := codeOf(outcomes); code != exitOK {
		return exitError(code)
	}
	return nil
}

func describe(o runs.Outcome) string {
	switch {
	case o.Reused:
		return "done before"
	case o.Err != nil:
		return fmt.Sprintf("%s: %v", o.State, o.Err)
	case o.Where != "":
		return fmt.Sprintf("%s %s", o.State, o.Where)
	}
	return string(o.State)
}

// interruptible returns a context that the first Ctrl-C, SIGTERM or SIGHUP cancels, so
// that jobs make a checkpoint and stop; the second ends the program at once, which a run survives
// as it survives any kill.
func (a *app) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(signals, syscall.SIGHUP) // the terminal was closed
	}
	// With the terminal may go what reads stderr: a line that nobody reads must not end
	// the process before its checkpoint.
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	ended := make(chan struct{})
	go func() {
		for count := 0; ; count++ {
			select {
			case <-ended:
				return
			case got := <-signals:
				if count > 0 && got == syscall.SIGHUP {
					continue // of the terminal and of the shell: nobody pressed twice
				}
			}
			if count > 0 {
				os.Exit(exitInterrupted)
			}
			if a.onTerminal() { // a bar and the terminal's ^C stand on this line
				fmt.Fprintln(a.err)
			}
			fmt.Fprintln(a.err, "venn: stopping after a checkpoint; once more stops now")
			cancel()
		}
	}()
	return ctx, func() { signal.Stop(signals); signal.Stop(unread); close(ended); cancel() }
}

// every is how often a plain progress line comes.
const every = 5 * time.Second

// display is a bar where stderr is a terminal and one job runs at a time, plain
// lines elsewhere. Neither uses colours, so NO_COLOR changes nothing.
func (a *app) display(prefix string, several bool) runs.Progress {
	if !several && a.onTerminal() {
		f := a.err.(*os.File)
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return runs.NewBar(a.err, prefix, func() int {
				if now, _, err := term.GetSize(int(f.Fd())); err == nil {
					columns = now // the window may change
				}
				return columns
			})
		}
	}
	return runs.NewLines(a.err, prefix, every)
}

// onTerminal says whether stderr is a terminal.
func (a *app) onTerminal() bool {
	f, ok := a.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// An outcomeRecord is an outcome as --json prints it.
type outcomeRecord struct {
	Job    string     `json:"job"`
	Label  string     `json:"label"`
	Dir    string     `json:"dir"`
	State  runs.State `json:"state"`
	Reused bool       `json:"reused,omitempty"`
	Cause  string     `json:"cause,omitempty"`
}

func (a *app) printOutcomes(outcomes []runs.Outcome, asJSON bool) error {
	records := make([]outcomeRecord, len(outcomes))
	rows := [][]string{{"job", "state", "directory"}}
	for i, o := range outcomes {
		records[i] = outcomeRecord{Job: o.Job.ID, Label: o.Job.Label(), Dir: o.Dir, State: o.State, Reused: o.Reused}
		if o.Err != nil {
			records[i].Cause = o.Err.Error()
		}
		rows = append(rows, []string{o.Job.Label(), string(o.State), o.Dir})
	}
	if asJSON {
		return a.printJSON(records)
	}
	return a.printRows(rows)
}
