package figures

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/reports"
)

func labels(r roundTicks, low, high float64) string {
	var out []string
	for _, t := range r.Ticks(low, high) {
		out = append(out, t.Label)
		if v := fmt.Sprint(t.Value); t.Label != "0" && math.Abs(t.Value) < 1e4 && !(math.Abs(t.Value) <= 1e-3) && strings.TrimRight(strings.TrimRight(t.Label, "0"), ".") != v && t.Label != v {
			out = append(out, "at "+v)
		}
	}
	return strings.Join(out, " ")
}

func TestRoundTicks(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		whole     bool
		want      string
	}{
		{0, 4, false, "0 1 2 3 4"},
		{0, 4.1, false, "0 2 4"},
		{0, 40, true, "0 10 20 30 40"},
		{0, 101, true, "0 50 100"},
		{0, 135, true, "0 50 100"},
		{0, 2.7, true, "0 1 2"},
		{0, 1.35, true, "0 1"},
		{0, 2, false, "0 0.5 1.0 1.5 2.0"},
		{-0.1, 0.3, false, "-0.1 0 0.1 0.2 0.3"},
		{0.013, 0.041, false, "0.02 0.03 0.04"},
		{0.4, 0.9, false, "0.4 0.6 0.8"},
		{-30, -10, false, "-30 -25 -20 -15 -10"},
		{0, 4e-7, false, "0 1e-07 2e-07 3e-07 4e-07"},
		{0, 8e6, false, "0 2e+06 4e+06 6e+06 8e+06"},
		{0, 80000, false, "0 20000 40000 60000 80000"},
		{0, 4e-4, false, "0 0.0001 0.0002 0.0003 0.0004"}, {0, 4e-5, false, "0 1e-05 2e-05 3e-05 4e-05"},
		{0, 4e5, false, "0 100000 200000 300000 400000"}, {0, 4e6, false, "0 1e+06 2e+06 3e+06 4e+06"},
		{3, 3, false, "3"},
	} {
		if got := labels(roundTicks{tt.whole}, tt.low, tt.high); got != tt.want {
			t.Errorf("%v to %v, whole %v: %s, want %s", tt.low, tt.high, tt.whole, got, tt.want)
		}
	}
	for _, tt := range []struct {
		size, factor float64
		power        int
	}{{1, 1, 0}, {1.5, 2, 0}, {2, 2, 0}, {2.1, 5, 0}, {5, 5, 0}, {5.1, 1, 1}, {10, 1, 1}, {0.03, 5, -2}, {0.1, 1, -1}} {
		if power, factor := roundStep(tt.size); power != tt.power || factor != tt.factor {
			t.Errorf("step of %v: %v 10^%d, want %v 10^%d", tt.size, factor, power, tt.factor, tt.power)
		}
	}
}

// The observed value lies within the frame whether it is the largest, the smallest or the only one, and counts are whole.
func TestIndependencePanels(t *testing.T) {
	p := 0.25
	measured := func(name string, value float64, null ...float64) reports.Measured {
		return reports.Measured{Of: "x and y", Result: metrics.Result{Name: name, Value: value, Null: null, P: &p}}
	}
	r := reports.Run{Results: reports.Results{Job: "j", Independence: []reports.Measured{measured("right", 9, 1, 2, 3, 1), measured("left", -1, 1, 2, 9, 1), {Of: "collapsed", Result: metrics.Result{Degenerate: true, Null: []float64{1}}}},
		Discrepancy: []reports.Measured{measured("inside", 2, 1, 2, 3, 1), measured("one", 2, 2, 2), measured("far", -40, -40), {Of: "no test"}}}}
	f, _, err := independenceFigure([]reports.Run{r, {}})
	if err != nil || len(f.Panels) != 5 {
		t.Fatalf("%v, %v", f, err)
	}
	for i, want := range []struct {
		low, high, top float64
		y              string
	}{
		// A bar of the two rows at 1: 2 high, and the frame 1.35 times that.
		{1 - 0.4, 9 + 0.4, 2.7, "0 1 2"}, {-1 - 0.5, 9 + 0.5, 2.7, "0 1 2"}, {1 - 0.1, 3 + 0.1, 2.7, "0 1 2"}, {2 - 0.1, 2 + 0.1, 2.7, "0 1 2"}, {-40 - 2, -40 + 2, 1.35, "0 1"},
	} {
		q := f.Panels[i]
		if !(math.Abs(q.X.Min-want.low) <= 1e-9) || !(math.Abs(q.X.Max-want.high) <= 1e-9) || q.Y.Min != 0 || !(math.Abs(q.Y.Max-want.top) <= 1e-9) {
			t.Errorf("panel %d: %v to %v, %v to %v; want %+v", i, q.X.Min, q.X.Max, q.Y.Min, q.Y.Max, want)
		}
		var y []string
		for _, tick := range q.Y.Tick.Marker.Ticks(q.Y.Min, q.Y.Max) {
			y = append(y, tick.Label)
		}
		if strings.Join(y, " ") != want.y || q.X.Tick.Marker != (roundTicks{}) {
			t.Errorf("panel %d: ticks %v, want %s", i, y, want.y)
		}
	}
	if got := strings.Join(f.Data[0], " "); got != " x and y right observed 9" || strings.Join(f.Data[3], " ") != " x and y right null 3" || len(f.Data) != 5+4+4+4+2+1 {
		t.Errorf("data %v", f.Data)
	}
	if f.Caption == "" || !strings.Contains(f.Caption, "Job j") {
		t.Errorf("caption %q", f.Caption)
	}
}
