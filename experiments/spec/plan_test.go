package spec

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/domains/drawn" // faces-schematic, of which specs say how many are drawn
	"github.com/venn-adapt/venn/experiments/toy"
	_ "github.com/venn-adapt/venn/internal/seeded"
)

func toyRequest(text string, overrides ...string) Request {
	return Request{Source: "toy.yaml", Text: []byte(text), Overrides: overrides}
}

func mustPlan(t *testing.T, r Request) *Plan {
	t.Helper()
	p, err := NewPlan(r)
	if err != nil {
		t.Fatalf("plan:\n%v", err)
	}
	return p
}

func TestPlanResolves(t *testing.T) {
	p := mustPlan(t, toyRequest(toy.Spec))
	if len(p.Jobs) != 2 || p.Name != "toy" {
		t.Fatalf("%d jobs of %q, want 2 of toy", len(p.Jobs), p.Name)
	}
	s := p.Jobs[1].Spec
	checks := []struct {
		what      string
		got, want any
	}{
		{"seed", p.Jobs[1].Seed, uint64(1)},
		{"a's default fit", s.Domains[0].Options.String("fit"), "pad"},
		{"b's given fit", s.Domains[1].Options.String("fit"), "stretch"},
		{"a labelled by default", s.Domains[0].Labelled, true},
		{"b not", s.Domains[1].Labelled, false},
		{"number without a point", s.Model.Options.Float("loss.zero"), 2e-4},
		{"default beside it", s.Model.Options.Float("loss.confusion"), 0.001},
		{"list default", s.Model.Options.Floats("train.betas"), []float64{0.5, 0.999}},
		{"image", s.Image, ImageSpec{Size: 16, Channels: 1}},
		{"baselines", s.Adapt.Baselines, Baselines},
		{"tests", s.Metrics.Discrepancy, TestSpec{[]string{"toy-distance"}, 9, 1000}},
	}
	for _, c := range checks {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, d)
		}
	}
}

