package runs

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/venn-adapt/venn/experiments/index"
	states "github.com/venn-adapt/venn/experiments/runs"
)

// cell prints what a run has in a column or as an option; nothing where it has none.
func cell(r *index.Run, name string, options map[string]map[string]string, now time.Time) string {
	value, column := r.Value(name)
	if !column {
		return options[name][r.Path]
	}
	switch name {
	case "accuracy":
		if r.Accuracy == nil {
			return ""
		}
		return fmt.Sprintf("%.4f", *r.Accuracy)
	case "age":
		return ageText(r.Age(now))
	case "bytes":
		return bytesText(r.Bytes)
	case "version": // v0.0.0-20261126083736-894bdfd23b73: the revision is enough for people
		if parts := strings.Split(r.Version, "-"); len(parts) == 3 && strings.HasPrefix(r.Version, "v0.0.0-") {
			return parts[2]
		}
	}
	return fmt.Sprint(value)
}

// ageText prints an age in its largest unit.
func ageText(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if d >= u.unit {
			return fmt.Sprintf("%d%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%ds", max(0, d)/time.Second)
}

// bytesText prints a size in units of 1000.
func bytesText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB"}
	for len(units) > 1 && v >= 999.95 {
		v, units = v/1000, units[1:]
	}
	return fmt.Sprintf("%.1f %s", v, units[0])
}

// A group is the runs that agree in what is grouped by.
type group struct {
	By   map[string]string `json:"by"`
	Runs int               `json:"runs"`
	Done int               `json:"done"`
	// Of how many the accuracy is known, and what it is; null without any, the deviation,
	// which divides by one less, without two.
	Scored    int      `json:"scored"`
	Mean      *float64 `json:"accuracy_mean"`
	Deviation *float64 `json:"accuracy_deviation"`
	Min       *float64 `json:"accuracy_min"`
	Max       *float64 `json:"accuracy_max"`
}

// groups prints a row a group, in the order of their first run.
func (c Console) groups(found []index.Run, o *listOptions, options map[string]map[string]string, now time.Time) error {
	out := []*group{}
	scores := map[*group][]float64{}
	for i := range found {
		by := map[string]string{}
		for _, name := range o.group {
			by[name] = cell(&found[i], name, options, now)
		}
		at := slices.IndexFunc(out, func(g *group) bool {
			return !slices.ContainsFunc(o.group, func(name string) bool { return g.By[name] != by[name] })
		})
		if at < 0 {
			at = len(out)
			out = append(out, &group{By: by})
		}
		g := out[at]
		g.Runs++
		if found[i].State == states.Done {
			g.Done++
		}
		if v := found[i].Accuracy; v != nil {
			scores[g] = append(scores[g], *v)
		}
	}
	for _, g := range out {
		g.sum(scores[g])
	}
	if o.json {
		return c.JSON(out)
	}
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return fmt.Sprintf("%.4f", *v)
	}
	rows := [][]string{append(slices.Clone(o.group), "runs", "done", "accuracy", "deviation", "min", "max")}
	for _, g := range out {
		var row []string
		for _, name := range o.group {
			row = append(row, g.By[name])
		}
		rows = append(rows, append(row, fmt.Sprint(g.Runs), fmt.Sprint(g.Done), number(g.Mean), number(g.Deviation), number(g.Min), number(g.Max)))
	}
	return c.Rows(rows)
}

func (g *group) sum(v []float64) {
	g.Scored = len(v)
	if len(v) == 0 {
		return
	}
	mean, squares := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	low, high := slices.Min(v), slices.Max(v)
	g.Mean, g.Min, g.Max = &mean, &low, &high
	if len(v) > 1 {
		d := math.Sqrt(squares / float64(len(v)-1))
		g.Deviation = &d
	}
}
