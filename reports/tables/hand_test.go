package tables

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// plainly writes a table as lines: the columns, then rows with the marks of their
// footnotes, then the footnotes and the remarks.
func plainly(table *reports.Table) string {
	var out []string
	out = append(out, strings.Join(table.Columns, " | "))
	for _, row := range table.Rows {
		var cells []string
		for _, c := range row {
			s := c.Text
			if c.Note > 0 {
				s += "^" + string(rune('a'+c.Note-1))
			}
			cells = append(cells, s)
		}
		out = append(out, strings.Join(cells, " | "))
	}
	for i, n := range table.Notes {
		out = append(out, string(rune('a'+i))+": "+n)
	}
	for _, r := range table.Remarks {
		out = append(out, "- "+r)
	}
	return strings.Join(out, "\n")
}

// wantedTable builds a table of one run.
func wantedTable(t *testing.T, name string, runs ...reports.Run) *reports.Table {
	t.Helper()
	info, err := reports.Tables.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	table, skip, err := info.Build(runs)
	if err != nil || table == nil {
		t.Fatalf("%s: %q, %v", name, skip, err)
	}
	return table
}

// wantTable builds a table and compares it with what was computed by hand.
func wantTable(t *testing.T, name string, runs []reports.Run, want ...string) *reports.Table {
	t.Helper()
	info, err := reports.Tables.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	table, skip, err := info.Build(runs)
	if err != nil || table == nil {
		t.Fatalf("%s: %q, %v", name, skip, err)
	}
	reportstest.Equal(t, "name", table.Name, name)
	reportstest.Equal(t, "title", table.Title, info.Title)
	marked := make([]bool, len(table.Notes)+1)
	for _, row := range table.Rows {
		for _, c := range row {
			marked[c.Note] = true
		}
	}
	for i, note := range table.Notes {
		if !marked[i+1] {
			t.Errorf("%s: no cell is marked for the footnote %q", name, note)
		}
	}
	got := strings.Split(plainly(table), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%s, line %d:\n%s\nwant\n%s", name, i, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	return table
}

// skips asserts that a table is not made, and why.
func skips(t *testing.T, name, reason string, runs ...reports.Run) {
	t.Helper()
	info, err := reports.Tables.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	if table, skip, err := info.Build(runs); table != nil || skip != reason || err != nil {
		t.Errorf("%s: %v, %q, %v; want %q", name, table, skip, err, reason)
	}
}

func hit(v float64) *reports.Score {
	return &reports.Score{Accuracy: v, Interval: [2]float64{v - 0.125, v + 0.0625}, N: 40}
}

const (
	fitted = "- fitted on the labelled source and chosen on source validation images only; rows named oracle used target labels"
	closed = "- gap closed = (row − source-only)/(target-oracle − source-only) with the same classifier"
)

// t with one degree of freedom is 12.7062 at 97.5 %, so the half-width of two values at a
// distance d is 12.7062 d/2.
const halfOfTwo = 12.706204736432095 / 2

// Two seeds; the gap is known in one of them, and of another row in none.
func TestAccuracyTableOfTwoSeeds(t *testing.T) {
	run := func(seed uint64, source, target float64, gap *float64, why string) reports.Run {
		r := reports.Run{Results: reports.Results{Name: "n", Seed: seed, Accuracy: []reports.Accuracy{
			{Row: "common", Classifier: "knn", Source: hit(source), Target: hit(target), GapClosed: gap},
			{Row: "common", Classifier: "svm", Target: hit(target / 2)},
			{Row: "untrained", Classifier: "knn", Source: hit(0.5)}}}}
		if why != "" {
			r.Results.Accuracy[0].Notes = map[string]string{"gap_closed": why}
		}
		return r
	}
	runs := []reports.Run{run(0, 0.80, 0.60, reportstest.Pointer(0.5), ""), run(1, 0.90, 0.70, nil, "the oracle is no better")}
	table := wantTable(t, "accuracy", runs,
		"features | classifier | source test | target test | gap closed",
		"common | knn | 0.850 ± 0.635^a | 0.650 ± 0.635^a | 0.500^b",
		"common | svm | —^c | 0.325 ± 0.318^a | ",
		"untrained | knn | 0.500 ± 0.000^d | —^e | ",
		"a: 2 values, fewer than 5",
		"b: of 1 of 2 seeds; in the others the oracle is no better",
		"c: not scored on the source",
		"d: 2 values, fewer than 5; all values are equal",
		"e: the target has no test labels",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds", fitted, closed)
	c := table.Rows[0][2]
	reportstest.Near(t, "mean", c.Value, 0.85)
	reportstest.Near(t, "low", c.Low, 0.85-halfOfTwo*0.1)
	reportstest.Near(t, "high", c.High, 0.85+halfOfTwo*0.1)
	reportstest.Equal(t, "n", c.N, 2)
	// With the interval of the one gap, which says how it came about too.
	runs[0].Results.Accuracy[0].GapInterval = &[2]float64{0.25, 0.75}
	table, _, _ = accuracyTable(runs)
	gap := table.Rows[0][4]
	if gap.Text != "0.500 [0.250, 0.750]" || gap.N != 40 || gap.Low != 0.25 || gap.High != 0.75 ||
		table.Notes[gap.Note-1] != "95% bootstrap interval over test images, resampled together for the three rows; of 1 of 2 seeds; in the others the oracle is no better" {
		t.Errorf("gap %+v in %q", gap, table.Notes)
	}
	// Two gaps of three seeds.
	runs = append(runs, run(2, 0.85, 0.65, reportstest.Pointer(0.7), ""))
	table, _, _ = accuracyTable(runs)
	gap = table.Rows[0][4]
	if gap.Text != "0.600 ± 1.271" || table.Notes[gap.Note-1] != "2 values, fewer than 5; of 2 of 3 seeds; in the others the oracle is no better" {
		t.Errorf("gap %+v in %q", gap, table.Notes)
	}
	skips(t, "accuracy", "no run has accuracies, which need a labelled domain", reports.Run{})
}

// One seed has the record's own intervals over its test images.
func TestAccuracyTableOfOneSeed(t *testing.T) {
	r := reports.Run{Results: reports.Results{Accuracy: []reports.Accuracy{
		{Row: "common", Classifier: "knn", Source: hit(0.8), Target: hit(0.6), GapClosed: reportstest.Pointer(0.5), GapInterval: &[2]float64{0.25, 1.125}},
		{Row: "source-only", Classifier: "knn", Target: hit(0.5), Notes: map[string]string{"gap_closed": "it is the lower end"}}}}}
	table := wantTable(t, "accuracy", []reports.Run{r},
		"features | classifier | source test | target test | gap closed",
		"common | knn | 0.800 | 0.600 [0.475, 0.662]^a | 0.500 [0.250, 1.125]^b",
		"source-only | knn | —^c | 0.500 [0.375, 0.562]^a | —^d",
		"a: one seed: 95% Wilson interval over the 40 test images; another seed may fall outside",
		"b: 95% bootstrap interval over test images, resampled together for the three rows",
		"c: not scored on the source", "d: it is the lower end", fitted, closed)
	source, target := table.Rows[0][2], table.Rows[0][3]
	if !math.IsNaN(source.Low) || !math.IsNaN(source.High) || source.N != 1 || target.Low != 0.475 || target.High != 0.6625 || target.N != 40 {
		t.Errorf("source %+v, target %+v", source, target)
	}
}

func TestTranslationTable(t *testing.T) {
	run := func(l1 float64, guide *float64) reports.Run {
		return reports.Run{Results: reports.Results{Translation: []reports.Translation{{Direction: "a->b", Pairs: 30, L1: l1, Ratio: 2 * l1, Guide: guide}, {Direction: "removal-a", Pairs: 7, L1: 0.5, Ratio: 0.75}}}}
	}
	late := run(0.3, nil)
	late.Results.Translation = append(late.Results.Translation, reports.Translation{Direction: "union", Pairs: 9, L1: 0.25, Ratio: 1, Guide: reportstest.Pointer(1)})
	wantTable(t, "translation", []reports.Run{run(0.2, reportstest.Pointer(0.75)), late},
		"direction | L1 | of leaving as is | right guide nearer | pairs",
		"a->b | 0.250 ± 0.635^a | 0.500 ± 1.271^a | 0.750 | 30",
		"removal-a | 0.500 ± 0.000^b | 0.750 ± 0.000^b | —^c | 7",
		"union | 0.250 | 1.000 | 1.000 | 9",
		"a: 2 values, fewer than 5", "b: 2 values, fewer than 5; all values are equal", "c: no guide takes part",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds",
		"- L1 in [-1, 1] units over the pixels that should change, against the exact render; `of leaving as is` divides it by that of the untouched content image",
		"- right guide nearer: share of comparisons in which the output is nearer to the render with its own guide than with another, over the pixels in which the two differ; chance is 0.5")
	blind := run(0.2, reportstest.Pointer(0.5)) // a model that takes no guide is compared with one all the same
	blind.Results.Translation[0].Unguided = true
	blind.Results.Correctness = []correctness.Score{{Name: "manipulation", Direction: "a->b", Value: reportstest.Pointer(0.25), N: 3}, {Name: "content", Value: reportstest.Pointer(1), N: 3}, {Name: "d", Value: reportstest.Pointer(0.5), N: 3}}
	if table := wantedTable(t, "translation", blind); !strings.Contains(plainly(table), "a->b^a | 0.200") || table.Notes[0] != "without a guide: what it makes of the content alone is compared with one" || table.Rows[1][0].Note != 0 {
		t.Error(plainly(table))
	}
	if table := wantedTable(t, "correctness", blind); !strings.Contains(plainly(table), "1.000 | 0.250^a | —^b") || !strings.Contains(plainly(table), "0.500^a | 3\na: a->b without a guide: what it makes of the content alone is compared with one") {
		t.Error(plainly(table))
	}
	skips(t, "translation", "no run has exact renders to compare with", reports.Run{})
}

// A row of means, one of each factor; a mean without a pair and scores that a factor's kind does not have are said so.
func TestCorrectnessTables(t *testing.T) {
	score := func(name, direction, factor string, value float64, n int) correctness.Score {
		return correctness.Score{Name: name, Direction: direction, Factor: factor, Value: &value, Interval: &[2]float64{value - 0.25, value + 0.125}, N: n}
	}
	first := []correctness.Score{
		score("content", "", "", 0.5, 7), score("manipulation", "a->b", "", 0.25, 3), {Name: "manipulation", Direction: "b->a", N: 4}, score("manipulation", "", "", 0.375, 7),
		score("translation", "a->b", "", 0.125, 3), score("translation", "b->a", "", 0.875, 4), score("translation", "", "", 0.625, 7), score("bias", "", "", 0.75, 7), score("d", "", "", 0.4375, 7),
		score("content", "", "hue", 0.5, 5), score("manipulation", "b->a", "hat", 0.25, 4), score("translation", "a->b", "hat", 0.375, 2),
		score("bias", "", "hue", 0.625, 1), {Name: "bias", Factor: "hat"}, {Name: "bias", Factor: "domain", Value: reportstest.Pointer(0)},
	}
	run := reports.Run{Results: reports.Results{Correctness: first}}
	const (
		means = "- content: a shared factor in which content and guide differ stays the content's; manipulation: a factor that only the guide's domain has becomes the guide's; " +
			"translation: one that only the content's has comes to what it is in the other; bias, lower is better: a factor in which both agree changes; D: mean of content and manipulation. " +
			"Means over factors, and of the two directions (Bashkirova, Usman, Saenko 2022). By these definitions a copy of the content has D 0.5"
		read    = "- a factor's value is that of the nearest exact render (L1) among those of all its values, the others as they should be, so that where several are wrong one may be read for another; numbers have the levels that their dataset tells apart, thirds of the range of drawn faces"
		oneSeed = "- one seed: 95% intervals over pairs; another seed may fall outside"
		pairs   = "- pairs: those that count for each score of the row, of one seed; one factor's interval is Wilson's"
		kind    = "not for a factor of this kind"
	)
	table := wantTable(t, "correctness", []reports.Run{run},
		"content | manipulation a->b | manipulation b->a | manipulation | translation | bias | D | pairs",
		"0.500 [0.250, 0.625] | 0.250 [0.000, 0.375] | —^a | 0.375 [0.125, 0.500] | 0.625 [0.375, 0.750] | 0.750 [0.500, 0.875] | 0.438 [0.188, 0.562] | 7",
		"a: no pair counts", oneSeed, means, read)
	if c := table.Rows[0][1]; c.N != 3 || c.Low != 0 || c.High != 0.375 {
		t.Errorf("cell %+v", c)
	}
	wantTable(t, "correctness-factors", []reports.Run{run}, "factor | content | manipulation | translation | bias | pairs",
		"hue | 0.500 [0.250, 0.625] | —^a | —^a | 0.625 [0.375, 0.750] | 5, 1",
		"hat | —^a | 0.250 [0.000, 0.375] | 0.375 [0.125, 0.500] | —^b | 4, 2",
		"domain | —^a | —^a | —^a | 0.000 | ",
		"a: "+kind, "b: no pair counts", oneSeed, pairs)
	// Two seeds have the spread between them, and a factor that only the second knows a row.
	second := reports.Run{Results: reports.Results{Correctness: []correctness.Score{score("content", "", "", 0.75, 9), score("d", "", "", 0.5, 9), score("content", "", "hue", 0.75, 6), score("bias", "", "tone", 0.25, 2)}}}
	wantTable(t, "correctness-factors", []reports.Run{run, second}, "factor | content | manipulation | translation | bias | pairs",
		"hue | 0.625 ± 1.588^a | —^b | —^b | 0.625 [0.375, 0.750] | 6, 1",
		"hat | —^b | 0.250 [0.000, 0.375] | 0.375 [0.125, 0.500] | —^c | 4, 2",
		"domain | —^b | —^b | —^b | 0.000 | ",
		"tone | —^b | —^b | —^b | 0.250 [0.000, 0.375] | 2",
		"a: 2 values, fewer than 5", "b: "+kind, "c: no pair counts", "- mean over seeds ± half of the 95% t-interval, 2 seeds", oneSeed, pairs)
	// What reconstructions show is a column where a run has it: D, and of a factor the score that it has.
	again := run
	again.Results.Reconstructed = []correctness.Score{score("content", "", "", 0.625, 7), score("d", "", "", 0.75, 7), score("content", "", "hue", 0.875, 5), score("manipulation", "b->a", "hat", 0.625, 4), score("translation", "a->b", "hat", 0.5, 2), score("bias", "", "hue", 0.375, 1)}
	const of = "- of reconstructions: of the same pairs, shared factors as read off the content made again from its own codes and the guide's own off the guide's, the content's own gone: about the best that a swap of these codes can be; what is lost there is lost before anything is swapped"
	wantTable(t, "correctness", []reports.Run{again},
		"content | manipulation a->b | manipulation b->a | manipulation | translation | bias | D | D of reconstructions | pairs",
		"0.500 [0.250, 0.625] | 0.250 [0.000, 0.375] | —^a | 0.375 [0.125, 0.500] | 0.625 [0.375, 0.750] | 0.750 [0.500, 0.875] | 0.438 [0.188, 0.562] | 0.750 [0.500, 0.875] | 7",
		"a: no pair counts", oneSeed, means, of, read)
	wantTable(t, "correctness-factors", []reports.Run{again}, "factor | content | manipulation | translation | bias | of reconstructions | pairs",
		"hue | 0.500 [0.250, 0.625] | —^a | —^a | 0.625 [0.375, 0.750] | 0.875 [0.625, 1.000] | 5, 1",
		"hat | —^a | 0.250 [0.000, 0.375] | 0.375 [0.125, 0.500] | —^b | 0.625 [0.375, 0.750] | 4, 2",
		"domain | —^a | —^a | —^a | 0.000 | —^a | ",
		"a: "+kind, "b: no pair counts", oneSeed, of, pairs)
	// Beside it, one that has none.
	without := run
	again.Results.Label, without.Results.Label = "first", "second"
	for name, cells := range map[string]string{"correctness": "0.438 [0.188, 0.562] | —^b | 7", "correctness-factors": "0.625 [0.375, 0.750] | —^c | 5, 1"} {
		if table := wantedTable(t, name, again, without); !strings.Contains(plainly(table), cells) || !strings.Contains(strings.Join(table.Notes, "; "), "the model does not make an image again, or made it before this was read") {
			t.Error(plainly(table), table.Notes)
		}
	}
	// Beside rooms stand the figures that were published of their split.
	run.Results.Domains[0].Dataset = "shapes-drawn"
	rooms, _, err := correctnessTable([]reports.Run{run})
	if err != nil || len(rooms.Remarks) != 4 || rooms.Remarks[2] != publishedCorrectness {
		t.Errorf("%v, %+v", err, rooms)
	}
	for _, name := range []string{"correctness", "correctness-factors"} {
		skips(t, name, "no run has translations of drawn data whose factors can be read", reports.Run{})
	}
}

// The published figures of the remark are those that metrics/correctness computes from the published lines.
func TestPublishedCorrectness(t *testing.T) {
	for method, file := range map[string]string{"MUNIT": "munit", "DRIT++": "drit"} {
		text, err := os.ReadFile("../../metrics/correctness/testdata/shapes_" + file + "_metrics.txt")
		if err != nil {
			t.Fatal(err)
		}
		_, row, _ := strings.Cut(publishedCorrectness, method+" ")
		row, _, _ = strings.Cut(row, ". Their")
		numbers := regexp.MustCompile(`\d\.\d{4}`).FindAllString(row, 5)
		for i, title := range []string{"Content Preservation", "Style translation", "Q_trans", "Model Bias", "Disentanglement quality"} {
			if want := "\n" + title + " = " + numbers[i] + " \n"; !strings.Contains(string(text), want) {
				t.Errorf("%s: no line %q", method, want)
			}
		}
		_, biases, _ := strings.Cut(string(text), "Bias stats = ")
		sum := 0.0
		for _, number := range regexp.MustCompile(`\d\.\d{4}`).FindAllString(biases, -1) { // the domain's is 0
			v, err := strconv.ParseFloat(number, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		if without := fmt.Sprintf("%.4f", sum/6); !strings.Contains(publishedCorrectness[strings.Index(publishedCorrectness, "without it"):], without) {
			t.Errorf("%s: bias without the domain %s", method, without)
		}
	}
}

const manyImages = "- one seed: 95% intervals over images or pairs; another seed may fall outside"

func TestReconstructionTable(t *testing.T) {
	e := func(v float64, n int) reports.Estimate {
		return reports.Estimate{Value: v, Interval: [2]float64{v - 0.25, v + 0.5}, N: n}
	}
	of := func(domain string, l1 float64, n int) reports.Reconstruction {
		ssim := e(1-l1, n)
		return reports.Reconstruction{Domain: domain, L1: e(l1, n), PSNR: e(20*l1, n), SSIM: &ssim}
	}
	// b stands below a whatever the order of the record; the SSIM of one seed is missing.
	first, second := reports.Run{Results: reports.Results{Reconstruction: []reports.Reconstruction{of("b", 0.5, 80), of("a", 0.25, 60)}}}, reports.Run{Results: reports.Results{Reconstruction: []reports.Reconstruction{of("a", 0.75, 60)}}}
	second.Results.Reconstruction[0].SSIM = nil
	remark := "- L1 in [-1, 1] units, PSNR in dB and SSIM are means over held-out images, each decoded from its own codes"
	table := wantTable(t, "reconstruction", []reports.Run{first, second}, "domain | L1 | PSNR | SSIM | images",
		"a | 0.500 ± 3.177^a | 10.00 ± 63.53^a | 0.750 [0.500, 1.250] | 60",
		"b | 0.500 [0.250, 1.000] | 10.00 [9.75, 10.50] | 0.500 [0.250, 1.000] | 80",
		"a: 2 values, fewer than 5", "- mean over seeds ± half of the 95% t-interval, 2 seeds", manyImages, remark)
	c := table.Rows[1][2]
	if c.Low != 9.75 || c.High != 10.5 || c.N != 80 || c.Value != 10 {
		t.Errorf("cell %+v", c)
	}
	wantTable(t, "reconstruction", []reports.Run{second}, "domain | L1 | PSNR | SSIM | images", "a | 0.750 [0.500, 1.250] | 15.00 [14.75, 15.50] | —^a | 60",
		"a: the images are smaller than the window of the structural similarity", manyImages, remark)
	skips(t, "reconstruction", "no run has reconstructions", reports.Run{})
}

// Statistics over seeds: the largest p is shown with what it is, a bound where it is the
// smallest that the resamples allow; a collapse in one seed is one of all.
func TestStatisticsTable(t *testing.T) {
	m := func(of, name string, value float64, p *float64, method string, resamples int) reports.Measured {
		return reports.Measured{Of: of, Result: metrics.Result{Name: name, Value: value, P: p, Method: method, Resamples: resamples, N: 50}}
	}
	interval := m("x", "probe", 0.5, nil, "", 0)
	interval.Interval, interval.N = []float64{0.25, 0.75}, 33
	collapsed := m("x", "flat", 0, reportstest.Pointer(1), "", 0)
	collapsed.Degenerate = true
	one := reports.Run{Results: reports.Results{
		Independence: []reports.Measured{m("x", "hsic", 0.12345, reportstest.Pointer(0.02), "permutation", 99), m("x", "dcor", 0.2, reportstest.Pointer(0.01), "permutation", 99), m("y", "hsic", 0.3, reportstest.Pointer(0.0004), "gamma", 0),
			m("x", "edge", 1, reportstest.Pointer(0.0005), "", 0), m("x", "certain", 1, reportstest.Pointer(0), "", 0), interval, collapsed, m("x", "none", 2, nil, "permutation", 99)},
		Discrepancy: []reports.Measured{m("d", "mmd2", 0.5, reportstest.Pointer(0.25), "gamma", 0)}}}
	table := wantTable(t, "independence", []reports.Run{one}, "between | measure | value | p | rows",
		"x | hsic | 0.1235 | 0.020^a | 50", "x | dcor | 0.2000 | ≤ 0.01^a | 50", "y | hsic | 0.3000 | < 0.001^b | 50", "x | edge | 1.0000 | 0.001 | 50", "x | certain | 1.0000 | < 0.001 | 50",
		"x | probe | 0.5000 [0.2500, 0.7500]^c |  | 33", "x | flat | collapsed^d | 1.000 | 50", "x | none | 2.0000 |  | 50",
		"a: p by permutation, 99 resamples", "b: p by gamma", "c: in brackets: 95% interval over rows",
		"d: collapsed: a block of codes is constant, which proves neither independence nor alignment")
	if c := table.Rows[5][2]; c.Low != 0.25 || c.High != 0.75 || c.Value != 0.5 || c.N != 33 {
		t.Errorf("cell %+v", c)
	}
	reportstest.Equal(t, "p", table.Rows[1][3].Value, 0.01)
	wantTable(t, "discrepancy", []reports.Run{one}, "between | measure | value | p | rows", "d | mmd2 | 0.5000 | 0.250^a | 50", "a: p by gamma")
	two := reports.Run{Results: reports.Results{Seed: 1, Independence: []reports.Measured{m("x", "dcor", 0.3, reportstest.Pointer(0.5), "gamma", 0), m("x", "hsic", 0.25, reportstest.Pointer(0.01), "permutation", 999), interval}}}
	one.Results.Independence = []reports.Measured{m("x", "hsic", 0.15, reportstest.Pointer(0.005), "permutation", 99), m("x", "dcor", 0.2, reportstest.Pointer(0.01), "permutation", 99), interval, m("x", "flat", 1, nil, "", 0)}
	two.Results.Independence = append(two.Results.Independence, collapsed)
	wantTable(t, "independence", []reports.Run{one, two}, "between | measure | value | p | rows",
		"x | hsic | 0.2000 ± 0.6353^a | 0.010^b | 50", "x | dcor | 0.2500 ± 0.6353^a | 0.500^c | 50", "x | probe | 0.5000 ± 0.0000^d |  | 33", "x | flat | collapsed^e | 1.000 | 50",
		"a: 2 values, fewer than 5", "b: p by permutation, 999 resamples, the largest of the seeds", "c: p by gamma, the largest of the seeds",
		"d: 2 values, fewer than 5; all values are equal", "e: collapsed: a block of codes is constant, which proves neither independence nor alignment",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds")
	// Of equal p-values that of the first seed is described; one resample is one.
	one.Results.Independence = []reports.Measured{m("x", "hsic", 0.5, reportstest.Pointer(0.25), "gamma", 0), m("x", "dcor", 0.5, reportstest.Pointer(0.5), "permutation", 1)}
	two.Results.Independence = []reports.Measured{m("x", "hsic", 0.25, reportstest.Pointer(0.25), "permutation", 99)}
	wantTable(t, "independence", []reports.Run{one, two}, "between | measure | value | p | rows",
		"x | hsic | 0.3750 ± 1.5883^a | 0.250^b | 50", "x | dcor | 0.5000 | ≤ 0.5^c | 50", "a: 2 values, fewer than 5", "b: p by gamma, the largest of the seeds", "c: p by permutation, 1 resamples",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds")
	skips(t, "independence", "no run has independence statistics", reports.Run{})
	skips(t, "discrepancy", "no run has discrepancy statistics", reports.Run{})
}

// Runs are joined by what a statistic is between, whatever the sentence says of it; records
// that do not say it are joined by the sentence.
func TestStatisticsAreJoinedByFields(t *testing.T) {
	m := func(of, block, domain string, value float64) reports.Measured {
		s := reports.Sample{Block: block, Domain: domain}
		return reports.Measured{Of: of, Between: [2]reports.Sample{{Block: "common", Domain: domain}, s}, Result: metrics.Result{Name: "hsic", Value: value, N: 50}}
	}
	old := func(of string, value float64) reports.Measured {
		return reports.Measured{Of: of, Result: metrics.Result{Name: "hsic", Value: value, N: 50}}
	}
	run := func(seed uint64, all ...reports.Measured) reports.Run {
		return reports.Run{Results: reports.Results{Seed: seed, Independence: all}}
	}
	wantTable(t, "independence", []reports.Run{
		run(0, m("one way to say it", "separate-a", "a", 0.25), m("one way to say it", "separate-a", "b", 0.5), old("said alone", 1)),
		run(1, m("another way", "separate-a", "a", 0.25), old("said alone", 1), old("said otherwise", 2)),
	}, "between | measure | value | p | rows",
		"one way to say it | hsic | 0.2500 ± 0.0000^a |  | 50",
		"one way to say it | hsic | 0.5000 |  | 50",
		"said alone | hsic | 1.0000 ± 0.0000^a |  | 50",
		"said otherwise | hsic | 2.0000 |  | 50",
		"a: 2 values, fewer than 5; all values are equal",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds")
}
