package runs

import (
	"context"
	"fmt"
	"time"
)

// Limits bound what one job may take. They come from the user's settings and not from the
// spec: they are about a machine and a person's patience, change nothing in what a job
// makes, and are no part of its identity. A job that meets one fails with it as cause.
type Limits struct {
	// Time is how long a job may take from where it begins or goes on; 0: for ever. It
	// makes its checkpoint then, so that it goes on from there under a larger bound.
	Time time.Duration `json:"time,omitempty"`
	// Memory, in bytes, is kept by launchers that give a job a process of its own; 0: no bound.
	Memory int64 `json:"memory,omitempty"`
	// Silence is how long such a process may neither show progress nor compute; 0: for ever.
	Silence time.Duration `json:"silence,omitempty"`
}

// A LimitError says which bound a job met.
type LimitError struct {
	Limit string // its name among the settings
	Text  string
}

func (e *LimitError) Error() string { return "experiments: " + e.Limit + ": " + e.Text }

// timed bounds the time of a job.
func (l Limits) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.Time <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, l.Time, l.TooLong())
}

// TooLong is the error of a job that met the bound of time.
func (l Limits) TooLong() error {
	return &LimitError{"limits.time", fmt.Sprintf("not done after %s; raise it and run `venn resume`", l.Time)}
}
