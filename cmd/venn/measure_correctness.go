package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/arrays"
	"github.com/venn-adapt/venn/metrics/correctness"
)

// A correctnessCall is what `venn measure correctness` is asked.
type correctnessCall struct {
	factors   []string
	resamples int
	seed      uint64
	asJSON    bool
}

// shapesFactors are the columns of the 3D-Shapes split of those who proposed the scores.
var shapesFactors = []string{"floor_hue=a:0", "wall_hue=a:7", "object_hue=shared", "size=b:5", "shape=shared", "orientation=b:0", "domain=domain:1"}

func newMeasureCorrectness(a *app) *cobra.Command {
	c := &correctnessCall{}
	cmd := &cobra.Command{Use: "correctness ORIGINAL TRANSLATED", Short: "which factors guided translations moved, by attributes read from the images (.txt, .txt.gz)",
		Long: "A line an image: its name and a whole number a factor, with spaces between. In TRANSLATED the name is\n" +
			"CONTENT_GUIDE_.png, after two images of ORIGINAL. --factors says what the columns are:\n" +
			"  NAME=shared     varies in both domains\n" +
			"  NAME=a:VALUE    varies in a and has the value in b\n" +
			"  NAME=b:VALUE    varies in b and has the value in a\n" +
			"  NAME=domain:VALUE  says which domain an image is of; the value is a's\n" +
			"  NAME=other      takes part in the bias alone\n" +
			"  NAME=unused     takes no part",
		Example: "  venn measure correctness original.txt.gz translated.txt.gz --factors hue=shared,hat=a:0,scarf=b:0,domain=domain:1",
		Args:    exactly(2, "two files"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.measureCorrectness(c, args[0], args[1]) }}
	f := cmd.Flags()
	f.StringSliceVar(&c.factors, "factors", shapesFactors, "the columns, each as NAME=KIND")
	f.IntVar(&c.resamples, "resamples", 1000, "resamples of the pairs for the 95% intervals of means, at least 40; 0: none")
	f.Uint64Var(&c.seed, "seed", 0, "seed of the resamples")
	f.BoolVar(&c.asJSON, "json", false, "print as JSON")
	return cmd
}

func (a *app) measureCorrectness(c *correctnessCall, first, second string) error {
	factors, columns, err := parseFactors(c.factors)
	if err != nil {
		return err
	}
	if c.resamples != 0 && c.resamples < 40 {
		return usage("measure correctness: --resamples %d, want 0 or at least 40", c.resamples)
	}
	original, err := readAttributes(first, len(c.factors), columns)
	if err != nil {
		return err
	}
	translated, err := readAttributes(second, len(c.factors), columns)
	if err != nil {
		return err
	}
	pairs, err := correctness.PairsOf(original, translated, factors)
	if err != nil {
		return usageError{err}
	}
	r, err := correctness.Scores(factors, pairs, c.resamples, c.seed)
	if err != nil {
		return err
	}
	if c.asJSON {
		return a.printJSON(r)
	}
	return a.printCorrectness(factors, r)
}

// parseFactors reads a declaration of columns: the factors that take part, and which columns they are.
func parseFactors(list []string) (factors []correctness.Factor, columns []int, err error) {
	seen, domain := map[string]bool{}, ""
	for i, text := range list {
		name, word, found := strings.Cut(text, "=")
		word, value, valued := strings.Cut(word, ":")
		f := correctness.Factor{Name: name}
		var number error
		if valued {
			f.Constant, number = strconv.Atoi(value)
		}
		kinds := []string{"shared", "a", "b", "domain", "other", "unused"} // in the order of the kinds
		k := slices.Index(kinds, word)
		if !found || name == "" || k < 0 || number != nil || valued != (k >= 1 && k <= 3) {
			return nil, nil, usage("--factors: %.60q, want NAME=shared, NAME=a:VALUE, NAME=b:VALUE, NAME=domain:VALUE, NAME=other or NAME=unused, the value a whole number", text)
		}
		if seen[name] {
			return nil, nil, usage("--factors: %.60q comes twice", name)
		}
		if seen[name] = true; word == "unused" {
			continue
		}
		if f.Kind = correctness.Kind(k); f.Kind == correctness.Domain {
			if domain != "" {
				return nil, nil, usage("--factors: both %.60q and %.60q say the domain, want one", domain, name)
			}
			domain = name
		}
		factors, columns = append(factors, f), append(columns, i)
	}
	if domain == "" {
		return nil, nil, usage("--factors: no column says the domain, want one as domain=domain:1, with a's value")
	}
	return factors, columns, nil
}

// unpackedAttributes bounds what a file unpacks to.
const unpackedAttributes = 1 << 28

// readAttributes reads a file of so many columns, plain or gzip, and keeps some of them.
func readAttributes(path string, of int, columns []int) (*correctness.Attributes, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = domains.AtMost(z, unpackedAttributes)
		}
		if err != nil {
			return nil, usage("%s: a damaged gzip file: %v", path, err)
		}
	}
	if data, err = arrays.Text(data); err != nil {
		return nil, usage("%s: %v", path, err)
	}
	out, err := correctness.ParseAttributes(path, data, of)
	if err != nil {
		return nil, usageError{err}
	}
	for i, values := range out.Values {
		kept := make([]int, len(columns))
		for j, column := range columns {
			kept[j] = values[column]
		}
		out.Values[i] = kept
	}
	return out, nil
}

// printCorrectness prints the means, then a line a score and factor.
func (a *app) printCorrectness(factors []correctness.Factor, r correctness.Result) error {
	kind := map[string]string{}
	for _, f := range factors {
		kind[f.Name] = f.Kind.String()
	}
	means := [][]string{{"score", "direction", "value", "95% interval", "pairs"}}
	shares := [][]string{{}, {"score", "direction", "factor", "kind", "value", "95% interval", "hits", "of"}}
	for _, s := range r.Scores {
		value, interval := "no pair counts", ""
		if s.Value != nil {
			value = digits(*s.Value)
		}
		if s.Interval != nil {
			interval = digits(s.Interval[0]) + " to " + digits(s.Interval[1])
		}
		direction := s.Direction
		if direction == "" {
			direction = "both"
		}
		if s.Factor == "" {
			means = append(means, []string{s.Name, direction, value, interval, strconv.Itoa(s.N)})
			continue
		}
		shares = append(shares, []string{s.Name, direction, s.Factor, kind[s.Factor], value, interval, strconv.Itoa(s.Hits), strconv.Itoa(s.N)})
	}
	if err := a.printRows(append(means, shares...)); err != nil {
		return err
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(a.err, "warning: "+w)
	}
	return nil
}
