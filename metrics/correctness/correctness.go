// Package correctness scores guided translations between two domains by which factors moved and which
// stayed, where every factor of content, guide and translation has been read.
//
// x is a content image, y a guide of the other domain, t the translation of x that should have the guide's own
// factors, f(.) the value of factor f, a whole number. Factors are shared (they vary in both domains), or vary in
// one domain and have one value in the other, their constant.
//
//	content       share of f(t) = f(x) where f(x) != f(y), of a shared f, both directions together
//	manipulation  share of f(t) = f(y) where f(x) != f(y), of an f that varies in the guide's domain
//	translation   share of f(t) = c where f(x) != c, of an f that varies in the content's and is c in the guide's
//	bias          share of f(t) != f(x) where f(x) = f(y), of any f, both directions together; lower is better
//	d             (content + manipulation) / 2
//
// Each is the mean over its factors; manipulation and translation are the means of the two directions' means. A factor
// without a pair that counts takes no part, but for the one that says which domain an image is of: its bias is 0 there, as
// its authors have it.
//
// D. Bashkirova, B. Usman, K. Saenko, "Evaluation of Correctness in Unsupervised Many-to-Many Image Translation" (2022).
package correctness

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/metrics/inference"
)

// A Kind says where a factor varies.
type Kind int

// The kinds of factors.
const (
	Shared Kind = iota // varies in both domains
	OfA                // varies in A and is constant in B
	OfB                // varies in B and is constant in A
	Domain             // says which domain an image is of
	Other              // none of these: takes part in the bias alone
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"shared", "of a", "of b", "domain", "other"}[k]
}

// A Factor is one cause of an image that can be read from it.
type Factor struct {
	Name string
	Kind Kind
	// Constant is the value of a factor OfA in B, of one OfB in A, and of a Domain in A.
	Constant int
}

// A Direction says which domain the content is of.
type Direction int

// The directions.
const (
	AToB Direction = iota // content of A, guide of B
	BToA
)

// String is "a->b" or "b->a".
func (d Direction) String() string { return [...]string{"a->b", "b->a"}[d] }

// A Pair holds the values of a content image, a guide and the translation made of them, in the order of the factors.
type Pair struct {
	Direction                   Direction
	Content, Guide, Translation []int
}

// The names of the scores.
const (
	Content      = "content"
	Manipulation = "manipulation"
	Translation  = "translation"
	Bias         = "bias"
	D            = "d"
)

// A Score is a share or a mean of shares.
type Score struct {
	Name      string `json:"score"`
	Direction string `json:"direction,omitempty"` // empty: both
	Factor    string `json:"factor,omitempty"`    // empty: the mean over factors
	// Value is nil where no pair counts. Interval is of 95%: Wilson's for one factor, over resampled pairs for a mean.
	Value    *float64    `json:"value"`
	Interval *[2]float64 `json:"interval,omitempty"`
	Hits     int         `json:"hits,omitempty"` // of one factor
	N        int         `json:"n"`              // pairs that count; for a mean the pairs of the direction
	// Resamples are the values of D on each resample of the pairs, to five digits. Resample b of so many pairs and one
	// seed has the same pairs for any system, so that differences of these values are those of paired systems.
	Resamples []float64 `json:"resamples,omitempty"`
}

// A Result holds the means first, then the scores of each factor.
type Result struct {
	Pairs    [2]int   `json:"pairs"` // a->b, b->a
	Scores   []Score  `json:"scores"`
	Warnings []string `json:"warnings,omitempty"`
}

// Of is the score of a factor in a direction; an empty factor is the mean, an empty direction both. It is nil where the
// result has none.
func (r Result) Of(name, direction, factor string) *Score {
	i := slices.IndexFunc(r.Scores, func(s Score) bool { return s.Name == name && s.Direction == direction && s.Factor == factor })
	if i < 0 {
		return nil
	}
	return &r.Scores[i]
}

// The scores that count hits, in the order of tallies.
const (
	content = iota
	manipulation
	translation
	bias
	scores
)

var names = [scores]string{Content, Manipulation, Translation, Bias}

// own are the factors that vary in the content's domain of a direction, and guided those that vary in the guide's.
var own, guided = [2]Kind{OfA, OfB}, [2]Kind{OfB, OfA}

// counts says whether a pair counts for a score of a factor, and whether it is a hit: the table of the definition.
func (f Factor) counts(score int, d Direction, x, y, t int) (counts, hit bool) {
	switch score {
	case content:
		return f.Kind == Shared && x != y, t == x
	case manipulation:
		return f.Kind == guided[d] && x != y, t == y
	case translation:
		return f.Kind == own[d] && x != f.Constant, t == f.Constant
	}
	return x == y, t != x
}

// A tally holds hits and counted pairs by score and factor.
type tally [scores][]struct{ hits, n int }