func TestFaults(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(toy.Spec, old) {
			t.Fatalf("%q is not in the spec", old)
		}
		return strings.Replace(toy.Spec, old, new, 1)
	}
	for _, tt := range []struct {
		name, text string
		overrides  []string
		want       string
	}{
		{"unknown key", edit("separate:", "seperate:"), nil,
			`toy.yaml:10:3: model.seperate: unknown key; did you mean "separate"?`},
		{"unknown nested key", edit("{zero:", "{zeero:"), nil,
			`toy.yaml:11:10: model.loss.zeero: unknown key; did you mean "zero"?`},
		{"key twice", edit("  separate: 4", "  separate: 4\n  separate: 5"), nil,
			`toy.yaml:11:3: model.separate: given twice, first at line 10; want it once`},
		{"wrong type", edit("separate: 4", "separate: many"), nil,
			`toy.yaml:10:13: model.separate: "many", want an integer from 1 to 255`},
		{"out of bounds", edit("separate: 4", "separate: 300"), nil,
			`toy.yaml:10:13: model.separate: 300, want an integer from 1 to 255`},
		{"contradiction", edit("separate: 4", "separate: 17"), nil,
			`toy.yaml:10:13: model.separate: 17 is more than image.size 16`},
		{"mapping for a number", edit("separate: 4", "separate: {x: 1, y: 2}"), nil, `toy.yaml:10:14: model.separate: a mapping, want an integer from 1 to 255`},
		{"missing key", edit("  method: toy-method\n", ""), nil,
			`toy.yaml:8:1: model.method: missing; want one of ` + "METHODS"},
		{"missing name", edit("name: toy\n", ""), nil,
			`toy.yaml:1:1: name: missing; want a name of letters, digits, dots, dashes and underscores`},
		{"name that is no folder", edit("name: toy", "name: ../toy"), nil,
			`toy.yaml:2:7: name: "../toy", want a name of letters, digits, dots, dashes and underscores`},
		{"unknown dataset", edit("a: {dataset: toy-images}", "a: {dataset: toy-image}"), nil,
			`toy.yaml:5:16: domains.a.dataset: unknown dataset "toy-image"; did you mean "toy-images"?`},
		{"unknown method", edit("toy-method", "toy-methud"), nil,
			`toy.yaml:9:11: model.method: unknown method "toy-methud"; did you mean "toy-method"?`},
		{"unknown classifier", edit("[toy-classifier]", "[toy-neighbours, toy-clasifier]"), nil,
			`toy.yaml:13:33: adapt.classifiers[1]: unknown classifier "toy-clasifier"; did you mean "toy-classifier"?`},
		{"metric of the other kind", edit("[toy-dependence]", "[toy-distance]"), nil,
			`toy.yaml:15:26: metrics.independence.tests[0]: unknown independence metric "toy-distance"` + "HINT"},
		{"required option", edit("{dataset: toy-images}", "{dataset: toy-folder}"), nil,
			`toy.yaml:5:3: domains.a.path: missing; want a string`},
		{"negative seed", edit("[0, 1]", "[0, -1]"), nil,
			`toy.yaml:3:12: seeds[1]: -1, want an integer from 0`},
		{"seed twice", edit("[0, 1]", "[1, 1]"), nil, `toy.yaml:3:12: seeds[1]: seed 1 is listed twice`},
		{"section that is a value", edit("image: {size: 16, channels: 1}", "image: 16"), nil,
			`toy.yaml:7:8: image: 16, want a mapping of size, channels, augment`},
		{"no source for a method that learns from labels", strings.Replace(edit("toy-images}", "toy-images, labelled: false}"), "toy-method", "toy-labels", 1), nil,
			`toy.yaml:9:11: model.method: toy-labels learns from the labels of the source, and no domain is labelled; say labelled: true of one`},
		{"two sources", edit("fit: stretch", "labelled: true"), nil,
			`toy.yaml:6:38: domains.b.labelled: both domains are labelled, want one at most: the source`},
		{"anchor", edit("separate: 4", "separate: &s 4"), nil,
			`toy.yaml:10:13: model.separate: anchors, aliases and tags are not used in specs; want the value itself`},
		{"not YAML", "name: [1", nil, `toy.yaml:1:7: not YAML: sequence end token ']' not found`},
		{"number for a key", toy.Spec + "7: x\n", nil, `toy.yaml:17:1: 7: unknown key; want one of adapt, domains, expected, image, metrics, model, name, question, report, seeds, source, title, translate`},
		{"override of a section", toy.Spec, []string{"model={separate: 3}"}, `override "model={separate: 3}": model.method: missing; want one of ` + "METHODS"},
		{"override within a section that lacks a key", edit("  method: toy-method\n", ""), []string{"model.separate=3"}, `toy.yaml:8:1: model.method: missing; want one of ` + "METHODS"},
		{"empty", "# nothing\n", nil, `toy.yaml:1:1: empty, want a mapping`},
		{"a list", "- 1\n", nil, `toy.yaml:1:1: a list of 1, want a mapping`},
		{"override of an unknown key", toy.Spec, []string{"modle.separate=3"},
			`override "modle.separate=3": modle: unknown key; did you mean "model"?`},
		{"override out of bounds", toy.Spec, []string{"model.separate=0"},
			`override "model.separate=0": model.separate: 0, want an integer from 1 to 255`},
		{"override without a value", toy.Spec, []string{"model.separate"},
			`override "model.separate": want key.sub=value`},
		{"override of nothing", toy.Spec, []string{"model.separate="},
			`override "model.separate=": model.separate: nothing, want an integer from 1 to 255`},
		{"grid of an evaluation", toy.Spec + "grid: {metrics.independence.rows: [10, 20]}\n", nil,
			`toy.yaml:17:8: grid.metrics.independence.rows: want a path under domains, image, model or features: seeds, classifiers and metrics are lists of their own`},
		{"grid without a list", toy.Spec + "grid: {model.separate: 3}\n", nil,
			`toy.yaml:17:24: grid.model.separate: 3, want a list of values`},
		{"grid twice the same", toy.Spec + "grid: {model.separate: [3, 3]}\n", nil,
			`toy.yaml:17:28: grid.model.separate[1]: 3 is listed twice`},
		{"grid twice the same, written differently", toy.Spec + "grid:\n  model.separate: [3, 4, 3.0]\n", nil,
			`toy.yaml:18:26: grid.model.separate[2]: 3 is listed twice`},
		{"grid of one job", toy.Spec + "grid:\n  domains.a.limit: [0]\n  domains.a: {noise: [0.5, 0.25], fit: [pad]}\n  model.train.betas: [[0.5, 1], [0.50, 1]]\n", nil,
			`toy.yaml:20:33: grid.model.train.betas[1]: [0.5,1] is listed twice`},
		{"grid wrong and the base without its key", strings.Replace(toy.Spec, "  method: toy-method\n", "", 1) + "grid: {model.method: [toy-method, toy-method]}\n", nil,
			`toy.yaml:16:35: grid.model.method[1]: "toy-method" is listed twice`},
		{"grid wrong, and a later value of it", toy.Spec + "grid: {model.separate: [3, 0], seeds: [1]}\n", nil,
			`toy.yaml:17:32: grid.seeds: want a path under domains, image, model or features: seeds, classifiers and metrics are lists of their own`},
		{"misspelt section", edit("model:", "modle:"), nil,
			`toy.yaml:8:1: modle: unknown key; did you mean "model"?`},
		{"misspelt section of a grid", edit("model:", "modle:") + "grid: {model.separate: [3, 5]}\n", nil,
			`toy.yaml:8:1: modle: unknown key; did you mean "model"?`},
		{"misspelt features", "name: f\nfeaturs:\n  domains: {A: {path: a.csv}, B: {path: b.csv}}\n  task: A->B\ngrid:\n  features.task: [A->B, B->A]\n", nil,
			`toy.yaml:2:1: featurs: unknown key; did you mean "features"?`},
		{"misspelt features without a grid", "name: f\nfeature:\n  domains: {A: {path: a.csv}, B: {path: b.csv}}\n  task: A->B\n", nil,
			`toy.yaml:2:1: feature: unknown key; did you mean "features"?`},
		{"alias", edit("separate: 4", "separate: *s"), nil,
			`toy.yaml:10:13: model.separate: anchors, aliases and tags are not used in specs; want the value itself`},
		{"alias in a list", edit("[0, 1]", "[0, *s]"), nil,
			`toy.yaml:3:12: seeds[1]: anchors, aliases and tags are not used in specs; want the value itself`},
		{"alias of a section", edit("image: {size: 16, channels: 1}", "image: *s"), nil,
			`toy.yaml:7:8: image: anchors, aliases and tags are not used in specs; want the value itself`},
		{"alias in a grid", toy.Spec + "grid: {model.separate: *s}\n", nil,
			`toy.yaml:17:24: grid.model.separate: anchors, aliases and tags are not used in specs; want the value itself`},
		{"merge", edit("separate: 4", "<<: *s"), nil, `toy.yaml:10:3: model: a key that is not plain text; want a name`},
		{"leading zero", edit("separate: 4", "separate: 010"), nil,
			`toy.yaml:10:13: model.separate: 010 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"leading zero that is no octal", edit("separate: 4", "separate: 08"), nil,
			`toy.yaml:10:13: model.separate: 08 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"octal", edit("separate: 4", "separate: 0o10"), nil,
			`toy.yaml:10:13: model.separate: 0o10 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"binary", edit("{zero: 2e-4}", "{zero: 0b10}"), nil,
			`toy.yaml:11:16: model.loss.zero: 0b10 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"underscore", edit("separate: 4", "separate: 1_0"), nil,
			`toy.yaml:10:13: model.separate: 1_0 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"leading zero of an override", toy.Spec, []string{"model.separate=010"},
			`override "model.separate=010": 010 is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores`},
		{"NUL", toy.Spec + "title: a\x00b\n", nil, `toy.yaml:17:9: the control character U+0000; take it out`},
		{"NUL first", "\x00", nil, `toy.yaml:1:1: the control character U+0000; take it out`},
		{"NUL, escaped", toy.Spec + `title: "a\0b"` + "\n", nil, `toy.yaml:17:8: title: holds the control character U+0000; take it out`},
		{"escape, escaped", toy.Spec + `title: "\e[1m"` + "\n", nil, `toy.yaml:17:8: title: holds the control character U+001B; take it out`},
		{"NUL in a key", toy.Spec + `"a\0": 1` + "\n", nil, `toy.yaml:17:1: a key that is not plain text; want a name`},
		{"NUL of an override", toy.Spec, []string{"title=\"a\\0\""}, "override \"title=\\\"a\\\\0\\\"\": holds the control character U+0000; take it out"},
		{"Latin-1", toy.Spec + "# größe\ntitle: M\xf6bel\n", nil, `toy.yaml:18:9: byte 0xf6 is not UTF-8; save the text as UTF-8`},
		{"column in characters", toy.Spec + "title: größe \xff\n", nil, `toy.yaml:17:14: byte 0xff is not UTF-8; save the text as UTF-8`},
		{"control of Latin-1", toy.Spec + "title: \u0080\n", nil, `toy.yaml:17:8: the control character U+0080; take it out`},
		{"UTF-16", "\xff\xfen\x00", nil, `toy.yaml:1:1: a text in UTF-16, by its byte order mark; save it as UTF-8`},
		{"byte order mark within", toy.Spec + "title: \ufeffa\n", nil, `toy.yaml:17:8: a byte order mark within the text; take it out`},
		{"grid against an override", toy.Spec + "grid: {model.separate: [3, 5]}\n", []string{"model.separate=4"},
			`override "model.separate=4": model.separate: the grid varies this key; want the override grid.model.separate=[...]`},
		{"grid path twice", toy.Spec + "grid:\n  model.separate: [3, 5]\n  model: {separate: [4]}\n", nil,
			`toy.yaml:19:11: grid.model.separate: given twice, first at line 18; want it once`},
		{"grid out of bounds", toy.Spec + "grid:\n  model: {separate: [3, 0]}\n", nil,
			`toy.yaml:18:25: model.separate: 0, want an integer from 1 to 255`},
	} {
		_, err := NewPlan(toyRequest(tt.text, tt.overrides...))
		got := fmt.Sprint(err)
		if head, _, open := strings.Cut(tt.want, "METHODS"); open && strings.HasPrefix(got, head) && strings.Contains(got, "toy-method") {
			continue
		}
		if head, _, open := strings.Cut(tt.want, "HINT"); open && strings.HasPrefix(got, head) && !strings.Contains(got, "\n") {
			continue
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What two domains, or a domain and the model, cannot be together.
func TestContradictionsOfDomains(t *testing.T) {
	const head = "name: t\nseeds: [0]\ndomains:\n"
	const tail = "image: {size: 16, channels: 1}\nmodel:\n  method: toy-method\n  train: {batch: 32}\n"
	table := func(rest string) string {
		return "{dataset: image-table, images: x, attributes: x.csv, " + rest + "}\n"
	}
	for _, tt := range []struct{ name, a, b, want string }{
		{"good", table("where: A & !B, label: C"), table("where: B & !A"), ""},
		{"overlapping by chance", table("where: A, label: C"), table("where: B"), ""},
		{"the same", table("where: A & !B, label: C"), table(`where: '!"B" & (A)'`),
			`toy.yaml:5:66: domains.b.where: "!\"B\" & (A)" selects the images that "A & !B" of domain a selects; want expressions that exclude each other`},
		{"part of it", table("where: A, label: C"), table("where: A & B"),
			`toy.yaml:5:66: domains.b.where: "A" of domain a selects every image that "A & B" selects; want expressions that exclude each other`},
		{"more than it", table("where: A & B, label: C"), table("where: A | B"),
			`toy.yaml:5:66: domains.b.where: "A | B" selects every image that "A & B" of domain a selects; want expressions that exclude each other`},
		{"another dataset", table("where: A, label: C"), "{dataset: toy-images, limit: 100}\n", ""},
		{"another dataset of a", "{dataset: toy-images, limit: 100}\n", table("where: A"), ""},
		{"other images", table("where: A, label: C"), "{dataset: image-table, images: y, attributes: x.csv, where: A}\n", ""},
		{"no label", "{dataset: image-table, images: x, attributes: x.csv, labelled: true, where: A}\n", table("where: B"),
			"toy.yaml:4:69: domains.a.labelled: true, but without `label` image-table has no labels; give it, or say labelled: false and train without adaptation"},
		{"no label by default", table("where: A"), table("where: B"),
			"toy.yaml:4:16: domains.a.labelled: true, but without `label` image-table has no labels; give it, or say labelled: false and train without adaptation"},
		{"not labelled", table("labelled: false, where: A"), table("where: B"), ""},
		{"few drawn", "{dataset: faces-schematic, train: 31}\n", "{dataset: faces-schematic}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.a gives 31 training images; want a batch of at most as many"},
		{"just enough", "{dataset: faces-schematic, train: 32}\n", "{dataset: faces-schematic, limit: 32}\n", ""},
		{"limited", "{dataset: faces-schematic, train: 100}\n", "{dataset: faces-schematic, limit: 31}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.b.limit gives 31 training images; want a batch of at most as many"},
		{"limited beyond what is drawn", "{dataset: faces-schematic, train: 31, limit: 40}\n", "{dataset: faces-schematic}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.a gives 31 training images; want a batch of at most as many"},
		{"limited to one", "{dataset: faces-schematic, train: 40, limit: 1}\n", "{dataset: faces-schematic}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.a.limit gives 1 training images; want a batch of at most as many"},
		{"limited to as many as are drawn", "{dataset: faces-schematic, train: 31, limit: 31}\n", "{dataset: faces-schematic}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.a.limit gives 31 training images; want a batch of at most as many"},
		{"limited, of any dataset", "{dataset: toy-images, limit: 3}\n", "{dataset: toy-images}\n",
			"toy.yaml:9:18: model.train.batch: 32, but domains.a.limit gives 3 training images; want a batch of at most as many"},
	} {
		text := head + "  a: " + tt.a + "  b: " + tt.b + tail
		_, err := NewPlan(toyRequest(text))
		if got := fmt.Sprint(err); (tt.want == "" && err != nil) || (tt.want != "" && got != tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// A method that learns from labels takes a source of either side.
func TestMethodOfLabels(t *testing.T) {
	for _, overrides := range [][]string{nil, {"domains.a.labelled=false", "domains.b.labelled=true"}} {
		mustPlan(t, toyRequest(toy.Spec, append(overrides, "model.method=toy-labels")...))
	}
}

// Attributes are granted by name, from tables that both domains have, and none that a label
// of either reads.
func TestMethodOfAttributes(t *testing.T) {
	const text = `name: toy
domains:
  a: {dataset: toy-table, label: own, labelled: false}
  b: {dataset: toy-table, label: other, labelled: false}
image: {size: 16, channels: 1}
model: {method: toy-granted, attributes: [x, "y z"]}
`
	plan := mustPlan(t, toyRequest(text))
	equal(t, "granted", plan.Jobs[0].Spec.Model.Options.Names("attributes"), "[x y z]")
	if p := mustPlan(t, toyRequest(text, "model.attributes=[x]")); p.Jobs[0].ID == plan.Jobs[0].ID {
		t.Error("what is granted is no part of a job's identity")
	}
	for _, tt := range []struct{ from, to, want string }{
		{`, attributes: [x, "y z"]`, "", "toy.yaml:6:17: model.attributes: empty, but toy-granted learns from attributes; name columns of the domains' tables"},
		{"[x, ", "[x, own, ", "toy.yaml:6:42: model.attributes: of domain a: own is the label"},
		{"[x, ", "[x, other, ", "toy.yaml:6:42: model.attributes: of domain b: other is the label"},
		{"[x, ", "[x, x, ", `toy.yaml:6:42: model.attributes: "x" twice, want each name once`},
		{"b: {dataset: toy-table, label: other", "b: {dataset: toy-images", "toy.yaml:4:16: domains.b.dataset: toy-images lists no attributes, from which toy-granted learns; take a dataset with a table of them"},
	} {
		_, err := NewPlan(toyRequest(strings.Replace(text, tt.from, tt.to, 1)))
		equal(t, tt.to, fmt.Sprint(err), tt.want)
	}
}

// Words stand bare in a resolved spec, and what YAML would read as anything else is quoted.
func TestQuoted(t *testing.T) {
	for text, want := range map[string]string{"word": "word", "a/b_c-d.e": "a/b_c-d.e", "true": `"true"`, "null": `"null"`, "7": `"7"`, "two words": `"two words"`, "": `""`, "-x": `"-x"`, "a\n": `"a\n"`} {
		if got, err := quoted(text); string(got) != want || err != nil {
			t.Errorf("%q is written %s, %v; want %s", text, got, err, want)
		}
	}
}

// A spec begins with a byte order mark where an editor put one, be it before a comment.
func TestByteOrderMark(t *testing.T) {
	p := mustPlan(t, toyRequest("\ufeff"+toy.Spec))
	if q := mustPlan(t, toyRequest(toy.Spec)); p.Jobs[0].ID != q.Jobs[0].ID {
		t.Error("a byte order mark makes another job")
	}
	if p = mustPlan(t, toyRequest(toy.Spec, "model.separate=0x4")); p.Jobs[0].Spec.Model.Options.Int("separate") != 4 {
		t.Error("0x4 is not 4")
	}
}

// worked is the processor time of this process so far: unlike the clock's it does not pass while
// others have the processor.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Whatever a text of the largest size holds, it is read or refused at once.
func TestParseIsBounded(t *testing.T) {
	var deep strings.Builder
	for i := 0; deep.Len() < maxSpecBytes-1000; i++ {
		deep.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	texts := map[string]string{"mappings": deep.String(), "too long": strings.Repeat("a", maxSpecBytes+1)}
	for _, piece := range []string{"[", "{", "- ", "? ", "*a ", "&a ", "!!a ", "a: [", "'", "\"", "]", "a:", "---\n", "#\n", "%a\n", "a: 1\n"} {
		texts[piece] = strings.Repeat(piece, maxSpecBytes/len(piece))
	}
	for name, text := range texts {
		start := worked(t)
		parse("x", []byte(text))
		if took := worked(t) - start; took > 10*time.Second { // 41 s before there were bounds
			t.Errorf("%s: %v", name, took)
		}
	}
}

func TestAllFaultsTogether(t *testing.T) {
	text := strings.NewReplacer("separate: 4", "separate: 0\n  extra: 1", "size: 16", "size: huge", "[0, 1]", "all").Replace(toy.Spec)
	_, err := NewPlan(toyRequest(text, "report.formats=[gif]"))
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is %T", err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Path)
	}
	want := []string{"seeds", "image.size", "model.separate", "model.extra", "report.formats[0]"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("faults (-want +got):\n%s\n%v", d, err)
	}
	// A faulty grid leaves one point, which shows what else is wrong.
	_, err = NewPlan(toyRequest(strings.Replace(toy.Spec, "size: 16", "size: huge", 1) + "grid: {model.separate: [1, 2], model.x: 3}\n"))
	if err == nil || strings.Count(err.Error(), "image.size: ") != 1 || !strings.Contains(err.Error(), "grid.model.x: 3, want a list of values") {
		t.Errorf("beside a faulty grid: %v", err)
	}
}

func TestPrecedenceAndOrigin(t *testing.T) {
	base := toyRequest(toy.Spec)
	withSpec := toyRequest(toy.Spec + "report: {formats: [md]}\n")
	setting := []Setting{{"report.formats", "[csv]", "settings.yaml"}}
	env := []Setting{{"report.formats", "[tex]", "$VENN_REPORT_FORMATS"}}
	for _, tt := range []struct {
		name           string
		r              Request
		format, origin string
	}{
		{"default", base, "html", "default"},
		{"settings over default", Request{Source: base.Source, Text: base.Text, Settings: setting}, "csv", "settings.yaml"},
		{"spec over settings", Request{Source: base.Source, Text: withSpec.Text, Settings: setting}, "md", "toy.yaml:17"},
		{"environment over spec", Request{Source: base.Source, Text: withSpec.Text, Settings: setting, Environment: env}, "tex", "$VENN_REPORT_FORMATS"},
		{"override over all", Request{Source: base.Source, Text: withSpec.Text, Settings: setting, Environment: env, Overrides: []string{"report.formats=[png]"}}, "png", `override "report.formats=[png]"`},
	} {
		s := mustPlan(t, tt.r).Jobs[0].Spec
		p := s.Parameters[len(s.Parameters)-1]
		if p.Path != "report.formats" || p.Origin != tt.origin || s.Report.Formats[0] != tt.format {
			t.Errorf("%s: %s = %v from %s, want %s from %s", tt.name, p.Path, p.Value, p.Origin, tt.format, tt.origin)
		}
	}
}

func TestGridExpands(t *testing.T) {
	p := mustPlan(t, toyRequest(toy.Spec+"grid: {model.separate: [3, 5], model.train.betas: [[0.5, 0.9], [0.9, 0.999]]}\n"))
	var got []string
	for _, j := range p.Jobs {
		got = append(got, j.Label())
	}
	want := []string{
		"model.separate=3 model.train.betas=[0.5,0.9] seed=0", "model.separate=3 model.train.betas=[0.5,0.9] seed=1",
		"model.separate=3 model.train.betas=[0.9,0.999] seed=0", "model.separate=3 model.train.betas=[0.9,0.999] seed=1",
		"model.separate=5 model.train.betas=[0.5,0.9] seed=0", "model.separate=5 model.train.betas=[0.5,0.9] seed=1",
		"model.separate=5 model.train.betas=[0.9,0.999] seed=0", "model.separate=5 model.train.betas=[0.9,0.999] seed=1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("jobs (-want +got):\n%s", d)
	}
	if s := p.Jobs[7].Spec; s.Model.Options.Int("separate") != 5 || s.Model.Options.Floats("train.betas")[1] != 0.999 {
		t.Errorf("the last point has %v", s.Model.Options)
	}
	p = mustPlan(t, toyRequest(toy.Spec+"grid: {domains.b.fit: [pad, stretch]}\n", "seeds=[0]"))
	if got := p.Jobs[0].Label(); got != `domains.b.fit="pad" seed=0` {
		t.Errorf("a point of text is called %s", got)
	}
}

func TestGridOverride(t *testing.T) {
	p := mustPlan(t, toyRequest(toy.Spec+"grid: {model.separate: [3, 5]}\n", "grid.model.separate=[7]", "seeds=[0]"))
	if len(p.Jobs) != 1 || p.Jobs[0].Label() != "model.separate=7 seed=0" {
		t.Errorf("%d jobs, the first %s", len(p.Jobs), p.Jobs[0].Label())
	}
}

// What retrains, what re-evaluates and what does neither.
func TestHashes(t *testing.T) {
	base := mustPlan(t, toyRequest(toy.Spec)).Jobs[0]
	for _, tt := range []struct {
		override             string
		training, evaluation bool
	}{
		{"model.separate=5", true, true},
		{"model.loss.confusion=0.01", true, true},
		{"domains.b.limit=10", true, true},
		{"domains.a.noise=0.5", true, true},
		{"image.size=32", true, true},
		{"seeds=[7]", true, true},
		{"adapt.classifiers=[toy-neighbours]", false, true},
		{"adapt.validation=0.2", false, true},
		{"metrics.discrepancy.permutations=99", false, true},
		{"translate.pairs=3", false, true},
		{"report.formats=[md]", false, false},
		{"title=other", false, false},
		{"model.separate=4", false, false}, // as it was
		{"seeds=[0, 5]", false, false},     // the first job is the same
	} {
		j := mustPlan(t, toyRequest(toy.Spec, tt.override)).Jobs[0]
		if (j.ID != base.ID) != tt.training || (j.Evaluation != base.Evaluation) != tt.evaluation {
			t.Errorf("%s: training %s was %s, evaluation %s was %s", tt.override, j.ID, base.ID, j.Evaluation, base.Evaluation)
		}
	}
}

// A resolved spec expands to its own job and to the same text again.
func TestResolvedRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		overrides := []string{
			fmt.Sprintf("model.separate=%d", rapid.IntRange(1, 16).Draw(t, "separate")),
			fmt.Sprintf("model.loss.zero=%v", rapid.Float64Range(0, 100).Draw(t, "zero")),
			fmt.Sprintf("model.train.clip=%v", rapid.Bool().Draw(t, "clip")),
			fmt.Sprintf("model.train.betas=[%v, 1]", rapid.Float64Range(0, 1).Draw(t, "beta")),
			"model.train.note=" + compact(rapid.StringMatching(`[ -~\n]{0,12}`).Draw(t, "note")),
			fmt.Sprintf("seeds=[3, %d]", rapid.Uint64Range(4, 1<<63).Draw(t, "seed")),
			"adapt.baselines=[]",
		}
		p, err := NewPlan(toyRequest(toy.Spec, overrides...))
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range p.Jobs {
			text, err := j.ResolvedYAML()
			if err != nil {
				t.Fatal(err)
			}
			again, err := NewPlan(Request{Source: "resolved.yaml", Text: text})
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if len(again.Jobs) != 1 || again.Jobs[0].ID != j.ID || again.Jobs[0].Evaluation != j.Evaluation {
				t.Fatalf("another job:\n%s", text)
			}
			if second, _ := again.Jobs[0].ResolvedYAML(); string(second) != string(text) {
				t.Fatalf("another text:\n%s\n%s", text, second)
			}
		}
	})
}

func FuzzNewPlan(f *testing.F) {
	for _, s := range []string{toy.Spec, toy.Spec + "grid: {model.separate: [1, 2]}", "a: &x [*x]", "<<: {}", "? [a]\n: b", "- - -", "name: !!binary x", "a: |\n  b",
		"\ufeff# c\n" + toy.Spec, searched, toy.Spec + "grid: {model.separate: [1, 01, 1.0]}", "featurs: {}\ngrid: {features.task: [a, b]}", toy.Spec + "title: \"\\0\"", toy.Spec + "title: \xff\x00"} {
		f.Add(s, "model.separate=3")
	}
	f.Fuzz(func(t *testing.T, text, override string) {
		p, err := NewPlan(toyRequest(text, override))
		var faults Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
			t.Errorf("error %v (%T) is no list of faults", err, err)
		}
		if err == nil && len(p.Jobs) == 0 {
			t.Error("neither jobs nor faults")
		}
		for _, f := range faults {
			if !utf8.ValidString(f.Path+f.Problem) || strings.ContainsAny(f.Path+f.Problem, "\x00\x1b\n") {
				t.Errorf("a fault that cannot be printed: %q", f)
			}
		}
		for i := 0; err == nil && i < len(p.Jobs); i++ {
			for _, value := range p.Jobs[i].Spec.Parameters {
				if s, ok := value.Value.(string); ok && (!utf8.ValidString(s) || strings.ContainsRune(s, 0)) {
					t.Errorf("%s is %q", value.Path, s)
				}
			}
		}
	})
}
