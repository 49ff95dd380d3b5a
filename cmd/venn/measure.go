package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/arrays"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// A measureCall is one call of `venn measure`.
type measureCall struct {
	kind         metrics.Kind
	tests        []string
	every        bool // all measures were asked for: those that do not apply are left out
	permutations int
	seed         uint64
	rows         int
	subsamples   int
	sequential   bool
	blocks       []string // of disentanglement
	asJSON       bool
	times        bool
}

// A measured is what `venn measure` prints.
type measured struct {
	Kind    string           `json:"kind"`
	Rows    [2]int           `json:"rows"`
	Columns [2]int           `json:"columns"`
	Results []metrics.Result `json:"results"`
	// LeftOut are the measures of `--tests all` that these data do not allow.
	LeftOut []leftOut `json:"left_out,omitempty"`
	// Holm are the p-values adjusted over the tests of this call, one a result; null without a test.
	Holm    []*float64    `json:"holm"`
	Leakage *leakageTable `json:"leakage,omitempty"`
	// Seconds that each result took, where times were asked for.
	Seconds []float64 `json:"seconds,omitempty"`
}

// A leftOut is a measure without a result, and why.
type leftOut struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func newMeasure(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "measure independence|discrepancy|disentanglement|scores|correctness FILE ...", Short: "run the metrics on anyone's arrays (.npy, .npz, .csv), tables of scores and attributes of images",
		Example: "  venn measure independence codes-x.npy codes-y.npy --tests hsic,dcor-u",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kinds := []string{"independence", "discrepancy", "disentanglement", "scores", "correctness"}
		if len(args) == 0 {
			return usage("measure: want one of %s", strings.Join(kinds, ", "))
		}
		return usage("measure: unknown kind %q%s", args[0], registry.DidYouMean(args[0], kinds))
	}
	cmd.AddCommand(
		newMeasureKind(a, metrics.Independence, "independence X Y", "how dependent the paired rows of two blocks are", []string{"hsic", "dcor-u", "cka-linear-debiased"}),
		newMeasureKind(a, metrics.Discrepancy, "discrepancy X Y", "how far apart two samples are", []string{"mmd2", "energy-coefficient", "a-distance"}),
		newMeasureKind(a, metrics.Disentanglement, "disentanglement CODES FACTORS", "how codes hold known factors; blocks of code give the leakage matrix", []string{"mig", "sap", "dci", "modularity", "factorvae"}),
		newMeasureScores(a),
		newMeasureCorrectness(a),
	)
	return cmd
}

func newMeasureKind(a *app, kind metrics.Kind, use, short string, defaults []string) *cobra.Command {
	m := &measureCall{kind: kind}
	example := "  venn measure " + strings.NewReplacer("X Y", "x.npy y.npy", "CODES FACTORS", "codes.npy factors.csv").Replace(use)
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: exactly(2, "two files"),
		RunE: func(_ *cobra.Command, args []string) error { return a.measure(m, args[0], args[1]) }}
	f := cmd.Flags()
	f.StringSliceVar(&m.tests, "tests", defaults, "measures, as `venn list metrics` names them; all: every one that the data allow")
	f.IntVar(&m.permutations, "permutations", 999, "permutations of each test; 0: no tests")
	f.Uint64Var(&m.seed, "seed", 0, "seed of permutations and draws")
	f.IntVar(&m.rows, "rows", 0, "rows to draw at random; 0: all")
	f.IntVar(&m.subsamples, "intervals", 0, "halves to draw for a 95% interval, at least 40; 0: none")
	f.BoolVar(&m.sequential, "sequential", false, "end a test at its 20th permutation that reaches the value (Besag and Clifford)")
	f.BoolVar(&m.asJSON, "json", false, "print as JSON")
	f.BoolVar(&m.times, "times", false, "with --json: the seconds that each measure took")
	if kind == metrics.Disentanglement {
		f.StringSliceVar(&m.blocks, "blocks", nil, "blocks of columns of the code for the leakage matrix, as common=0:64,separate=64:72; default: the arrays of a .npz file")
	}
	return cmd
}

func (a *app) measure(m *measureCall, first, second string) error {
	chosen, err := m.measures()
	if err != nil {
		return err
	}
	if m.permutations < 0 || m.rows < 0 || (m.subsamples != 0 && m.subsamples < 40) {
		return usage("measure: --permutations %d, --rows %d, --intervals %d: want numbers from 0, and for intervals 0 or at least 40", m.permutations, m.rows, m.subsamples)
	}
	parts, err := arrays.ReadMatrices(first)
	if err != nil {
		return err
	}
	x, err := m.whole(first, parts)
	if err != nil {
		return err
	}
	others, err := arrays.ReadMatrices(second)
	if err != nil {
		return err
	}
	if len(others) != 1 {
		return usage("%s holds %d arrays: name one, as in %s:%s", second, len(others), second, others[0].Name)
	}
	keep := m.draw(x, others[0].Dense)
	out, err := m.compute(chosen, keep[0](x), keep[1](others[0].Dense))
	if err != nil {
		return err
	}
	if m.kind == metrics.Disentanglement {
		if out.Leakage, err = m.leakage(parts, others[0], keep[0]); err != nil {
			return err
		}
	}
	for _, l := range out.LeftOut {
		fmt.Fprintf(a.err, "venn: left out: %s: %s\n", l.Name, strings.TrimPrefix(strings.TrimPrefix(l.Reason, "metrics: "), l.Name+": "))
	}
	if m.asJSON {
		return a.printJSON(out)
	}
	return a.printMeasured(out)
}