func newTally(factors int) *tally {
	var t tally
	for s := range t {
		t[s] = make([]struct{ hits, n int }, factors)
	}
	return &t
}

// share is NaN where no pair counts.
func (t *tally) share(score, factor int) float64 {
	c := t[score][factor]
	return float64(c.hits) / float64(c.n)
}

// means are the scores over factors, in the order of overall.
func (t *tally) means(factors []Factor) (out [len(overall)]float64) {
	over := func(score int, takes func(Kind) bool) float64 {
		var shares []float64
		for f := range factors {
			if takes(factors[f].Kind) {
				shares = append(shares, t.share(score, f))
			}
		}
		return meanOf(shares...)
	}
	of := func(kind Kind) func(Kind) bool { return func(k Kind) bool { return k == kind } }
	out[0] = over(content, of(Shared))
	out[1], out[2] = over(manipulation, of(guided[AToB])), over(manipulation, of(guided[BToA]))
	out[3] = meanOf(out[1], out[2])
	out[4], out[5] = over(translation, of(own[AToB])), over(translation, of(own[BToA]))
	out[6] = meanOf(out[4], out[5])
	var biases []float64
	for f := range factors {
		share := t.share(bias, f)
		if factors[f].Kind == Domain && math.IsNaN(share) {
			share = 0
		}
		biases = append(biases, share)
	}
	out[7] = meanOf(biases...)
	out[8] = (out[0] + out[3]) / 2
	return out
}

// overall are the means of a result.
var overall = [...]struct{ name, direction string }{
	{Content, ""}, {Manipulation, "a->b"}, {Manipulation, "b->a"}, {Manipulation, ""},
	{Translation, "a->b"}, {Translation, "b->a"}, {Translation, ""}, {Bias, ""}, {D, ""},
}

// meanOf is the mean of those that are numbers; NaN where none is.
func meanOf(values ...float64) float64 {
	var sum float64
	n := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / float64(n)
}

// Scores computes the scores of n pairs over k factors and their 95% intervals: Wilson's for a factor, quantiles of so
// many resamples of the pairs for a mean (at least 40; 0: none), drawn from the streams (seed, bootstrap, correctness, b).
// Pairs that share an image are taken for independent, which makes intervals somewhat short. It warns where the factors
// are not what they are said to be: an own factor that varies in the other domain. It fails on no pairs, on factors
// without a name or of one name, on two that say the domain, and on pairs that do not have a value a factor. Time O(n k) and
// O(n k) a resample, memory O(n k).
func Scores(factors []Factor, pairs []Pair, resamples int, seed uint64) (Result, error) {
	if err := check(factors, pairs, resamples); err != nil {
		return Result{}, err
	}
	r := Result{Warnings: inconstant(factors, pairs)}
	all := newTally(len(factors))
	for _, p := range pairs {
		r.Pairs[p.Direction]++
		for _, e := range eventsOf(factors, p) {
			all.add(e)
		}
	}
	for d, n := range r.Pairs {
		if n == 0 {
			r.Warnings = append(r.Warnings, fmt.Sprintf("no pair %s: the means are of the other direction alone", Direction(d)))
		}
	}
	means := resampled(factors, pairs, resamples, seed)
	intervals, warnings := intervalsOf(means)
	r.Warnings = append(r.Warnings, warnings...)
	for i, v := range all.means(factors) {
		s := Score{Name: overall[i].name, Direction: overall[i].direction, N: len(pairs)}
		for d, n := range r.Pairs {
			if s.Direction == Direction(d).String() {
				s.N = n
			}
		}
		if !math.IsNaN(v) {
			s.Value, s.Interval = &v, intervals[i]
		}
		if s.Name == D && s.Interval != nil {
			s.Resamples = column(means, i)
		}
		r.Scores = append(r.Scores, s)
	}
	for score := range scores {
		for f, factor := range factors {
			if s, takesPart := factor.score(score, all[score][f].hits, all[score][f].n); takesPart {
				r.Scores = append(r.Scores, s)
			}
		}
	}
	return r, nil
}

// score is that of one factor, where it is one of the factor's kind.
func (f Factor) score(score, hits, n int) (Score, bool) {
	s := Score{Name: names[score], Factor: f.Name, Hits: hits, N: n}
	switch {
	case score == content && f.Kind != Shared:
		return s, false
	case score == manipulation || score == translation:
		by := guided
		if score == translation {
			by = own
		}
		d := slices.Index(by[:], f.Kind)
		if d < 0 {
			return s, false
		}
		s.Direction = Direction(d).String()
	}
	if n > 0 {
		i, _ := inference.Wilson(hits, n) // so many of so many: it cannot fail
		s.Value, s.Interval = &i.Estimate, &[2]float64{i.Low, i.High}
	} else if score == bias && f.Kind == Domain {
		s.Value = new(float64)
	}
	return s, true
}
