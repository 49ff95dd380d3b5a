package correctness

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/inference"
)

// fewResamples is the least number from which the ends of a 95% interval can be read.
const fewResamples = 40

// check says what is wrong with factors and pairs.
func check(factors []Factor, pairs []Pair, resamples int) error {
	if len(factors) == 0 || len(pairs) == 0 {
		return fmt.Errorf("metrics: correctness: %d factors and %d pairs, want at least one of each", len(factors), len(pairs))
	}
	if resamples != 0 && resamples < fewResamples {
		return fmt.Errorf("metrics: correctness: %d resamples, want at least %d for an interval, or 0", resamples, fewResamples)
	}
	seen, flag := map[string]bool{}, ""
	for i, f := range factors {
		if f.Name == "" || seen[f.Name] {
			return fmt.Errorf("metrics: correctness: factor %d is called %q, want a name of its own", i+1, f.Name)
		}
		if f.Kind < Shared || f.Kind > Other {
			return fmt.Errorf("metrics: correctness: factor %s is of kind %d, want one from 0 to %d", f.Name, f.Kind, Other)
		}
		if seen[f.Name] = true; f.Kind == Domain {
			if flag != "" {
				return fmt.Errorf("metrics: correctness: both %s and %s say the domain, want one", flag, f.Name)
			}
			flag = f.Name
		}
	}
	for i, p := range pairs {
		if p.Direction != AToB && p.Direction != BToA {
			return fmt.Errorf("metrics: correctness: pair %d has direction %d, want 0 or 1", i, p.Direction)
		}
		if k := len(factors); len(p.Content) != k || len(p.Guide) != k || len(p.Translation) != k {
			return fmt.Errorf("metrics: correctness: pair %d has %d, %d and %d values of content, guide and translation, want one of each of %d factors",
				i, len(p.Content), len(p.Guide), len(p.Translation), k)
		}
	}
	return nil
}

// inconstant are the factors whose values in the other domain are not all the constant.
func inconstant(factors []Factor, pairs []Pair) (warnings []string) {
	for f, factor := range factors {
		off, of := 0, 0
		for _, p := range pairs {
			values := [2]int{p.Content[f], p.Guide[f]} // of a, of b
			if p.Direction == BToA {
				values[0], values[1] = values[1], values[0]
			}
			v := values[1]
			switch factor.Kind {
			case OfB, Domain:
				v = values[0]
			case OfA:
			default:
				continue
			}
			if of++; v != factor.Constant {
				off++
			}
		}
		if off > 0 {
			where := "a"
			if factor.Kind == OfA {
				where = "b"
			}
			warnings = append(warnings, fmt.Sprintf("%s is %d in %s by its declaration, and another value in %d of %d pairs", factor.Name, factor.Constant, where, off, of))
		}
	}
	return warnings
}

// An event is one pair's count for one score of one factor.
type event struct {
	score, factor int
	hit           bool
}

func (t *tally) add(e event) {
	c := &t[e.score][e.factor]
	if c.n++; e.hit {
		c.hits++
	}
}

func eventsOf(factors []Factor, p Pair) (out []event) {
	for f, factor := range factors {
		for s := range scores {
			if counts, hit := factor.counts(s, p.Direction, p.Content[f], p.Guide[f], p.Translation[f]); counts {
				out = append(out, event{s, f, hit})
			}
		}
	}
	return out
}

// resampled are the means over resamples of the pairs, NaN where no pair counts.
func resampled(factors []Factor, pairs []Pair, resamples int, seed uint64) [][len(overall)]float64 {
	events := make([][]event, len(pairs))
	for i, p := range pairs {
		events[i] = eventsOf(factors, p)
	}
	means := make([][len(overall)]float64, resamples)
	parallel.For(resamples, func(b int) {
		r := stream.New(seed, "bootstrap", "correctness", b)
		t := newTally(len(factors))
		for range pairs {
			for _, e := range events[r.IntN(len(pairs))] {
				t.add(e)
			}
		}
		means[b] = t.means(factors)
	})
	return means
}

// column is one of the means to five digits; nil where no pair counts in some resample.
func column(means [][len(overall)]float64, i int) (out []float64) {
	for _, m := range means {
		if math.IsNaN(m[i]) {
			return nil
		}
		out = append(out, math.Round(m[i]*1e5)/1e5)
	}
	return out
}

// intervalsOf are those of the means, nil where there is none.
func intervalsOf(means [][len(overall)]float64) (out [len(overall)]*[2]float64, warnings []string) {
	for i := range out {
		var values []float64
		for _, m := range means {
			if !math.IsNaN(m[i]) {
				values = append(values, m[i])
			}
		}
		if len(values) < fewResamples {
			continue // no pair counts, or hardly one
		}
		if left := len(means) - len(values); left > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: in %d of %d resamples no pair counts", strings.TrimSpace(overall[i].name+" "+overall[i].direction), left, len(means)))
		}
		slices.Sort(values)
		out[i] = &[2]float64{inference.Quantile(values, 0.025), inference.Quantile(values, 0.975)}
	}
	return out, warnings
}
