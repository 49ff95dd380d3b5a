package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/venn-adapt/venn/experiments/launch"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

func newRun(a *app) *cobra.Command {
	var o launchOptions
	var only, ids []string
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
			if len(ids) > 0 { // a part of a study makes no report
				o.part = true
				if err := keepJobs(plan, ids); err != nil {
					return err
				}
			}
			if a.conclude != nil && !o.json && !o.part {
				if err := beginReport(a.settings.Runs, plan); err != nil {
					return err
				}
			}
			return a.launch(cmd.Context(), o, a.settings.Runs, plan)
		},
	}
	o.flags(cmd)
	onlyFlag(cmd, &only)
	cmd.Flags().StringSliceVar(&ids, "id", nil, "jobs of the spec by their ids, as venn plan lists them; the report is left to venn report")
	return cmd
}

// keepJobs keeps the jobs of these ids.
func keepJobs(plan *spec.Plan, ids []string) error {
	var kept []spec.Job
	for _, id := range ids {
		at := slices.IndexFunc(plan.Jobs, func(j spec.Job) bool { return j.ID == id })
		if at < 0 {
			return usage("--id: %q is no job of %s; `venn plan` lists them", id, plan.Name)
		}
		kept = append(kept, plan.Jobs[at])
	}
	plan.Jobs = kept
	return nil
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
	part     bool // of a study
	wait     bool // for jobs of a cluster
}

func (o *launchOptions) flags(cmd *cobra.Command) {
	cmd.Flags().IntVarP(&o.parallel, "jobs", "j", 1, "jobs at a time")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the outcomes as JSON")
	cmd.Flags().BoolVar(&o.wait, "wait", false, "with a cluster: wait for the jobs, then report")
	launcherFlag(cmd)
}

// launch does the jobs of a plan, shows their progress on stderr and prints the
// outcomes on stdout. Its error is the exit code where jobs failed or were stopped.
func (a *app) launch(ctx context.Context, o launchOptions, folder string, plan *spec.Plan) error {
	if o.parallel < 1 {
		return usage("--jobs: %d, want an integer from 1", o.parallel)
	}
	ctx, stop := a.interruptible(ctx, a.stopping())
	defer stop()
	n := len(plan.Jobs)
	outcomes, left, err := a.outcomes(ctx, o, plan, runs.RunOptions{
		Runs: folder, Data: a.settings.Data, Job: a.job, Parallel: o.parallel, Limits: a.settings.Limits, Drop: a.settings.Drop,
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
	if err != nil {
		return err
	}
	if left != "" {
		fmt.Fprintln(a.err, "venn: "+left)
	}
	if err := a.printOutcomes(outcomes, o.json); err != nil {
		return err
	}
	if left != "" && !o.wait { // to submit was all that was asked for
		outcomes = slices.DeleteFunc(outcomes, func(o runs.Outcome) bool { return o.State == runs.Queued })
	}
	if a.conclude != nil && !o.json && !o.part && left == "" {
		if err := a.conclude(outcomes); err != nil && codeOf(outcomes) == exitOK {
			return err
		} else if err != nil {
			fmt.Fprintf(a.err, "venn: %v\n", err)
		}
	}
	if code := codeOf(outcomes); code != exitOK {
		return exitError(code)
	}
	return nil
}

// launcherFlag is the flag of the commands that launch jobs, and of those that show how.
func launcherFlag(cmd *cobra.Command) {
	cmd.Flags().String("launcher", "", "who does the jobs: "+strings.Join(launchers, ", ")+" (default: in-process)")
}

// outcomes does the jobs of a plan by the launcher of the settings. left says how to follow
// and cancel jobs that go on without this process.
func (a *app) outcomes(ctx context.Context, how launchOptions, plan *spec.Plan, o runs.RunOptions) (out []runs.Outcome, left string, err error) {
	switch a.settings.Launcher {
	case "local":
		l, err := a.local(o)
		if err != nil {
			return nil, "", err
		}
		return launch.Run(ctx, plan, l, o)
	case "slurm":
		if err := launch.HasSlurm(); err != nil {
			return nil, "", usageError{err}
		}
		script, err := a.script(plan, o.Runs)
		if err != nil {
			return nil, "", err
		}
		if !how.wait {
			var stop context.CancelFunc
			ctx, stop = context.WithCancel(ctx)
			stop()
		}
		out, left, err := launch.Run(ctx, plan, &launch.Slurm{Script: script, Runs: o.Runs, Every: a.settings.Slurm.every}, o)
		if errors.As(err, new(*launch.RefusedError)) {
			err = usageError{err}
		}
		return out, left, err
	}
	if o.Limits.Memory > 0 {
		return nil, "", usage("%s: limits.memory is kept only where a job has a process of its own: give --launcher local", a.settings.Origins["limits.memory"])
	}
	return runs.Run(ctx, plan, o), "", nil
}

// local is the launcher of worker processes of this program.
func (a *app) local(o runs.RunOptions) (*launch.Local, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("launch: %w", err)
	}
	return &launch.Local{Command: []string{program, "work", "--threads", strconv.Itoa(a.settings.Threads)}, Options: o}, nil
}

// script is that of a plan's jobs on a cluster of Slurm.
func (a *app) script(plan *spec.Plan, folder string) (s launch.Script, err error) {
	s = launch.Script{SlurmSettings: a.settings.Slurm.SlurmSettings, Name: plan.Name, Limits: a.settings.Limits, Drop: a.settings.Drop}
	program, err := os.Executable()
	if err != nil {
		return s, fmt.Errorf("launch: %w", err)
	}
	if s.Here, err = os.Getwd(); err != nil {
		return s, fmt.Errorf("launch: %w", err)
	}
	if s.Folder, err = filepath.Abs(launch.LogFolder(folder, plan.Name)); err != nil {
		return s, fmt.Errorf("launch: %w", err)
	}
	data := a.settings.Data
	if data != "" {
		if data, err = filepath.Abs(data); err != nil {
			return s, fmt.Errorf("launch: %w", err)
		}
	}
	threads := a.settings.Threads
	if threads == 0 {
		threads = s.CPUs
	}
	s.Command = []string{program, "work", "--data", data, "--threads", strconv.Itoa(threads)}
	return s, nil
}

// stopping is what the first Ctrl-C does.
func (a *app) stopping() string {
	if a.settings.Launcher == "slurm" {
		return "waiting no longer"
	}
	return "stopping after a checkpoint"
}

// interruptible returns a context that the first Ctrl-C, SIGTERM or SIGHUP cancels, so
// that jobs make a checkpoint and stop; the second ends the program at once, which a run survives
// as it survives any kill.
func (a *app) interruptible(ctx context.Context, word string) (context.Context, func()) {
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
			fmt.Fprintln(a.err, "venn: "+word+"; once more stops now")
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
