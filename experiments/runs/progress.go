package runs

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

// speed is "3.2 steps/s" and "2m10s left"; nothing before the first step, nor of a
// stage of one.
func (p pace) speed(done int) []string {
	seconds := p.now().Sub(p.begun).Seconds()
	if seconds <= 0 || done <= p.first || p.steps == 1 {
		return nil
	}
	rate := float64(done-p.first) / seconds
	left := time.Duration(float64(p.steps-done) / rate * float64(time.Second))
	speed := fmt.Sprintf("%.3g steps/s", rate)
	if rate >= 1000 {
		speed = fmt.Sprintf("%.0f steps/s", rate) // not 1.46e+03
	}
	return []string{speed, fmt.Sprintf("%s left", left.Round(time.Second))}
}

// fewSteps is the length of a stage whose every step has its line: the next may take
// minutes.
const fewSteps = 50

// lines prints a line when a stage begins or ends and every few seconds between; at
// every step of a stage of few.
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
	if now := l.now(); now.Sub(l.last) >= l.every || done == l.pace.steps || l.pace.steps <= fewSteps {
		l.last = now
		parts := append([]string{fmt.Sprintf("%s%s: %d/%d", l.prefix, l.pace.name, done, l.pace.steps)}, l.pace.speed(done)...)
		for _, v := range values {
			parts = append(parts, fmt.Sprintf("%s %.3g", v.Name, v.Value))
		}
		fmt.Fprintln(l.w, strings.Join(parts, ", ")) // "train: 150/200, 10 steps/s, 5s left, zero 0.0123"
	}
}

func (l *lines) End() {}

// bar redraws one line of a terminal.
type bar struct {
	w       io.Writer
	prefix  string
	columns func() int
	begun   bool
	pace    pace
	bar     *progressbar.ProgressBar
}

// NewBar is the display for a terminal, whose width columns tells at every step: a
// line that names the job, then one a stage. It uses no colours.
func NewBar(w io.Writer, prefix string, columns func() int) Progress {
	return &bar{w: w, prefix: prefix, columns: columns}
}

// barCells is the length of the bar itself.
const barCells = 6

func (b *bar) Stage(name string, done, steps int) {
	b.End()
	if !b.begun {
		b.begun = true
		fmt.Fprintln(b.w, strings.TrimRight(b.prefix, ": "))
	}
	b.pace = newPace(name, done, steps, time.Now)
	b.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(b.w), progressbar.OptionSetWidth(barCells),
		progressbar.OptionShowCount(), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetDescription(b.describe(done, nil)))
	// Only drawing can fail, and a display that cannot be drawn stops no job.
	_ = b.bar.Set(done)
}

// describe is what stands right of the bar: the stage, its pace, then as many
// losses as the line has room for, each whole.
func (b *bar) describe(done int, values []Value) string {
	parts := append([]string{b.pace.name}, b.pace.speed(done)...)
	for _, v := range inBrief(values) {
		parts = append(parts, fmt.Sprintf("%s %.2g", v.Name, v.Value))
	}
	count := 2 * len(fmt.Sprint(b.pace.steps))
	room := b.columns() - 1 - len(" 100% || (/) ") - barCells - count
	text := ""
	for _, p := range parts {
		if len(text)+1+len(p) > max(room, 10) {
			break
		}
		text += " " + p
	}
	return strings.TrimSpace(text)
}

// briefName is how much of a loss's name stands on a bar.
const briefName = 5

// inBrief shortens names and takes the mean of a quantity of both domains, whose
// names end in /a and /b: the records keep the whole.
func inBrief(values []Value) []Value {
	var out []Value
	for i, v := range values {
		name, side, _ := strings.Cut(v.Name, "/")
		if side == "b" && i > 0 && values[i-1].Name == name+"/a" {
			last := &out[len(out)-1]
			last.Value = (last.Value + v.Value) / 2
			continue
		}
		if side != "a" && side != "" {
			name = v.Name
		}
		if len(name) > briefName+1 {
			name = name[:briefName] + "."
		}
		out = append(out, Value{name, v.Value})
	}
	return out
}

func (b *bar) Step(done int, values []Value) {
	if b.bar == nil {
		return
	}
	b.bar.Describe(b.describe(done, values))
	_ = b.bar.Set(done)
}

func (b *bar) End() {
	if b.bar != nil {
		_ = b.bar.Exit()
		fmt.Fprintln(b.w)
		b.bar = nil
	}
}
