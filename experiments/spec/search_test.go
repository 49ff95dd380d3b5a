package spec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/stream"
)

// searched is the toy spec with a search.
const searched = toySearch + "search:\n  trials: 4\n  seed: 7\n  by: entropy\n  over:\n    model.loss.zero: log 1e-3..1e-1\n    model.separate: integer 2..9\n    domains.a: {fit: [pad, stretch]}\n"

const toySearch = `name: toy
seeds: [0, 1]
domains: {a: {dataset: toy-images}, b: {dataset: toy-images, fit: stretch}}
image: {size: 16, channels: 1}
model: {method: toy-method, separate: 4}
adapt: {classifiers: [toy-classifier], validators: [entropy, dbi], along: 10}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
`

// expectedTrial is what a trial of a path draws first, by the streams alone.
func expectedTrial(seed uint64, n int) (zero float64, separate int, fit string) {
	r := stream.New(seed, fmt.Sprintf("search/model.loss.zero/%d", n))
	text := fmt.Sprintf("%.4g", math.Pow(10, -3+2*r.Float64()))
	zero, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	separate = 2 + int(stream.New(seed, "search", "model.separate", n).Int64N(8))
	fit = []string{"pad", "stretch"}[stream.New(seed, "search", "domains.a.fit", n).IntN(2)]
	return zero, separate, fit
}

// Every trial is a job a seed, labelled by its number and its values, which are those of its
// streams; the spec's own value of a path gives way.
func TestSearchTrials(t *testing.T) {
	p := mustPlan(t, toyRequest(searched))
	if len(p.Jobs) != 8 {
		t.Fatalf("%d jobs, want 4 trials of 2 seeds", len(p.Jobs))
	}
	for i, j := range p.Jobs {
		n := i/2 + 1
		zero, separate, fit := expectedTrial(7, n)
		equal(t, "label", j.Label(), fmt.Sprintf("trial=%d model.loss.zero=%v model.separate=%d domains.a.fit=%q seed=%d", n, zero, separate, fit, i%2))
		o := j.Spec.Model.Options
		equal(t, "values", fmt.Sprint(o.Float("loss.zero"), o.Int("separate"), j.Spec.Domains[0].Options.String("fit"), j.Spec.Domains[1].Options.String("fit")), fmt.Sprint(zero, separate, fit, "stretch"))
		s := *j.Spec.Search
		equal(t, "what the job knows", fmt.Sprintf("%+v", s), fmt.Sprintf("{Trial:%d Trials:4 By:entropy Of: Over:[model.loss.zero model.separate domains.a.fit] First:0 Eta:2 Rivals:[]}", n))
		equal(t, "origin", j.Point[2].Origin, "toy.yaml:14")
	}
	if p.Jobs[0].ID == p.Jobs[2].ID || p.Jobs[0].ID == p.Jobs[1].ID {
		t.Error("two jobs have one identity")
	}
}

// A trial is the job of a spec with its values, whoever makes it: no word of the search is part
// of its identity, more trials, another validator and further paths leave the others as they
// are, and its resolved spec makes it again.
func TestTrialsAreThemselves(t *testing.T) {
	p := mustPlan(t, toyRequest(searched))
	third := p.Jobs[4]
	zero, separate, fit := expectedTrial(7, 3)
	alone := mustPlan(t, toyRequest(toySearch, fmt.Sprint("model.loss.zero=", zero), fmt.Sprint("model.separate=", separate), "domains.a.fit="+fit))
	equal(t, "identity", third.ID+third.Evaluation, alone.Jobs[0].ID+alone.Jobs[0].Evaluation)
	more := mustPlan(t, toyRequest(searched, "search.trials=9", "search.by=dbi"))
	equal(t, "jobs", len(more.Jobs), 18)
	equal(t, "of more trials", more.Jobs[4].ID+more.Jobs[4].Evaluation, third.ID+third.Evaluation)
	equal(t, "by", more.Jobs[4].Spec.Search.By, "dbi")
	further := mustPlan(t, toyRequest(searched, "search.over.model.loss.confusion=uniform 0..1"))
	equal(t, "values beside a further path", further.Jobs[4].Label(), strings.Replace(third.Label(), " seed", fmt.Sprint(" model.loss.confusion=", further.Jobs[4].Spec.Model.Options.Float("loss.confusion"), " seed"), 1))
	if other := mustPlan(t, toyRequest(searched, "search.seed=8")); other.Jobs[4].ID == third.ID {
		t.Error("another seed draws the same")
	}
	text, err := third.ResolvedYAML()
	if err != nil {
		t.Fatal(err)
	}
	again := mustPlan(t, Request{Source: "resolved.yaml", Text: text})
	equal(t, "resolved jobs", len(again.Jobs), 1)
	equal(t, "of its resolved spec", again.Jobs[0].ID+again.Jobs[0].Evaluation, third.ID+third.Evaluation)
	equal(t, "what it knows", fmt.Sprintf("%+v", *again.Jobs[0].Spec.Search), fmt.Sprintf("%+v", *third.Spec.Search))
	replaced := mustPlan(t, toyRequest(searched, "search.over.model.loss.zero=[0.5]", "search.over.model.separate=[3]", "search.trials=2"))
	for i, j := range replaced.Jobs {
		if o := j.Spec.Model.Options; o.Float("loss.zero") != 0.5 || o.Int("separate") != 3 || len(j.Point) != 4 {
			t.Errorf("job %d: %s", i, j.Label())
		}
	}
}

