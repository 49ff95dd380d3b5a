package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1  // what was asked for failed
	exitUsage       = 2  // the command line, the settings or the spec is at fault
	exitSomeFailed  = 3  // some jobs failed, others did not
	exitTolerance   = 4  // a comparison is out of tolerance
	exitDamaged     = 5  // data or a checkpoint is damaged
	exitInterrupted = 75 // interrupted; `venn resume` goes on
)

// A usageError is a mistake in what the user typed or set.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// An exitError ends the program with a code, without a further word.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report prints an error, a line for each fault of a spec and one line for
// anything else, and returns the exit code.
func report(w io.Writer, err error) int {
	var code exitError
	var faults spec.Faults
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &faults):
		fmt.Fprintln(w, faults)
		return exitUsage
	}
	fmt.Fprintf(w, "venn: %v\n", err)
	switch {
	case errors.As(err, new(usageError)):
		return exitUsage
	case runs.IsDamaged(err):
		return exitDamaged
	}
	return exitFailed
}

// codeOf is the exit code of the outcomes of a plan.
func codeOf(outcomes []runs.Outcome) int {
	done, failed, damaged, stopped := 0, 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o.State == runs.Done || o.State == runs.Stopped:
			done++
		case o.State != runs.Failed:
			stopped++
		default:
			failed++
			if runs.IsDamaged(o.Err) {
				damaged++
			}
		}
	}
	switch {
	case stopped > 0:
		return exitInterrupted
	case failed == 0:
		return exitOK
	case damaged == failed:
		return exitDamaged
	case done > 0:
		return exitSomeFailed
	}
	return exitFailed
}

func describe(o runs.Outcome) string {
	switch {
	case o.Another && o.Err != nil:
		return fmt.Sprintf("%s by another process: %v", o.State, o.Err)
	case o.Another:
		return string(o.State) + " by another process"
	case o.Reused:
		return "done before"
	case o.Err != nil:
		return fmt.Sprintf("%s: %v", o.State, o.Err)
	case o.Where != "":
		return fmt.Sprintf("%s %s", o.State, o.Where)
	}
	return string(o.State)
}
