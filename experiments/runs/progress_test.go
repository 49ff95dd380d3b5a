package runs

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// What stands right of a bar: as much as the line has room for, each part whole, and ten
// columns of it on the narrowest line.
func TestDescribe(t *testing.T) {
	for _, tt := range []struct {
		columns, steps int
		values         []Value
		want           string
	}{
		{41, 100, []Value{{"zero", 0.5}}, "train zero 0.5"}, // 13 of the frame, 6 of the bar, 6 of the count, 1 to spare
		{40, 100, []Value{{"zero", 0.5}}, "train"},
		{43, 1000, []Value{{"zero", 0.5}}, "train zero 0.5"},
		{42, 1000, []Value{{"zero", 0.5}}, "train"},
		{10, 100, []Value{{"a", 1}, {"b", 2}}, "train a 1"},
		{10, 100, []Value{{"ab", 1}, {"b", 2}}, "train"},
		{200, 100, []Value{{"a", 0.12345}, {"b", 2}}, "train a 0.12 b 2"},
	} {
		b := &bar{columns: func() int { return tt.columns }, pace: pace{name: "train", steps: tt.steps, now: func() time.Time { return time.Time{} }}}
		equal(t, fmt.Sprint(tt), b.describe(3, tt.values), tt.want)
	}
}

// Losses on a bar: names of five letters and a dot, the mean of both domains.
func TestInBrief(t *testing.T) {
	for _, tt := range []struct{ values, want []Value }{
		{nil, nil},
		{[]Value{{"sixsix", 1}, {"sevenxx", 2}}, []Value{{"sixsix", 1}, {"seven.", 2}}},
		{[]Value{{"zero/a", 1}, {"zero/b", 4}}, []Value{{"zero", 2.5}}},
		{[]Value{{"x", 7}, {"zero/a", 1}, {"zero/b", 4}, {"y", 8}}, []Value{{"x", 7}, {"zero", 2.5}, {"y", 8}}},
		{[]Value{{"one/a", 1}, {"two/b", 4}}, []Value{{"one", 1}, {"two/b", 4}}},
		{[]Value{{"zero/b", 4}, {"zero/a", 1}}, []Value{{"zero/b", 4}, {"zero", 1}}},
		{[]Value{{"r/c", 4}}, []Value{{"r/c", 4}}},
	} {
		equal(t, fmt.Sprint(tt.values), inBrief(tt.values), tt.want)
	}
}

// A bar names its job once, has no clock of the library's and ends each stage's line.
func TestBarOfStages(t *testing.T) {
	var out bytes.Buffer
	b := NewBar(&out, "seed=0: ", func() int { return 100 })
	b.Step(1, nil) // before any stage
	equal(t, "before any stage", out.String(), "")
	b.Stage("read", 0, 4)
	b.Step(4, nil)
	b.Stage("train", 2, 4)
	b.Step(3, nil)
	b.End()
	s := out.String()
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	equal(t, "lines", len(lines), 3)
	equal(t, "the job", lines[0], "seed=0")
	for i, want := range []string{"4/4", "2/4"} {
		if !strings.Contains(lines[i+1], want) || !strings.Contains(lines[i+1], []string{"read", "train"}[i]) || strings.Contains(lines[i+1], "[") {
			t.Errorf("line %q, want %s and no times in brackets", lines[i+1], want)
		}
	}
	b.Step(4, nil) // after the end
	equal(t, "after the end", out.String(), s)
}
