package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/internal/arrays"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/metrics/inference"
)

// A scoresCall is what `venn measure scores` is asked.
type scoresCall struct {
	against         string
	margin, overlap float64
	seed            uint64
	asJSON          bool
}

func newMeasureScores(a *app) *cobra.Command {
	c := &scoresCall{}
	cmd := &cobra.Command{Use: "scores FILE", Short: "compare methods by a table of scores of one's own: intervals and paired tests",
		Long: "A text table with a column a method, its name above, and a row a run (a seed, a split), the same run for\n" +
			"all methods. A column called task says which task a run is of.",
		Example: "  venn measure scores scores.csv --against dann --margin 0.01",
		Args:    exactly(1, "a file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.measureScores(c, args[0]) }}
	f := cmd.Flags()
	f.StringVar(&c.against, "against", "", "method that the others are compared with (default: the one with the highest mean)")
	f.Float64Var(&c.margin, "margin", 0.01, "difference that is practically none, in the unit of the scores")
	f.Float64Var(&c.overlap, "overlap", 0, "test rows over training rows, where runs are splits of one dataset: corrects the t-test (Nadeau and Bengio)")
	f.Uint64Var(&c.seed, "seed", 0, "seed of resamples and draws")
	f.BoolVar(&c.asJSON, "json", false, "print as JSON")
	return cmd
}

func (a *app) measureScores(c *scoresCall, path string) error {
	table, err := readScores(path)
	if err != nil {
		return err
	}
	against := table.Best()
	if c.against != "" {
		if against = slices.Index(table.Methods, c.against); against < 0 {
			return usage("%s has no method %q%s", path, c.against, registry.DidYouMean(c.against, table.Methods))
		}
	}
	if !(c.margin > 0) || !(c.overlap >= 0) || math.IsInf(c.margin+c.overlap, 1) {
		return usage("measure scores: --margin %v, --overlap %v: want a number above 0 and one from 0", c.margin, c.overlap)
	}
	if n := len(table.Tasks); n < 2 {
		return usage("%s: %d rows, want at least two runs", path, n)
	}
	summaries, err := table.Summaries(c.seed)
	if err != nil {
		return err
	}
	contrasts, err := table.Contrasts(against, c.margin, c.overlap, c.seed)
	if err != nil {
		return err
	}
	if c.asJSON {
		return a.printJSON(scoresRecord(summaries, contrasts))
	}
	return a.printScores(c, summaries, contrasts)
}

// readScores reads a table of scores. It fails on tables without names, without two methods
// or with cells that are no finite numbers, naming line and column.
func readScores(path string) (inference.Table, error) {
	var out inference.Table
	data, err := os.ReadFile(path)
	if err != nil {
		return out, usageError{err}
	}
	t, err := arrays.ParseTable(data)
	if err != nil {
		return out, usage("%s: %v", path, err)
	}
	if len(t.Rows) == 0 {
		return out, usage("%s is empty, want a line of methods' names and a line a run", path)
	}
	task := slices.Index(t.Rows[0], "task")
	var columns []int
	for j, name := range t.Rows[0] {
		if j == task {
			continue
		}
		if _, err := arrays.Number(name); err == nil || name == "" || slices.Contains(out.Methods, name) {
			return out, usage("%s:%d: column %d is called %q, want the name of a method, each once", path, t.Lines[0], j+1, name)
		}
		columns, out.Methods = append(columns, j), append(out.Methods, name)
	}
	if len(columns) < 2 {
		return out, usage("%s: %d methods, want at least two columns", path, len(columns))
	}
	out.Scores = make([][]float64, len(columns))
	for i, row := range t.Rows[1:] {
		name := ""
		if task >= 0 {
			name = row[task]
		}
		out.Tasks = append(out.Tasks, name)
		for m, j := range columns {
			v, err := arrays.Number(row[j])
			if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
				err = fmt.Errorf("%q, want a finite number", row[j])
			}
			if err != nil {
				return out, usage("%s:%d: %s: %v", path, t.Lines[i+1], out.Methods[m], err)
			}
			out.Scores[m] = append(out.Scores[m], v)
		}
	}
	return out, nil
}

func between(i inference.Interval) string {
	if math.IsNaN(i.Low) {
		return ""
	}
	return digits(i.Low) + " to " + digits(i.High)
}

func (a *app) printScores(c *scoresCall, summaries []inference.Summary, contrasts []inference.Contrast) error {
	rows := [][]string{{"method", "runs", "mean", "deviation", "95% (Student)", "95% (BCa)", "interquartile mean", "95%"}}
	var notes []string
	for _, s := range summaries {
		rows = append(rows, []string{s.Method, strconv.Itoa(s.N), digits(s.Mean), digits(s.SD), between(s.Student), between(s.Bootstrap), digits(s.Middle.Estimate), between(s.Middle)})
		for _, i := range []inference.Interval{s.Student, s.Bootstrap, s.Middle} {
			notes = append(notes, i.Warnings...)
		}
	}
	if err := a.printRows(rows); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nagainst %s, run by run\n", contrasts[0].Against)
	rows = [][]string{{"method", "difference", "95%", "p (t)", "p (Wilcoxon)", "p (sign flips)", "Holm", "FDR"}}
	more := [][]string{{"method", "effect", "shown by so many runs", "runs needed", "better", "equal", "worse", "equivalent"}}
	for _, k := range contrasts {
		rows = append(rows, []string{k.Method, digits(k.Mean.Estimate), between(k.Mean), digits(k.Student), digits(k.SignedRank), digits(k.Flips), digits(k.Holm), digits(k.FalseRate)})
		needed, equivalent := "", "no"
		if k.Needed > 0 {
			needed = strconv.Itoa(k.Needed)
		}
		if k.Equivalent {
			equivalent = "yes"
		}
		more = append(more, []string{k.Method, digits(k.Effect), digits(k.SmallestShown), needed, digits(k.Posterior.First), digits(k.Posterior.Equal), digits(k.Posterior.Second), equivalent})
		notes = append(notes, k.Warnings...)
	}
	if err := a.printRows(rows); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	if err := a.printRows(more); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nholm and FDR adjust the p of sign flips. Better, equal and worse are posterior probabilities (Bayesian signed rank),\nequal within %s; equivalent: two one-sided t-tests at 5%%. Shown and needed: with power 0.8 at 5%%.\n", digits(c.margin))
	slices.Sort(notes)
	for _, n := range slices.Compact(notes) {
		fmt.Fprintf(a.err, "venn: %s\n", strings.TrimPrefix(n, "metrics: "))
	}
	return nil
}

// scoresRecord is the JSON of a comparison; what is no number is left out.
func scoresRecord(summaries []inference.Summary, contrasts []inference.Contrast) map[string]any {
	number := func(v float64) any {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	}
	pair := func(i inference.Interval) any {
		if math.IsNaN(i.Low) {
			return nil
		}
		return [2]float64{i.Low, i.High}
	}
	var methods, compared []map[string]any
	for _, s := range summaries {
		methods = append(methods, map[string]any{"method": s.Method, "n": s.N, "mean": s.Mean, "sd": number(s.SD), "student_95": pair(s.Student), "bca_95": pair(s.Bootstrap),
			"interquartile_mean": s.Middle.Estimate, "interquartile_95": pair(s.Middle)})
	}
	for _, k := range contrasts {
		compared = append(compared, map[string]any{"method": k.Method, "against": k.Against, "n": k.N, "difference": k.Mean.Estimate, "student_95": pair(k.Mean), "effect": number(k.Effect),
			"p_t": k.Student, "p_wilcoxon": k.SignedRank, "p_sign_flips": k.Flips, "p_holm": k.Holm, "p_fdr": k.FalseRate,
			"better": k.Posterior.First, "equal": k.Posterior.Equal, "worse": k.Posterior.Second, "equivalent": k.Equivalent, "within_90": pair(k.Within),
			"smallest_shown": k.SmallestShown, "runs_needed": k.Needed, "warnings": k.Warnings})
	}
	return map[string]any{"methods": methods, "contrasts": compared}
}