// Of few different trials each comes once, whatever the streams say first.
func TestTrialsDiffer(t *testing.T) {
	for seed := range 20 {
		p := mustPlan(t, toyRequest(toySearch+"search: {trials: 6, by: dbi, over: {model.separate: integer 5..7, domains.a.fit: [pad, stretch]}}\n", fmt.Sprint("search.seed=", seed), "seeds=[3]"))
		var got []string
		for _, j := range p.Jobs {
			got = append(got, fmt.Sprint(j.Spec.Model.Options.Int("separate"), j.Spec.Domains[0].Options.String("fit")))
		}
		slices.Sort(got)
		equal(t, "trials", strings.Join(got, " "), "5pad 5stretch 6pad 6stretch 7pad 7stretch")
	}
}

// Drawn values spread as their span says: uniform in the logarithm, in the number, over
// integers and choices, ends included, with four digits.
func TestSpansAreUniform(t *testing.T) {
	const draws, bins = 4000, 8
	for _, tt := range []struct {
		span *node
		bin  func(v any) int
	}{
		{&node{scalar: "log 1e-4..1e4"}, func(v any) int { return int(math.Floor(math.Log10(v.(float64)))) + 4 }},
		{&node{scalar: "uniform -3..5"}, func(v any) int { return int(math.Floor(v.(float64))) + 3 }},
		{&node{scalar: "integer -3..4"}, func(v any) int { return int(v.(int64)) + 3 }},
		{&node{kind: listNode, list: counts(8)}, func(v any) int { return int(v.(int64)) }},
	} {
		s, problem := spanOf(tt.span)
		if problem != "" {
			t.Fatal(problem)
		}
		r, seen := stream.New(3, "spread"), [bins]float64{}
		for range draws {
			v := s.draw(r).plain()
			if f, ok := v.(float64); ok && strconv.FormatFloat(f, 'g', 4, 64) != strconv.FormatFloat(f, 'g', -1, 64) && len(strconv.FormatFloat(f, 'e', -1, 64)) > len("-1.234e+00") {
				t.Fatalf("%v has more than four digits", f)
			}
			seen[min(bins-1, tt.bin(v))]++
		}
		chi2 := 0.0 // seven degrees of freedom: the 0.999 quantile is 24.3
		for _, n := range seen {
			chi2 += (n - draws/bins) * (n - draws/bins) / (draws / bins)
		}
		if chi2 > 24.3 {
			t.Errorf("%v: %v of %d draws, chi-square %.1f", tt.span.plain(), seen, draws, chi2)
		}
	}
	// Rounding does not leave the span.
	s := span{kind: "uniform", low: 0.12346, high: 0.12354}
	for range 100 {
		if v := s.draw(stream.New(1, "ends")).scalar.(float64); v < s.low || v > s.high {
			t.Fatal(v)
		}
	}
}

func counts(n int) (out []*node) {
	for i := range n {
		out = append(out, &node{scalar: int64(i)})
	}
	return out
}

