package experiments

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress shows a person how far a job is. Only the display looks at the clock.
type Progress interface {
	// Stage begins a stage ("train") of so many steps, of which done were made
	// before: a resumed training begins beyond zero.
	Stage(name string, done, steps int)
	// Step says how many steps of the stage are made, and the losses of the last.
	Step(done int, values []Value)
	// End ends the display; later calls show nothing.
	End()
}

type silent struct{}

func (silent) Stage(string, int, int) {}
func (silent) Step(int, []Value)      {}
func (silent) End()                   {}

// A pace measures steps per second and the time that is left.
type pace struct {
	name         string
	first, steps int
	begun        time.Time
	now          func() time.Time
}

func newPace(name string, done, steps int, now func() time.Time) pace {
	return pace{name: name, first: done, steps: steps, begun: now(), now: now}
}

// text is "3.2 steps/s, 2m10s left, reconstruction 0.211, zero 0.0134".
func (p pace) text(done int, values []Value) string {
	var parts []string
	if seconds := p.now().Sub(p.begun).Seconds(); seconds > 0 && done > p.first {
		rate := float64(done-p.first) / seconds
		left := time.Duration(float64(p.steps-done) / rate * float64(time.Second))
		parts = append(parts, fmt.Sprintf("%.3g steps/s", rate), fmt.Sprintf("%s left", left.Round(time.Second)))
	}
	for _, v := range values {
		parts = append(parts, fmt.Sprintf("%s %.3g", v.Name, v.Value))
	}
	return strings.Join(parts, ", ")
}

// lines prints a line when a stage begins or ends and every few seconds between.
type lines struct {
	w      io.Writer
	prefix string
	every  time.Duration
	pace   pace
	last   time.Time
	now    func() time.Time
}

// NewLines is the display for logs and pipes: a plain line every so often, each
// after the prefix.
func NewLines(w io.Writer, prefix string, every time.Duration) Progress {
	return &lines{w: w, prefix: prefix, every: every, now: time.Now}
}

func (l *lines) Stage(name string, done, steps int) {
	l.pace, l.last = newPace(name, done, steps, l.now), l.now()
	fmt.Fprintf(l.w, "%s%s: %d/%d\n", l.prefix, name, done, steps)
}

func (l *lines) Step(done int, values []Value) {
	if now := l.now(); now.Sub(l.last) >= l.every || done == l.pace.steps {
		l.last = now
		fmt.Fprintf(l.w, "%s%s: %d/%d, %s\n", l.prefix, l.pace.name, done, l.pace.steps, l.pace.text(done, values))
	}
}

func (l *lines) End() {}

// bar redraws one line of a terminal.
type bar struct {
	w      io.Writer
	prefix string
	width  int
	pace   pace
	bar    *progressbar.ProgressBar
}

// NewBar is the display for a terminal of so many columns. It uses no colours.
func NewBar(w io.Writer, prefix string, columns int) Progress {
	return &bar{w: w, prefix: prefix, width: columns}
}

// barColumns is what the bar itself, its percentage and its counts take.
const barColumns = 50

func (b *bar) Stage(name string, done, steps int) {
	b.End()
	b.pace = newPace(name, done, steps, time.Now)
	b.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(b.w), progressbar.OptionSetWidth(16),
		progressbar.OptionShowCount(), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetDescription(b.describe("")))
	// Only drawing can fail, and a display that cannot be drawn stops no job.
	_ = b.bar.Set(done)
}

func (b *bar) describe(text string) string {
	s := b.prefix + b.pace.name
	if text != "" {
		s += ": " + text
	}
	if room := max(10, b.width-barColumns); len(s) > room {
		s = s[:room]
	}
	return s
}

func (b *bar) Step(done int, values []Value) {
	if b.bar == nil {
		return
	}
	b.bar.Describe(b.describe(b.pace.text(done, values)))
	_ = b.bar.Set(done)
}

func (b *bar) End() {
	if b.bar != nil {
		_ = b.bar.Exit()
		fmt.Fprintln(b.w)
		b.bar = nil
	}
}
