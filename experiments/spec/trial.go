package spec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/internal/stream"
)

// A span is what values of a path are drawn from.
type span struct {
	kind      string // "log", "uniform", "integer"; empty: one of choices
	low, high float64
	choices   []*node
}

var spanText = regexp.MustCompile(`^(log|uniform|integer) +([^ ]+?)\.\.([^ ]+)$`)

const spanWanted = "want log a..b, uniform a..b, integer a..b or a list of values"

// spanOf reads a span; the problem is empty where there is none.
func spanOf(n *node) (s span, problem string) {
	if n.kind == listNode && len(n.list) > 0 {
		seen := map[string]bool{}
		for _, v := range n.list {
			if text := compact(v.plain()); seen[text] {
				return s, text + " is listed twice"
			}
			seen[compact(v.plain())] = true
		}
		return span{choices: n.list}, ""
	}
	text, _ := n.scalar.(string)
	parts := spanText.FindStringSubmatch(text)
	if n.kind != scalarNode || parts == nil {
		return s, show(n) + ", " + spanWanted
	}
	s.kind = parts[1]
	for i, end := range []*float64{&s.low, &s.high} {
		v, err := strconv.ParseFloat(parts[2+i], 64)
		if err != nil || !decimal.MatchString(parts[2+i]) {
			return s, fmt.Sprintf("%s: %.20q is no number; %s", show(n), parts[2+i], spanWanted)
		}
		*end = v
	}
	switch {
	case s.low > s.high:
		return s, show(n) + " is upside down; want the lower end first"
	case s.kind == "log" && s.low <= 0:
		return s, show(n) + ": a logarithmic range wants ends above 0"
	case s.kind == "integer" && (s.low != math.Trunc(s.low) || s.high != math.Trunc(s.high) || max(-s.low, s.high) > 1<<31):
		return s, show(n) + ": want integers as ends, of 2147483648 at most"
	case s.kind != "integer" && fourDigits(s.low) == fourDigits(s.high):
		return s, show(n) + ": the ends are alike in the four digits that values have; want a wider range"
	}
	return s, ""
}

// ends are the values between which all others are, or all choices.
func (s span) ends() []*node {
	if s.kind == "" {
		return s.choices
	}
	return []*node{s.node(s.low), s.node(s.high)}
}

func (s span) node(v float64) *node {
	if s.kind == "integer" {
		return &node{scalar: int64(v)}
	}
	return &node{scalar: v}
}

// different is how many values there are; infinite of numbers that are not integers.
func (s span) different() float64 {
	switch s.kind {
	case "":
		return float64(len(s.choices))
	case "integer":
		return s.high - s.low + 1
	}
	return math.Inf(1)
}

// draw takes one value. Numbers have four significant digits: they are read and typed by
// people, and the last bits of a logarithm, which differ between processors, make no other job.
func (s span) draw(r *rand.Rand) *node {
	switch s.kind {
	case "":
		return s.choices[r.IntN(len(s.choices))]
	case "integer":
		return s.node(s.low + float64(r.Int64N(int64(s.high-s.low)+1)))
	case "log":
		return s.node(s.within(math.Exp(math.Log(s.low) + r.Float64()*(math.Log(s.high)-math.Log(s.low)))))
	}
	return s.node(s.within(s.low + r.Float64()*(s.high-s.low)))
}

func (s span) within(v float64) float64 { return min(s.high, max(s.low, fourDigits(v))) }

func fourDigits(v float64) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 3, 64), 64)
	if err != nil {
		panic(err) // what was just printed
	}
	return out
}

// mostDraws bounds how often a trial that repeats an earlier one is drawn anew.
const mostDraws = 1 << 16

// trialValues are the values of trials 1..n, one of each dimension, no two trials alike. Each
// value is the first of the stream of the search's seed, the path and the trial's number; a
// trial that repeats an earlier one takes the next of its streams.
func trialValues(seed uint64, over []dimension, n int) [][]*node {
	out := make([][]*node, n)
	seen := map[string]bool{}
	for t := range out {
		streams := make([]*rand.Rand, len(over))
		for i, d := range over {
			streams[i] = stream.New(seed, "search", d.path, t+1)
		}
		for range mostDraws {
			out[t] = nil
			var text []string
			for i, d := range over {
				v := d.span.draw(streams[i])
				out[t], text = append(out[t], v), append(text, compact(v.plain()))
			}
			if all := strings.Join(text, "\n"); !seen[all] {
				seen[all] = true
				break
			}
		}
	}
	return out
}

// each calls do for every trial of a point, or once where nothing of it is searched. Where
// trials would be at fault do is called for the point without them, which shows what else is wrong.
func (s *search) each(root *node, values []Parameter, top Position, do func(root *node, values []Parameter)) Faults {
	if s == nil {
		do(root, values)
		return nil
	}
	over := s.of(values)
	if s.lacks || len(over) == 0 {
		do(root, values)
		return nil
	}
	if faults := s.check(root, over, top); len(faults) > 0 {
		do(root, values)
		return faults
	}
	for t, drawn := range trialValues(s.seed, over, s.trials) {
		trial := root.with(s.section(t+1, over, values), "search")
		point := append(slices.Clip(values), Parameter{trialPath, t + 1, originOf(s.at)})
		for i, v := range drawn {
			trial = trial.with(v.moved(over[i].at), strings.Split(over[i].path, ".")...)
			point = append(point, Parameter{over[i].path, v.plain(), originOf(over[i].at)})
		}
		do(trial, point)
	}
	return nil
}

// section is the section search of a trial's own spec.
func (s *search) section(trial int, over []dimension, values []Parameter) *node {
	scalar := func(v any) *node { return &node{at: s.at, scalar: v} }
	paths := &node{at: s.at, kind: listNode}
	for _, d := range over {
		paths.list = append(paths.list, scalar(d.path))
	}
	out := &node{at: s.at, kind: mapNode}
	for _, f := range []field{{name: "trial", value: scalar(int64(trial))}, {name: "trials", value: scalar(int64(s.trials))}, {name: "of", value: scalar(pointText(values))}, {name: "over", value: paths}, {name: "by", value: s.by},
		{name: "first", value: scalar(int64(s.halving[0]))}, {name: "eta", value: scalar(int64(s.halving[1]))}} {
		out = out.with(f.value, f.name)
	}
	return out
}