// Methods side by side share the search, but for those that have their own or none.
func TestSearchOfMethods(t *testing.T) {
	text := `name: known
domains: {a: {dataset: toy-images}, b: {dataset: toy-images}}
image: {size: 16, channels: 1}
methods: {toy-method: {separate: 4}, own: {method: toy-method}, plain: {method: toy-labels}}
adapt: {classifiers: [toy-classifier], validators: [dbi], along: 10}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
grid: {domains.b.fit: [pad, stretch]}
search:
  trials: 2
  by: dbi
  over: {model.loss.zero: log 1e-3..1e-1}
  methods: {own: {model.separate: integer 1..16}, plain: {}}
`
	var got []string
	for _, j := range mustPlan(t, toyRequest(text)).Jobs {
		of := "no trial"
		if s := j.Spec.Search; s != nil {
			of = s.Of
		}
		got = append(got, j.Label()+" | "+of)
	}
	shared, own := [2]any{}, [2]any{}
	for n := range 2 {
		zero, _, _ := expectedTrial(0, n+1)
		shared[n], own[n] = zero, 1+int(stream.New(0, "search", "model.separate", n+1).Int64N(16))
	}
	var want []string
	for _, fit := range []string{`domains.b.fit="pad"`, `domains.b.fit="stretch"`} {
		for n := range 2 {
			want = append(want, fmt.Sprintf("method=toy-method %s trial=%d model.loss.zero=%v seed=0 | method=toy-method %[1]s", fit, n+1, shared[n]))
		}
	}
	for _, fit := range []string{`domains.b.fit="pad"`, `domains.b.fit="stretch"`} {
		for n := range 2 {
			want = append(want, fmt.Sprintf("method=own %s trial=%d model.separate=%v seed=0 | method=own %[1]s", fit, n+1, own[n]))
		}
	}
	want = append(want, `method=plain domains.b.fit="pad" seed=0 | no trial`, `method=plain domains.b.fit="stretch" seed=0 | no trial`)
	equal(t, "jobs", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// Seeds and trials that differ by fractions alone cost the same, others not.
func TestCostKey(t *testing.T) {
	p := mustPlan(t, toyRequest(toySearch+"search: {trials: 2, by: dbi, over: {model.loss.zero: log 1e-3..1e-1}}\ngrid: {model.separate: [3, 4]}\n"))
	keys := map[string]int{}
	for _, j := range p.Jobs {
		keys[j.CostKey()]++
	}
	equal(t, "jobs of a cost", fmt.Sprint(len(keys), keys[p.Jobs[0].CostKey()]), "2 4")
	if one := mustPlan(t, toyRequest(toySearch, "adapt.along=20", "model.separate=3")); keys[one.Jobs[0].CostKey()] != 4 {
		t.Error("another evaluation costs another training")
	}
}

// What is wrong with a search is one line that says what and where.
func TestSearchFaults(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(searched, old) {
			t.Fatalf("%q is not in the spec", old)
		}
		return strings.Replace(searched, old, new, 1)
	}
	const span = ", want log a..b, uniform a..b, integer a..b or a list of values"
	for _, tt := range []struct {
		text, want string
		overrides  []string
	}{
		{edit("trials: 4", "trials: 0"), "toy.yaml:9:11: search.trials: 0, want an integer from 1 to 10000", nil},
		{edit("  trials: 4\n", ""), "toy.yaml:8:1: search.trials: missing; want an integer from 1 to 10000", nil},
		{edit("trials: 4", "trials: 6000") + "grid: {model.train.clip: [true, false]}\n", "toy.yaml:9:11: search.trials: 6000 of each method and point of the grid are more than 10000 jobs", nil},
		{edit("trials: 4", "trial: 4"), `toy.yaml:9:3: search.trial: unknown key; did you mean "trials"?`, nil},
		{edit("seed: 7", "sead: 7"), `toy.yaml:10:3: search.sead: unknown key; did you mean "seed"?`, nil},
		{edit("by: entropy", "by: entropie"), `toy.yaml:11:7: search.by: unknown validator "entropie"; did you mean "entropy"?`, nil},
		{edit("by: entropy", "by: bnm"), "toy.yaml:11:7: search.by: bnm is not among adapt.validators, which score the trials; list it there", nil},
		{edit(", along: 10", ""), "toy.yaml:11:7: adapt.along: 0, but a search chooses by scores that validators give along the training, the last step included; want the steps between them", nil},
		{edit("1e-3..1e-1", "1e-1..1e-3"), `toy.yaml:13:22: search.over.model.loss.zero: "log 1e-1..1e-3" is upside down; want the lower end first`, nil},
		{edit("1e-3..1e-1", "0..1"), `toy.yaml:13:22: search.over.model.loss.zero: "log 0..1": a logarithmic range wants ends above 0`, nil},
		{edit("1e-3..1e-1", "0.1..0.10001"), `toy.yaml:13:22: search.over.model.loss.zero: "log 0.1..0.10001": the ends are alike in the four digits that values have; want a wider range`, nil},
		{edit("1e-3..1e-1", "a..b"), `toy.yaml:13:22: search.over.model.loss.zero: "log a..b": "a" is no number; want log a..b, uniform a..b, integer a..b or a list of values`, nil},
		{edit("log 1e-3..1e-1", "lg 1e-3..1e-1"), `toy.yaml:13:22: search.over.model.loss.zero: "lg 1e-3..1e-1"` + span, nil},
		{edit("log 1e-3..1e-1", "0.5"), `toy.yaml:13:22: search.over.model.loss.zero: 0.5` + span, nil},
		{edit("log 1e-3..1e-1", "[]"), `toy.yaml:13:22: search.over.model.loss.zero: a list of 0` + span, nil},
		{edit("log 1e-3..1e-1", "[0.5, 0.50]"), `toy.yaml:13:22: search.over.model.loss.zero: 0.5 is listed twice`, nil},
		{edit("integer 2..9", "integer 2..9.5"), `toy.yaml:14:21: search.over.model.separate: "integer 2..9.5": want integers as ends, of 2147483648 at most`, nil},
		{edit("integer 2..9", "integer 2..400"), `toy.yaml:14:21: model.separate: 400, want an integer from 1 to 255`, nil},
		{edit("integer 2..9", "uniform 2..9.5"), `toy.yaml:14:21: model.separate: 9.5, want an integer from 1 to 255`, nil},
		{edit("integer 2..9", "[3, many]"), `toy.yaml:14:21: model.separate: "many", want an integer from 1 to 255`, nil},
		{edit("separate: integer", "seperate: integer"), `toy.yaml:14:21: search.over.model.seperate: no option of toy-method; did you mean "separate"?`, nil},
		{edit("    model.separate", "    model.method: [toy-labels]\n    model.separate"), `toy.yaml:14:5: search.over.model.method: want a path under model, image or domains, and not the method`, nil},
		{edit("    model.separate", "    adapt.rows: integer 10..20\n    model.separate"), `toy.yaml:14:5: search.over.adapt.rows: want a path under model, image or domains, and not the method`, nil},
		{edit("    model.separate", "    model: {separate: [3]}\n    model.separate"), `toy.yaml:15:5: search.over.model.separate: given twice, first at line 14; want it once`, nil},
		{searched + "grid: {model.separate: [3, 4]}\n", `toy.yaml:14:5: search.over.model.separate: the grid varies this key as well; want one of the two`, nil},
		{searched[:strings.Index(searched, "  over:")], `toy.yaml:8:1: search.over: missing; want a mapping of paths to what their values are drawn from: model.train.learning_rate: log 1e-4..1e-2`, nil},
		{searched + "  methods: {toy: {}}\n", `toy.yaml:16:3: search.methods: a mapping, want a mapping of names below methods to what each varies in the place of search.over`, nil},
		{toySearch + "search: 3\n", `toy.yaml:8:9: search: 3, want a mapping of trials, seed, halving, by, over, methods`, nil},
		{toySearch + "search: {trials: 3, by: dbi, over: 3}\n", `toy.yaml:8:30: search.over: 3, want a mapping of paths to what their values are drawn from`, nil},
		{toySearch + "search: {trials: 7, by: dbi, over: {model.separate: integer 5..7, domains.a.fit: [pad, stretch]}}\n", `toy.yaml:8:18: search.trials: 7, but there are 6 different ones; want at most as many, or a grid`, nil},
		{searched, `override "model.separate=5": model.separate: the search varies this key; want an override of search.over.model.separate`, []string{"model.separate=5"}},
		{"name: f\nfeatures: {domains: {S: {path: s}}}\nsearch: {trials: 2}\n", "toy.yaml:3:1: search: of a study on features; validators choose settings of its methods, below adapt.methods", nil},
		{strings.Replace(searched, "model: {method: toy-method, separate: 4}", "methods: {x: {method: toy-labels}}", 1) + "    model.loss.confusion: [0]\n", `toy.yaml:16:27: search.over.model.loss.confusion: no option of x; want one of METHOD`, nil},
		{strings.Replace(searched, "model: {method: toy-method, separate: 4}", "methods: {x: {method: toy-labels}, y: {method: toy-method}, z: {method: toy-labels, separate: 1}}", 1) + "    model.loss.confusion: [0]\n", `toy.yaml:16:27: search.over.model.loss.confusion: no option of x, z; methods without it have a search of their own, or {} for none, below search.methods`, nil},
		{strings.Replace(searched, "model: {method: toy-method, separate: 4}", "methods: {a: {method: toy-labels, separate: 1}, b: {method: toy-labels, separate: 2}, c: {method: toy-labels, separate: 3}, d: {method: toy-labels, separate: 4}, e: {method: toy-labels, separate: 5}, f: {method: toy-method}}", 1) + "    model.loss.confusion: [0]\n", `toy.yaml:16:27: search.over.model.loss.confusion: no option of a, b, c, 2 more; methods without it have a search of their own, or {} for none, below search.methods`, nil},
		{strings.Replace(searched, "model: {method: toy-method, separate: 4}", "methods: {x: {method: toy-labels}, y: {method: toy-method}}", 1) + "  methods: {x: {model.loss.confusions: [0]}}\n", `toy.yaml:16:40: search.methods.x.model.loss.confusions: no option of x; want one of METHOD`, nil},
		{strings.Replace(searched, "model: {method: toy-method, separate: 4}", "methods: {xyz: {method: toy-method}}", 1) + "  methods: {xyy: {}}\n", `toy.yaml:16:13: search.methods.xyy: "xyy" is not below methods; did you mean "xyz"?`, nil},
	} {
		_, err := NewPlan(toyRequest(tt.text, tt.overrides...))
		got := fmt.Sprint(err)
		if before, _, ok := strings.Cut(got, "want one of loss.zero"); ok {
			got = before + "want one of METHOD"
		}
		if !slices.Contains(strings.Split(got, "\n"), tt.want) || strings.Count(got, "\n") > 1 {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

// Rungs are far apart as eta says and end before the training does; trials know their rivals, of
// their seed alone, and so do their own specs.
func TestHalving(t *testing.T) {
	p := mustPlan(t, toyRequest(searched, "search.halving={first: 10, eta: 3}"))
	plain := mustPlan(t, toyRequest(searched))
	for i, j := range p.Jobs {
		s := j.Spec.Search
		equal(t, "rungs", fmt.Sprint(j.Spec.Rungs(90), j.Spec.Rungs(91), j.Spec.Rungs(11)), "[10 30] [10 30 90] [10]")
		equal(t, "rivals", strings.Join(s.Rivals, " "), strings.Join([]string{p.Jobs[i%2].ID, p.Jobs[2+i%2].ID, p.Jobs[4+i%2].ID, p.Jobs[6+i%2].ID}, " "))
		equal(t, "identity", j.ID+j.Evaluation, plain.Jobs[i].ID+plain.Jobs[i].Evaluation)
		text, err := j.ResolvedYAML()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "of its own spec", fmt.Sprintf("%+v", *mustPlan(t, Request{Source: "resolved.yaml", Text: text}).Jobs[0].Spec.Search), fmt.Sprintf("%+v", *s))
	}
	if r := plain.Jobs[0].Spec.Rungs(100); r != nil || (&Spec{}).Rungs(100) != nil {
		t.Errorf("rungs without halving: %v", r)
	}
	for over, want := range map[string]string{
		"{first: 15}":         "toy.yaml:8:1: search.halving.first: 15, where nothing is scored; want a multiple of adapt.along, 10",
		"{first: 100}":        "toy.yaml:8:1: search.halving.first: 100, but toy-method is trained for 100 steps; want fewer",
		"{first: 10, eta: 1}": `override "search.halving={first: 10, eta: 1}": search.halving.eta: 1, want an integer from 2 to 1000`,
		"{furst: 10}":         `override "search.halving={furst: 10}": search.halving.furst: unknown key; did you mean "first"?`,
	} {
		if _, err := NewPlan(toyRequest(searched, "search.halving="+over)); fmt.Sprint(err) != want {
			t.Errorf("%s: %v, want %s", over, err, want)
		}
	}
}