func (m *measureCall) settings() metrics.Settings {
	return metrics.Settings{Permutations: m.permutations, Seed: m.seed, Sequential: m.sequential}
}

// compute runs the measures, their intervals and the correction for their number.
func (m *measureCall) compute(chosen []metrics.Descriptor, x, y *mat.Dense) (out measured, err error) {
	out.Kind = m.kind.String()
	out.Rows[0], out.Columns[0] = x.Dims()
	out.Rows[1], out.Columns[1] = y.Dims()
	var first error
	for _, d := range chosen {
		start := time.Now()
		r, err := m.result(d, x, y)
		switch {
		case err != nil && !m.every:
			return out, err
		case err != nil:
			if first == nil {
				first = err
			}
			out.LeftOut = append(out.LeftOut, leftOut{d.Name, err.Error()})
			continue
		}
		out.Results = append(out.Results, r)
		if m.times {
			out.Seconds = append(out.Seconds, time.Since(start).Seconds())
		}
	}
	if len(out.Results) == 0 {
		return out, fmt.Errorf("none of %d %s measures applies; the first: %w", len(chosen), m.kind, first)
	}
	out.Holm, err = holm(out.Results)
	return out, err
}

// result computes one measure and the interval asked for; no number of it is other than finite.
func (m *measureCall) result(d metrics.Descriptor, x, y *mat.Dense) (metrics.Result, error) {
	r, err := d.Compute(x, y, m.settings())
	if err != nil {
		return r, err
	}
	if m.subsamples > 0 && r.Interval == nil && !r.Degenerate {
		if err := d.Subsample(&r, x, y, m.subsamples, m.settings()); err != nil {
			return r, err
		}
	}
	return r.Finish()
}

// measures are those asked for, each of the right kind.
func (m *measureCall) measures() ([]metrics.Descriptor, error) {
	var names []string
	for _, d := range metrics.Measures.All() {
		if d.Kind == m.kind && d.Compute != nil {
			names = append(names, d.Name)
		}
	}
	if slices.Equal(m.tests, []string{"all"}) {
		m.every = true
		m.tests = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			d, _ := metrics.Measures.Get(name) // of the list
			return d.Labels                    // needs labels in place of a code
		})
	}
	var out []metrics.Descriptor
	for _, name := range m.tests {
		d, err := metrics.Measures.Get(name)
		if err != nil || d.Kind != m.kind || d.Compute == nil {
			return nil, usage("--tests: no %s measure %q%s", m.kind, name, registry.DidYouMean(name, names))
		}
		out = append(out, d)
	}
	return out, nil
}

// whole is the array of a file; of codes in several blocks, all side by side.
func (m *measureCall) whole(path string, parts []arrays.Matrix) (*mat.Dense, error) {
	x := parts[0].Dense
	for _, p := range parts[1:] {
		if m.kind != metrics.Disentanglement {
			return nil, usage("%s holds %d arrays: name one, as in %s:%s", path, len(parts), path, parts[0].Name)
		}
		n, _ := x.Dims()
		if rows, _ := p.Dims(); rows != n {
			return nil, fmt.Errorf("%s: array %s has %d rows, %s has %d: want as many", path, p.Name, rows, parts[0].Name, n)
		}
		var wider mat.Dense
		wider.Augment(x, p.Dense)
		x = &wider
	}
	return x, nil
}

// draw keeps at most the rows asked for, the same of both where rows are pairs.
func (m *measureCall) draw(x, y *mat.Dense) [2]func(*mat.Dense) *mat.Dense {
	var keep [2]func(*mat.Dense) *mat.Dense
	for i, block := range []*mat.Dense{x, y} {
		n, _ := block.Dims()
		purpose := "rows"
		if m.kind == metrics.Discrepancy {
			purpose = fmt.Sprintf("rows/%d", i)
		}
		keep[i] = func(b *mat.Dense) *mat.Dense { return b }
		if m.rows > 0 && m.rows < n {
			drawn := stream.Permutation(stream.New(m.seed, purpose), n)[:m.rows]
			slices.Sort(drawn)
			keep[i] = func(b *mat.Dense) *mat.Dense {
				if have, _ := b.Dims(); have != n {
					return b // not paired: the measure says so
				}
				return rows.Take(b, drawn)
			}
		}
	}
	return keep
}
