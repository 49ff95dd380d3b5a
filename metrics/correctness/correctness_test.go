package correctness

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/parallel"
	_ "github.com/venn-adapt/venn/internal/seeded"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/inference"
)

// hat varies in A, scarf in B; none of them is 0.
var dressed = []Factor{{"face", Shared, 0}, {"hat", OfA, 0}, {"scarf", OfB, 0}, {"light", Shared, 0}, {"age", Other, 0}, {"domain", Domain, 1}}

// text prints the scores that have a value as "name direction factor = value (hits of n)".
func text(r Result) string {
	var out []string
	for _, s := range r.Scores {
		value := "none"
		if s.Value != nil {
			value = fmt.Sprintf("%.4g", *s.Value)
		}
		line := strings.Join(strings.Fields(s.Name+" "+s.Direction+" "+s.Factor), " ") + " = " + value
		if s.Factor != "" {
			line += fmt.Sprintf(" (%d of %d)", s.Hits, s.N)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// Every count by hand.
func TestScores(t *testing.T) {
	pairs := []Pair{
		//             face hat scarf light age domain
		{AToB, []int{1, 3, 0, 5, 7, 1}, []int{2, 0, 4, 5, 8, 0}, []int{1, 0, 4, 5, 7, 9}}, // exact
		{AToB, []int{1, 3, 0, 5, 7, 1}, []int{2, 0, 4, 6, 7, 0}, []int{2, 3, 1, 9, 8, 9}}, // nothing right
		{AToB, []int{1, 0, 0, 5, 7, 1}, []int{1, 0, 0, 6, 7, 0}, []int{1, 2, 2, 5, 7, 9}}, // no hat and no scarf: neither counts, but for bias
		{BToA, []int{2, 0, 4, 6, 7, 0}, []int{1, 3, 0, 5, 8, 1}, []int{2, 3, 4, 5, 8, 9}}, // hat right, scarf kept, light of the guide
		{BToA, []int{2, 0, 4, 6, 7, 0}, []int{2, 2, 0, 6, 7, 1}, []int{2, 2, 0, 6, 7, 9}}, // exact
	}
	r, err := Scores(dressed, pairs, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	// face differs in pairs 1, 2, 4 and is kept in 1 and 4; light in 2, 3, 4, kept in 3; age is as the guide's in 2, 3, 5.
	const want = `content = 0.5
manipulation a->b = 0.5
manipulation b->a = 1
manipulation = 0.75
translation a->b = 0.5
translation b->a = 0.5
translation = 0.5
bias = 0.3889
d = 0.625
content face = 0.6667 (2 of 3)
content light = 0.3333 (1 of 3)
manipulation b->a hat = 1 (2 of 2)
manipulation a->b scarf = 0.5 (1 of 2)
translation a->b hat = 0.5 (1 of 2)
translation b->a scarf = 0.5 (1 of 2)
bias face = 0 (0 of 2)
bias hat = 1 (1 of 1)
bias scarf = 1 (1 of 1)
bias light = 0 (0 of 2)
bias age = 0.3333 (1 of 3)
bias domain = 0 (0 of 0)`
	if got := text(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if r.Pairs != [2]int{3, 2} || len(r.Warnings) > 0 {
		t.Errorf("pairs %v, warnings %q", r.Pairs, r.Warnings)
	}
	for _, tt := range []struct {
		name, direction, factor string
		n                       int
		low, high               float64 // Wilson's, of SciPy
	}{{Content, "", "face", 3, 0.2076596008, 0.9385080553}, {Manipulation, "b->a", "hat", 2, 0.3423802275, 1.0000000000}, {Bias, "", "age", 3, 0.0614919447, 0.7923403992}} {
		s := r.Of(tt.name, tt.direction, tt.factor)
		if s == nil || s.N != tt.n || s.Interval == nil || !(math.Abs(s.Interval[0]-tt.low) < 1e-9) || !(math.Abs(s.Interval[1]-tt.high) < 1e-9) {
			t.Errorf("%s %s: %+v, want %v to %v of %d", tt.name, tt.factor, s, tt.low, tt.high, tt.n)
		}
	}
	for of, n := range map[[2]string]int{{Content, ""}: 5, {Manipulation, "a->b"}: 3, {Translation, "b->a"}: 2, {D, ""}: 5} {
		if s := r.Of(of[0], of[1], ""); s.N != n || s.Interval != nil {
			t.Errorf("%v: %+v, want %d pairs and no interval, for which nothing was asked", of, s, n)
		}
	}
	if s := r.Of(Bias, "", "domain"); s.Interval != nil {
		t.Errorf("an interval of no pair: %v", s.Interval)
	}
	if r.Of("weight", "", "") != nil {
		t.Error("a score that there is not")
	}
}

// Copies and what is right have scores that follow from the definitions, whatever the pairs.
func TestKnownTranslations(t *testing.T) {
	pairs := drawnPairs(200, stream.New(1, "known"))
	for _, tt := range []struct {
		name string
		make func(p Pair) []int
		want string // content, manipulation, translation, bias, D
	}{
		{"the content", func(p Pair) []int { return p.Content }, "1 0 0 0 0.5"},
		{"the guide", func(p Pair) []int { return p.Guide }, "0 1 1 0 0.5"},
		{"what is right", right, "1 1 1 0 1"},
		{"neither", func(p Pair) []int { return []int{-1, -1, -1, -1, -1, -1} }, "0 0 0 0.8333 0"}, // of six factors, but for the domain
	} {
		made := slices.Clone(pairs)
		for i := range made {
			made[i].Translation = tt.make(made[i])
		}
		r, err := Scores(dressed, made, 40, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{Content, Manipulation, Translation, Bias, D} {
			s := r.Of(name, "", "")
			got = append(got, fmt.Sprintf("%.4g", *s.Value))
			if s.Interval == nil || *s.Interval != [2]float64{*s.Value, *s.Value} {
				t.Errorf("%s: %s has the interval %v, want both ends at its value: no resample differs", tt.name, name, s.Interval)
			}
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, text, tt.want)
		}
	}
}

// right is what the translation of a pair should be.
func right(p Pair) []int {
	out := slices.Clone(p.Content)
	out[1], out[2] = p.Guide[1], p.Guide[2] // each is 0 in the other domain
	return out
}

// drawnPairs are n pairs of both directions, what they were translated to drawn at random.
func drawnPairs(n int, r interface{ IntN(int) int }) []Pair {
	pairs := make([]Pair, n)
	for i := range pairs {
		sides := [2][]int{{r.IntN(3), r.IntN(3), 0, r.IntN(2), r.IntN(2), 1}, {r.IntN(3), 0, r.IntN(4), r.IntN(2), r.IntN(2), 0}}
		d := Direction(r.IntN(2))
		pairs[i] = Pair{d, sides[d], sides[1-d], []int{r.IntN(3), r.IntN(3), r.IntN(4), r.IntN(2), r.IntN(2), r.IntN(2)}}
	}
	return pairs
}

// The order of pairs and of factors, and the numbers that stand for values, say nothing; domains that change their
// names change their directions.
func TestInvariances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := drawnPairs(rapid.IntRange(1, 30).Draw(t, "pairs"), stream.New(rapid.Uint64().Draw(t, "seed")))
		first, err := Scores(dressed, pairs, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		order := stream.Permutation(stream.New(2), len(dressed))
		factors := make([]Factor, len(dressed))
		moved := func(values []int) []int {
			out := make([]int, len(values))
			for i, f := range order {
				out[i] = 7 - 3*values[f]
			}
			return out
		}
		for i, f := range order {
			factors[i] = dressed[f]
			factors[i].Constant = 7 - 3*factors[i].Constant
			factors[i].Kind = [...]Kind{Shared, OfB, OfA, Domain, Other}[factors[i].Kind]
		}
		changed := make([]Pair, len(pairs))
		for i, k := range stream.Permutation(stream.New(3), len(pairs)) {
			p := pairs[k]
			changed[i] = Pair{1 - p.Direction, moved(p.Content), moved(p.Guide), moved(p.Translation)}
		}
		for i := range factors {
			if factors[i].Kind == Domain {
				factors[i].Constant = 7 // that of the new A, which was B and 0
			}
		}
		second, err := Scores(factors, changed, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(second.Warnings) != len(first.Warnings) || second.Pairs != [2]int{first.Pairs[1], first.Pairs[0]} {
			t.Fatalf("%+v and %+v", first, second)
		}
		for _, s := range first.Scores {
			direction := map[string]string{"": "", "a->b": "b->a", "b->a": "a->b"}[s.Direction]
			o := second.Of(s.Name, direction, s.Factor)
			if o == nil || (o.Value == nil) != (s.Value == nil) || o.N != s.N || o.Hits != s.Hits || s.Value != nil && !(math.Abs(*s.Value-*o.Value) < 1e-12) {
				t.Fatalf("%+v and %+v", s, o)
			}
		}
	})
}

// What counts no pair is left out of means; a mean of nothing has no value, and of what few resamples have there is no interval.
func TestNothingCounts(t *testing.T) {
	factors := []Factor{{"face", Shared, 0}, {"light", Shared, 0}, {"scarf", OfB, 0}}
	pairs := []Pair{{AToB, []int{1, 5, 0}, []int{2, 5, 3}, []int{1, 4, 3}}, {AToB, []int{1, 5, 0}, []int{2, 5, 0}, []int{3, 5, 0}}}
	r, err := Scores(factors, pairs, 60, 0)
	if err != nil {
		t.Fatal(err)
	}
	const want = `content = 0.5
manipulation a->b = 1
manipulation b->a = none
manipulation = 1
translation a->b = none
translation b->a = none
translation = none
bias = 0.25
d = 0.75
content face = 0.5 (1 of 2)
content light = none (0 of 0)
manipulation a->b scarf = 1 (1 of 1)
translation b->a scarf = none (0 of 0)
bias face = none (0 of 0)
bias light = 0.5 (1 of 2)
bias scarf = 0 (0 of 1)`
	if got := text(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	warned := strings.Join(r.Warnings, "\n")
	for _, w := range []string{"no pair b->a: the means are of the other direction alone", "manipulation a->b: in ", " of 60 resamples no pair counts"} {
		if !strings.Contains(warned, w) {
			t.Errorf("%q lacks %q", warned, w)
		}
	}
	for _, s := range r.Scores {
		if s.Value == nil && s.Interval != nil {
			t.Errorf("%+v: an interval of nothing", s)
		}
	}
}

// The interval of a mean over one factor is that of a share, here by the normal approximation, and the same whatever the
// number of threads; another seed has another.
func TestIntervals(t *testing.T) {
	factors := []Factor{{"face", Shared, 0}}
	r := stream.New(4, "intervals")
	var pairs []Pair
	for range 2000 {
		to := 1
		if r.Float64() < 0.3 {
			to = 2
		}
		pairs = append(pairs, Pair{AToB, []int{1}, []int{2}, []int{to}})
	}
	whole := func(threads int, seed uint64) Score {
		parallel.SetThreads(threads)
		defer parallel.SetThreads(0)
		r, err := Scores(factors, pairs, 1000, seed)
		if err != nil {
			t.Fatal(err)
		}
		return *r.Of(Content, "", "")
	}
	s := whole(2, 0)
	half := 1.96 * math.Sqrt(*s.Value*(1-*s.Value)/2000)
	if !(math.Abs(s.Interval[0]-(*s.Value-half)) < 0.15*half) || !(math.Abs(s.Interval[1]-(*s.Value+half)) < 0.15*half) {
		t.Errorf("%v to %v, want %v -+ %v", s.Interval[0], s.Interval[1], *s.Value, half)
	}
	if one := whole(1, 0); *one.Interval != *s.Interval {
		t.Errorf("%v on one thread, %v on two", *one.Interval, *s.Interval)
	}
	if other := whole(2, 1); *other.Interval == *s.Interval {
		t.Error("two seeds, one interval")
	}
}

// The values of D on resamples are those of the pairs that the streams draw, the same pairs for other translations
// of them; their quantiles are the interval, and only D has them.
func TestResamples(t *testing.T) {
	factors := []Factor{{"face", Shared, 0}, {"hat", OfA, 0}, {"scarf", OfB, 0}}
	r := stream.New(4, "resamples")
	translated := func(good float64) (pairs []Pair) {
		for i := range 60 {
			p := Pair{Direction(i % 2), []int{1, 2, 0}, []int{2, 0, 2}, []int{1, 0, 1}}
			if i%2 == 1 {
				p.Content, p.Guide, p.Translation = p.Guide, p.Content, []int{2, 1, 0}
			}
			if r.Float64() < good {
				p.Translation = slices.Clone(p.Guide)
				p.Translation[0] = p.Content[0]
			}
			pairs = append(pairs, p)
		}
		return pairs
	}
	for _, good := range []float64{0.2, 0.7} {
		pairs := translated(good)
		whole, err := Scores(factors, pairs, 50, 7)
		if err != nil {
			t.Fatal(err)
		}
		d := whole.Of(D, "", "")
		if len(d.Resamples) != 50 {
			t.Fatalf("%d resamples, want 50", len(d.Resamples))
		}
		for b, got := range d.Resamples {
			draw := stream.New(7, "bootstrap", "correctness", b)
			var drawn []Pair
			for range pairs {
				drawn = append(drawn, pairs[draw.IntN(len(pairs))])
			}
			want, err := Scores(factors, drawn, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if v := *want.Of(D, "", "").Value; !(math.Abs(got-v) <= 0.5001e-5) {
				t.Errorf("resample %d: %v, want %v", b, got, v)
			}
		}
		sorted := slices.Sorted(slices.Values(d.Resamples))
		if !(math.Abs(inference.Quantile(sorted, 0.025)-d.Interval[0]) < 1e-5) || !(math.Abs(inference.Quantile(sorted, 0.975)-d.Interval[1]) < 1e-5) {
			t.Errorf("%v are the ends of no such resamples", *d.Interval)
		}
		for _, s := range whole.Scores {
			if s.Name != D && s.Resamples != nil {
				t.Errorf("%s has resamples", s.Name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	one := Pair{AToB, []int{1}, []int{2}, []int{1}}
	face := Factor{"face", Shared, 0}
	for _, tt := range []struct {
		name      string
		factors   []Factor
		pairs     []Pair
		resamples int
		want      string
	}{
		{"no factor", nil, []Pair{one}, 0, "0 factors and 1 pairs, want at least one of each"},
		{"no pair", []Factor{face}, nil, 0, "1 factors and 0 pairs, want at least one of each"},
		{"few resamples", []Factor{face}, []Pair{one}, 39, "39 resamples, want at least 40 for an interval, or 0"},
		{"resamples below 0", []Factor{face}, []Pair{one}, -1, "-1 resamples, want at least 40 for an interval, or 0"},
		{"no name", []Factor{{}}, []Pair{one}, 0, `factor 1 is called "", want a name of its own`},
		{"two of a name", []Factor{face, face}, []Pair{one}, 0, `factor 2 is called "face", want a name of its own`},
		{"kind", []Factor{{"face", 5, 0}}, []Pair{one}, 0, "factor face is of kind 5, want one from 0 to 4"},
		{"two domains", []Factor{{"d", Domain, 0}, {"e", Domain, 0}}, []Pair{one}, 0, "both d and e say the domain, want one"},
		{"direction", []Factor{face}, []Pair{{2, one.Content, one.Guide, one.Translation}}, 0, "pair 0 has direction 2, want 0 or 1"},
		{"content", []Factor{face}, []Pair{one, {AToB, nil, one.Guide, one.Translation}}, 0, "pair 1 has 0, 1 and 1 values of content, guide and translation, want one of each of 1 factors"},
		{"guide", []Factor{face}, []Pair{{AToB, one.Content, []int{1, 2}, one.Translation}}, 0, "pair 0 has 1, 2 and 1 values of content, guide and translation, want one of each of 1 factors"},
		{"translation", []Factor{face}, []Pair{{AToB, one.Content, one.Guide, nil}}, 0, "pair 0 has 1, 1 and 0 values of content, guide and translation, want one of each of 1 factors"},
	} {
		if _, err := Scores(tt.factors, tt.pairs, tt.resamples, 0); fmt.Sprint(err) != "metrics: correctness: "+tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// A declaration that the data contradict is warned of, by how often.
func TestInconstant(t *testing.T) {
	factors := []Factor{{"hat", OfA, 0}, {"scarf", OfB, 5}, {"domain", Domain, 1}, {"face", Shared, 9}, {"age", Other, 9}}
	a, b := []int{3, 5, 1, 1, 1}, []int{0, 4, 0, 2, 2}
	hatted, bare, odd := []int{2, 4, 0, 2, 2}, []int{3, 4, 1, 1, 1}, []int{3, 5, 7, 1, 1}
	pairs := []Pair{{AToB, a, b, a}, {AToB, a, hatted, a}, {BToA, hatted, a, a}, {BToA, b, bare, a}, {AToB, odd, b, a}}
	r, err := Scores(factors, pairs, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := "hat is 0 in b by its declaration, and another value in 2 of 5 pairs\nscarf is 5 in a by its declaration, and another value in 1 of 5 pairs\ndomain is 1 in a by its declaration, and another value in 1 of 5 pairs"
	if got := strings.Join(r.Warnings, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
