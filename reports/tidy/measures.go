package tidy

import (
	"strings"

	"github.com/venn-adapt/venn/reports"
)

// measures adds statistics of codes.
func (b *builder) measures(r *reports.Results) {
	for _, part := range []struct {
		table string
		list  []reports.Measured
	}{{"independence", r.Independence}, {"discrepancy", r.Discrepancy}} {
		for _, m := range part.list {
			key := Row{Part: part.table, Row: m.Of, Scope: scope(m.Between), N: int64(m.N), Note: strings.Join(m.Warnings, "; ")}
			if m.Degenerate {
				key.Note = strings.TrimPrefix(key.Note+"; collapsed", "; ")
			}
			row := b.add(key, m.Name, &m.Value)
			if len(m.Interval) == 2 {
				row.within(&[2]float64{m.Interval[0], m.Interval[1]})
			}
			if m.P != nil {
				b.add(key, m.Name+" p-value", m.P)
			}
			for _, p := range m.Parts {
				b.add(key, m.Name+" "+p.Name, &p.Value)
			}
		}
	}
	for _, c := range r.Leakage {
		key := Row{Part: "leakage", Row: c.Block, Scope: c.On, Selector: c.Factor, N: int64(c.N), Note: c.Note}
		if c.Absent {
			key.Note = strings.TrimPrefix(key.Note+"; the factor does not vary here", "; ")
			b.add(key, "score", nil)
			continue
		}
		b.add(key, "score", &c.Score).within(&[2]float64{c.Low, c.High})
		for _, m := range []struct {
			name  string
			value float64
		}{{"linear", c.Linear}, {"nearest", c.Nearest}, {"network", c.Network}, {"p-value", c.P}, {"Holm p-value", c.Holm}} {
			b.add(key, m.name, &m.value)
		}
	}
	for _, c := range r.Contrast {
		key := Row{Part: "contrast", Row: c.Code, Selector: c.Subtype, Scope: c.Domain}
		b.estimate(key, "probe", &c.Probe)
		b.estimate(key, "accuracy", &c.Accuracy)
		for _, m := range []struct {
			name  string
			value float64
		}{{"largest", c.Largest}, {"AUC", c.AUC}, {"ARI", c.ARI}, {"NMI", c.NMI}, {"silhouette", c.Silhouette}} {
			b.add(key, m.name, &m.value)
		}
	}
	for _, c := range r.Diagnosis {
		b.add(Row{Part: "diagnosis", Row: c.Name, Note: strings.TrimSuffix("want "+c.Want+"; "+c.Note, "; ")}, "value", &c.Value)
	}
	for _, v := range r.Values {
		b.add(Row{Part: v.Evaluation, N: int64(v.N)}, v.Name, &v.Value)
	}
}

// scope names the domains that a statistic compares.
func scope(between [2]reports.Sample) string {
	a, b := between[0].Domain, between[1].Domain
	if a == b {
		return a
	}
	return a + ", " + b
}
