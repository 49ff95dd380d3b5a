package features

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/arrays"
)

// parseCSV reads a header line and rows of numbers with a label each.
func parseCSV(data []byte, label string) (*mat.Dense, []string, error) {
	t, err := arrays.ParseTable(data)
	if err == nil {
		err = t.DropIndex()
	}
	if err != nil {
		return nil, nil, err
	}
	if len(t.Rows) < 2 {
		return nil, nil, fmt.Errorf("%d lines, want a header line and rows of features with a label", len(t.Rows))
	}
	header := t.Rows[0]
	at, err := labelColumn(header, label)
	if err != nil {
		return nil, nil, err
	}
	m := mat.NewDense(len(t.Rows)-1, len(header)-1, nil)
	labels := make([]string, len(t.Rows)-1)
	for i, record := range t.Rows[1:] {
		row, k := m.RawRowView(i), 0
		for j, word := range record {
			if j == at {
				labels[i] = word
				continue
			}
			v, err := arrays.Number(word)
			if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
				err = fmt.Errorf("%q, want a finite number", word)
			}
			if err != nil {
				return nil, nil, fmt.Errorf("line %d, column %q: %w", t.Lines[i+1], header[j], err)
			}
			row[k] = v
			k++
		}
		if labels[i] == "" {
			return nil, nil, fmt.Errorf("line %d: no label", t.Lines[i+1])
		}
	}
	return m, labels, nil
}

// labelColumn finds the one column of labels, by name or by the usual ones.
func labelColumn(header []string, label string) (int, error) {
	names := labelNames
	if label != "" {
		names = []string{label}
	}
	var found, hot []int
	for j, column := range header {
		if slices.Contains(names, column) {
			found = append(found, j)
		}
		for _, n := range names {
			if strings.HasPrefix(column, n+"_") {
				hot = append(hot, j)
			}
		}
	}
	switch {
	case len(found) > 1:
		return 0, fmt.Errorf("columns %d (%s) and %d (%s) can both be the labels; say which, under a name of its own", found[0]+1, header[found[0]], found[1]+1, header[found[1]])
	case len(found) == 1 && len(header) < 2:
		return 0, fmt.Errorf("no column but the labels, want at least one of features")
	case len(found) == 1:
		return found[0], nil
	}
	shown := header
	if len(shown) > 8 {
		shown = append(slices.Clone(shown[:8]), fmt.Sprintf("... (%d columns)", len(header)))
	}
	hint := ""
	if len(hot) > 1 {
		hint = fmt.Sprintf("; are %s, %s, ... one-hot labels? want one column with the class", header[hot[0]], header[hot[1]])
	}
	return 0, fmt.Errorf("no column %s in the header %s%s", strings.Join(names, ", "), strings.Join(shown, ","), hint)
}

// plainNumbers writes labels that are all numbers in one way, so that 1 of one file and
// 1.0 of another are one class; labels that would then be one are left as they are.
func plainNumbers(labels []string) []string {
	out := make([]string, len(labels))
	written := map[string]string{}
	for i, l := range labels {
		v, err := strconv.ParseFloat(l, 64)
		if err != nil {
			return labels
		}
		out[i] = strconv.FormatFloat(v, 'g', -1, 64)
		if other, ok := written[out[i]]; ok && other != l {
			return labels
		}
		written[out[i]] = l
	}
	return out
}

// classNames lists the distinct labels, numbers by size.
func classNames(labels []string) []string {
	names := slices.Compact(slices.Sorted(slices.Values(labels)))
	values := make(map[string]float64, len(names))
	for _, n := range names {
		v, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return names
		}
		values[n] = v
	}
	sort.SliceStable(names, func(i, j int) bool { return values[names[i]] < values[names[j]] })
	return names
}
