package tables

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

const (
	inPercent = "- accuracy on the target in percent; transductive: on the rows that adaptation saw without their labels; inductive: on rows that it did not see"
	noLabel   = "- no target label was used; settings are as the spec gives them"
	meanRank  = "- mean rank among methods of the same use that have every task, 1 the best; tasks that share a domain are not independent"
)

// task is a run of one task; each method has its transductive accuracy, 0 for none.
func taskRun(task, label string, seed uint64, none, coral, tca float64) reports.Run {
	r := reports.Run{Results: reports.Results{Name: "n", Task: task, Label: label, Seed: seed}}
	for i, v := range []float64{none, coral, tca} {
		a := reports.Adaptation{Name: []string{"base", "coral", "tca"}[i], Adapter: []string{"none", "coral", "tca"}[i], Classifier: "knn"}
		if v > 0 {
			a.Transductive = &reports.Score{Accuracy: v}
		}
		r.Results.Adaptation = append(r.Results.Adaptation, a)
	}
	return r
}

// Two tasks, the first of two seeds: cells are means over seeds, averages and ranks are of
// the tasks' means, each use ranked for itself, and only methods that have every task.
func TestAdaptationTableByHand(t *testing.T) {
	runs := []reports.Run{taskRun("A->B", "features.task=A->B", 0, 0.5, 0.6, 0.7), taskRun("A->B", "features.task=A->B", 1, 0.5, 0.7, 0), taskRun("B->A", "features.task=B->A", 0, 0.25, 0.2, 0)}
	runs[0].Results.Adaptation[0].Inductive = &reports.Score{Accuracy: 0.4}
	runs[2].Results.Adaptation[0].Inductive = &reports.Score{Accuracy: 0.3}
	runs[2].Results.Adaptation[2].Error = "tca: singular"
	runs[2].Results.Adaptation[1].Error = "a word beside its score"
	wantTable(t, "adaptation", append(runs, reports.Run{Results: reports.Results{Name: "n", Task: "nobody", Label: "features.task=nobody"}}),
		"method | use | A->B | B->A | average | mean rank",
		"base | transductive | 50.00 ± 0.00^a | 25.00 | 37.50 | 1.50",
		"coral | transductive | 65.00 ± 63.53^b | 20.00 | 42.50 | 1.50",
		"tca | transductive | 70.00 | —^c | —^d | —^d",
		"base | inductive | 40.00 | 30.00 | 35.00 | —^e",
		"a: 2 values, fewer than 5; all values are equal", "b: 2 values, fewer than 5", "c: tca: singular", "d: not every task has a score", "e: no other method of this use has every task",
		"- mean over seeds ± half of the 95% t-interval, 2 seeds", inPercent, noLabel, meanRank)
	// A method without a score and without a reason is not scored; one task has no average.
	runs = []reports.Run{taskRun("A->B", "", 0, 0.5, 0, 0)}
	runs[0].Results.Adaptation[1].Error = "coral: no"
	wantTable(t, "adaptation", runs, "method | use | A->B", "base | transductive | 50.00", "coral | transductive | —^a", "a: coral: no", inPercent, noLabel)
	skips(t, "adaptation", "no run has adaptation methods", reports.Run{})
	// Other points of the grid are other methods, named by what differs but the task.
	wantTable(t, "adaptation", []reports.Run{taskRun("A->B", "features.task=A->B dim=3", 0, 0.5, 0, 0), taskRun("A->B", "features.task=A->B dim=4 x=1", 0, 0.75, 0, 0)},
		"method | use | A->B", "dim=3 base | transductive | 50.00", "dim=4 x=1 base | transductive | 75.00", inPercent, noLabel)
	table, _, _ := adaptationTable([]reports.Run{taskRun("A->B", "", 0, 0.5, 0, 0), taskRun("B->A", "", 0, 0.5, 0.25, 0)})
	if c := table.Rows[1][2]; table.Notes[c.Note-1] != "not scored" {
		t.Errorf("coral on A->B: %+v, %q", c, table.Notes)
	}
}

// Six tasks against no adaptation. coral wins by 1, 2, 3, 4 and 5 points and loses by 6: the
// ranks of the losses sum to 6 of 21; of the 64 signs 14 give a sum of 6 or less
// (1, 1, 1, 2, 2, 3, 4 of the sums 0 to 6), so p = 28/64. tca wins every task: p = 2/64. Holm: the
// smaller p twice, the larger as it is. Friedman's mean ranks are 17/6, 13/6, 1.
func TestAdaptationTestsByHand(t *testing.T) {
	var runs []reports.Run
	for i := range 6 {
		d := 0.01 * float64(i+1)
		if i == 5 {
			d = -d
		}
		runs = append(runs, taskRun(fmt.Sprintf("t%d", i), "", 0, 0.5, 0.5+d, 0.7+0.01*float64(i)))
		runs[i].Results.Adaptation[0].Inductive = &reports.Score{Accuracy: 0.5}
		runs[i].Results.Adaptation[2].Inductive = &reports.Score{Accuracy: 0.5 + 0.125*math.Abs(d)/d}
	}
	table, skip, err := adaptationTestsTable(runs)
	if err != nil || table == nil {
		t.Fatalf("%q, %v", skip, err)
	}
	var rows []string
	for _, row := range table.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.Text)
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	for i, want := range []string{
		"coral | transductive | base | 1.50 | 5 | 1 | 0.4375 | 0.4375",
		"tca | transductive | base | 22.50 | 6 | 0 | 0.0312 | 0.0625",
		"tca | inductive | base | 8.33 | 5 | 1 | 0.2188 | 0.2188", // equal differences: 7 of 32 signs have one loss or none
	} {
		if i >= len(rows) || rows[i] != want {
			t.Errorf("row %d of\n%s\nwant %s", i, strings.Join(rows, "\n"), want)
		}
	}
	reportstest.Equal(t, "rows", len(rows), 3)
	// Nemenyi: 2.343 sqrt(12/36) = 1.35 for three methods, 1.960 sqrt(6/36) = 0.80 for two.
	of := func(columns int, scores ...float64) string { // a task a row
		f, err := inference.Friedman(mat.NewDense(6, columns, scores), true, 0)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%.2g by permutation", f.P)
	}
	// The tests' p is that of the ranks: coral second but for the last task, tca first; of two, five to one.
	three := of(3, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 1, 0, 2)
	two := of(2, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0)
	for _, want := range []string{"transductive: Friedman over 6 tasks and 3 methods, p = " + three, "inductive: Friedman over 6 tasks and 2 methods, p = " + two, "by permutation; mean ranks that differ by more than 1.35 differ at 0.05 (Nemenyi)",
		"inductive: Friedman over 6 tasks and 2 methods, p = ", "differ by more than 0.80 differ",
		"Wilcoxon's signed ranks on the tasks' means, two-sided; Holm's correction over the methods of one use; tasks that share a domain are not independent, so p is optimistic"} {
		if !strings.Contains(strings.Join(table.Remarks, "\n"), want) {
			t.Errorf("remarks %q lack %q", table.Remarks, want)
		}
	}
	reportstest.Equal(t, "columns", strings.Join(table.Columns, "|"), "method|use|against|mean difference|wins|losses|p|p (Holm)")
	skips(t, "adaptation-tests", "5 tasks, fewer than the 6 that a test over tasks needs", runs[:5]...)
	// Equal on a task is neither won nor lost.
	runs[0].Results.Adaptation[1].Transductive.Accuracy = 0.5
	table, _, _ = adaptationTestsTable(runs)
	if w, l := table.Rows[0][4].Text, table.Rows[0][5].Text; w != "4" || l != "1" {
		t.Errorf("%s wins and %s losses", w, l)
	}
	for i := range runs {
		runs[i].Results.Adaptation[0].Adapter = "pca"
	}
	skips(t, "adaptation-tests", "no method without adaptation to compare with", runs...)
	for i := range runs {
		runs[i].Results.Adaptation = []reports.Adaptation{{Name: "base", Adapter: "none", Transductive: &reports.Score{Accuracy: 0.5}}}
	}
	skips(t, "adaptation-tests", "no method without adaptation to compare with", runs...)
	if p, err := inference.NemenyiQuantile(3, 0.05); err != nil || !(math.Abs(p-2.343) <= 0.002) { // the table's figure that the above uses
		t.Errorf("q %v, %v", p, err)
	}
}

// Two tasks of four settings. "keen" picks 0.5 and 0.9 where the best are 0.8 and 0.9; "blind" knows
// one setting of each and loses more than twenty points once, exactly twenty never counts.
func TestSelectorsByHand(t *testing.T) {
	setting := func(truth float64, scores map[string]float64) reports.Candidate {
		return reports.Candidate{Oracle: &truth, Scores: scores}
	}
	unknown := reports.Candidate{Scores: map[string]float64{"keen": 99, "lost": 1}}
	first := reports.Selection{Name: "m", Candidates: []reports.Candidate{setting(0.8, map[string]float64{"keen": 1, "flat": 2}), setting(0.5, map[string]float64{"keen": 4, "flat": 2, "blind": 1}),
		setting(0.6, map[string]float64{"keen": 3, "flat": 2}), setting(0.7, map[string]float64{"keen": 2, "flat": 2}), unknown}}
	second := reports.Selection{Name: "m", Candidates: []reports.Candidate{setting(0.25, map[string]float64{"keen": 1, "flat": 1}), setting(0.5, map[string]float64{"keen": 2, "flat": 1}),
		setting(0.75, map[string]float64{"keen": 3, "flat": 1, "blind": 0}), setting(0.9, map[string]float64{"keen": 4, "flat": 1})}}
	other := reports.Selection{Name: "n", Candidates: []reports.Candidate{setting(0.5, map[string]float64{"solo": 1}), setting(0.25, map[string]float64{"solo": 0}), {Error: "failed"}}}
	runs := []reports.Run{{Results: reports.Results{Selection: []reports.Selection{first, other}}}, {Results: reports.Results{Selection: []reports.Selection{second}}}}
	table := wantTable(t, "selectors", runs,
		"method | selector | accuracy of picks | loss to oracle | collapses | rank correlation | weighted | picks",
		"m | blind | 62.50 | 22.50 | 1 | —^a | —^a | 2",
		"m | flat | 52.50 | 32.50 | 1 | —^a | —^a | 2",   // of equal scores the first: 0.8 and 0.25
		"m | keen | 70.00 | 15.00 | 1 | 0.00 | 0.00 | 2", // correlations -1 and 1
		"m | lost | —^b |  |  |  |  | 0",
		"m | oracle | 85.00 | 0.00 | 0 |  |  | 2",
		"n | solo | 50.00 | 0.00 | 0 | —^a | —^a | 1",
		"n | oracle | 50.00 | 0.00 | 0 |  |  | 1",
		"a: fewer than three settings, or equal scores", "b: does not apply to this method",
		"- each pick is among the settings of the method's grid, fitted on four fifths of the source; accuracy in percent, means over tasks and seeds",
		"- the oracle picks by target labels and is a bound, not a method; a collapse loses more than 20 points to it",
		"- rank correlation: Spearman's, of scores with true accuracy over the settings of one task, averaged; weighted: of dense ranks, by the square of the larger (Musgrave et al. 2022)")
	reportstest.Near(t, "accuracy of blind", table.Rows[0][2].Value, 62.5)
	skips(t, "selectors", "no run lists validators", reports.Run{})
	// A loss of exactly a fifth is no collapse; three settings are enough to correlate, with ties
	// in mid-ranks: 1, 2.5, 2.5 with 1, 2, 3 give 1.5/sqrt(1.5·2).
	edge := reports.Selection{Name: "m", Candidates: []reports.Candidate{setting(0.25, map[string]float64{"v": 1}), setting(0.375, map[string]float64{"v": 2}), setting(0.5, map[string]float64{"v": 2})}}
	named := selectionName(nil)
	p := gather([]reports.Run{{Results: reports.Results{Selection: []reports.Selection{edge}}}}, named, "m", "v")
	if len(p.correlation) != 1 || !(math.Abs(p.correlation[0]-1.5/math.Sqrt(3)) <= 1e-12) || p.accuracy[0] != 0.375 || p.loss[0] != 0.125 {
		t.Errorf("picks %+v", p)
	}
	edge.Candidates = []reports.Candidate{setting(0, map[string]float64{"v": 1}), setting(collapse, nil)}
	if p := gather([]reports.Run{{Results: reports.Results{Selection: []reports.Selection{edge}}}}, named, "m", "v"); p.collapses != 0 || p.loss[0] != 0.2 {
		t.Errorf("picks %+v: a loss of twenty points is not more than twenty", p)
	}
}

// Judges, by hand: which rows each table has, what a score that is not there is called, and
// the sentences on pairs and judges.
func TestFacesTables(t *testing.T) {
	e := func(v float64) *reports.Estimate {
		return &reports.Estimate{Value: v, Interval: [2]float64{v - 0.25, v + 0.125}, N: 20}
	}
	faces := &reports.Faces{Own: [2]string{"Hat", "Beard"}, Agreement: reports.Estimate{Value: 0.75, N: 31}, Changed: 0.4,
		Judged: []reports.JudgedAttribute{{Judge: "attribute", Attribute: "Hat", Share: 0.5, Accuracy: *e(0.875), Balanced: 0.8}, {Judge: "content", Attribute: "Male", Share: 0.5, Accuracy: *e(0.5), Balanced: 0.25}, {Judge: "content", Attribute: "Young", Share: 0.5, Accuracy: *e(0.75), Balanced: 0.625}},
		Rows: []reports.Face{{System: "didd", Direction: "a->b", Images: 20, Contents: 9, Guides: 8, Target: e(0.5), Source: e(0.25), Wanted: e(0.375), Agreement: e(1),
			Content: e(0.625), Preservation: e(0.125), Outside: e(0.0625), Guide: e(0.75), Frechet: &reports.Estimate{Value: 2.25, Interval: [2]float64{1, 4}, N: 20}, KID: e(0.3)},
			{System: reports.RealImages, Direction: "a", Images: 15, Target: e(0), Source: e(1), Agreement: e(1)},
			{System: reports.Reconstructions, Direction: "a", Images: 14, Target: e(0), Source: e(1), Agreement: e(1)},
			{System: "didd", Direction: "removal-a", Images: 12, Contents: 7, Target: e(0), Source: e(0.5), Wanted: e(0.5), Agreement: e(1)}}}
	run := reports.Run{Results: reports.Results{Seed: 2, Label: "x", Method: "didd", Faces: faces}}
	definitions := "- target: what only the guide's domain has; source: what only the content's has; seen: share of images in which the judge sees it. a->b and b->a want the target and not the source, removal neither, union both; as wanted: share with both right. Source seen after a->b or b->a, and target seen after removal, are leakage. What is seen in reconstructions, decoded from an image's own codes, says what is lost without any translation. Intervals of shares are Wilson's"
	table := wantTable(t, "faces", []reports.Run{{Results: reports.Results{Label: "x", Method: "didd"}}, run},
		"direction | system | target seen | source seen | as wanted | judges agree | images",
		"a->b | didd | 0.500 [0.250, 0.625] | 0.250 [0.000, 0.375] | 0.375 [0.125, 0.500] | 1.000 [0.750, 1.125] | 20",
		"a | real images | 0.000 [-0.250, 0.125] | 1.000 [0.750, 1.125] | —^a | 1.000 [0.750, 1.125] | 15",
		"a | reconstructions | 0.000 [-0.250, 0.125] | 1.000 [0.750, 1.125] | —^a | 1.000 [0.750, 1.125] | 14",
		"removal-a | didd | 0.000 [-0.250, 0.125] | 0.500 [0.250, 0.625] | 0.500 [0.250, 0.625] | 1.000 [0.750, 1.125] | 12",
		"a: untranslated images are of no direction", manyImages, definitions,
		"- pairs are drawn with repetition from the held-out images, so images recur; distinct contents (and guides): a->b 9 and 8, removal-a 7",
		"- only a has Hat, only b has Beard",
		"- judges of x seed 2, on 31 held-out real images: accuracy of Hat (attribute judge) 0.875, balanced 0.800; 2 other attributes (content judge) 0.625 on average, balanced 0.438; the two attribute judges, of two seeds, agree on 0.750 of these")
	if c := table.Rows[0][2]; c.Low != 0.25 || c.High != 0.625 || c.N != 20 {
		t.Errorf("cell %+v", c)
	}
	fidelity := []string{
		"- content cosine: of the content judge's embedding, about its mean over real images, with the content image's; content changed: share of that judge's attributes read otherwise than in the content image",
		"- L1 elsewhere: to the content image, in [-1, 1] units, over the 60% of pixels on which in real images neither Hat nor Beard shows (effects below 0.2 deviations, other attributes held fixed)",
		"- guide rank: share of the other held-out guides that are less like the output, in the attribute judge's embedding, than its own; chance is 0.5",
		"- Frechet and KID: to real held-out images of the wanted kind, in the attribute judge's embedding: comparable only within one study, and at equal numbers of images; their intervals come of halves of the images, the others of a bootstrap over pairs"}
	wantTable(t, "faces-fidelity", []reports.Run{{Results: reports.Results{Label: "x", Method: "didd"}}, run}, append([]string{
		"direction | system | content cosine | content changed | L1 elsewhere | guide rank | Frechet | KID | images",
		"a->b | didd | 0.625 [0.375, 0.750] | 0.125 [-0.125, 0.250] | 0.062 [-0.188, 0.188] | 0.750 [0.500, 0.875] | 2.2 [1.0, 4.0] | 0.300 [0.050, 0.425] | 20",
		"removal-a | didd | —^a | —^a | —^b | —^c | —^d | —^d | 12",
		"a: no attribute but the domains' own is frequent enough to tell people by", "b: what the domains have of their own shows on every pixel", "c: no guide takes part",
		"d: fewer than 10 outputs or real images of the wanted kind", manyImages}, fidelity...)...)
	if got := judgesRemark("j", &reports.Faces{Judged: faces.Judged[:1], Agreement: faces.Agreement}); strings.Contains(got, "content judge") {
		t.Errorf("%q of no content judge", got)
	}
	// One guide and one content judge are told of too.
	if got := pairsRemark([]reports.Run{{Results: reports.Results{Method: "m", Faces: &reports.Faces{Rows: []reports.Face{{System: "m", Direction: "a->b", Contents: 2, Guides: 1}}}}}}); !strings.HasSuffix(got, ": a->b 2 and 1") {
		t.Errorf("%q", got)
	}
	if got := judgesRemark("j", &reports.Faces{Judged: faces.Judged[1:2]}); !strings.Contains(got, "accuracy of 1 other attributes (content judge) 0.500 on average, balanced 0.250;") {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"faces", "faces-fidelity"} {
		skips(t, name, "no run has judged translations, which need domains chosen by attributes", reports.Run{})
	}
	// A system without guides says so, in both tables.
	blind := run
	seeing := *faces
	seeing.Rows = slices.Clone(faces.Rows[:1])
	seeing.Rows[0].Unguided = true
	blind.Results.Faces = &seeing
	for _, build := range []func([]reports.Run) (*reports.Table, string, error){facesTable, fidelityTable} {
		table, _, err := build([]reports.Run{blind})
		if err != nil || table.Rows[0][1].Note == 0 || table.Notes[table.Rows[0][1].Note-1] != "without a guide: what it makes of the content alone is compared with one" {
			t.Errorf("%v, rows %v, notes %v", err, table.Rows, table.Notes)
		}
		if whole, _, _ := build([]reports.Run{run}); whole.Rows[0][1].Note != 0 {
			t.Errorf("a system with guides has note %v", whole.Notes)
		}
	}
	// A direction that only the second seed has keeps its interval beside means of the first.
	later := run
	copied := *faces
	copied.Rows = append(faces.Rows[:1:1], reports.Face{System: "didd", Direction: "union", Images: 3, Target: e(0.5), Source: e(0.5), Wanted: e(0.5), Agreement: e(0.5)})
	later.Results.Faces, later.Results.Seed = &copied, 3
	table, _, _ = facesTable([]reports.Run{run, later})
	if len(table.Rows) != 5 || table.Rows[4][0].Text != "union" || table.Rows[0][2].Text != "0.500 ± 0.000" || table.Rows[0][2].N != 2 || table.Rows[4][2].Text != "0.500 [0.250, 0.625]" {
		t.Errorf("rows %v", table.Rows)
	}
}

// Scores by class, by hand: one seed as it is, two seeds with their mean and t-interval.
func TestClassScoresTable(t *testing.T) {
	s := func(row, classifier string, v float64) reports.ClassScores {
		return reports.ClassScores{Row: row, Classifier: classifier, Balanced: v, MacroF1: v + 0.01, Kappa: v + 0.02, LogLoss: v + 1, Brier: v + 0.3, ECE: v + 0.04, ClasswiseECE: v + 0.05, WeightedF1: 9, Matthews: 9, ECEFloor: 9, EqualCountECE: 9}
	}
	first := reports.Run{Results: reports.Results{Label: "x", ClassScores: []reports.ClassScores{s("network", "own", 0.5), s("common", "knn", 0.25)}}}
	about := "- on the target's test images; balanced: mean recall of the classes; log loss in nats, Brier summed over classes, ECE: expected calibration error of the top label over 15 bins of equal width, class ECE: the mean over classes of that of each"
	wantTable(t, "class-scores", []reports.Run{first}, "features | classifier | balanced | macro F1 | kappa | log loss | Brier | ECE | class ECE",
		"network | own | 0.500 | 0.510 | 0.520 | 1.500 | 0.800 | 0.540 | 0.550",
		"common | knn | 0.250 | 0.260 | 0.270 | 1.250 | 0.550 | 0.290 | 0.300", about)
	second := reports.Run{Results: reports.Results{Label: "x", Seed: 1, ClassScores: []reports.ClassScores{s("common", "knn", 0.75)}}}
	table, _, err := classScoresTable([]reports.Run{first, second})
	if err != nil {
		t.Fatal(err)
	}
	if c := table.Rows[1][2]; c.Value != 0.5 || c.N != 2 || !(math.Abs(c.High-c.Low-2*12.706204736*0.25) <= 1e-6) {
		t.Errorf("two seeds: %+v, want 0.5 ± t(1)·0.3536/sqrt 2", c)
	}
	skips(t, "class-scores", "no run has scores by class, which need labels of the target's test images", reports.Run{})
}

// Numbers of evaluations without a table of their own: over seeds, and of how many.
func TestValuesTable(t *testing.T) {
	run := func(seed uint64, v float64) reports.Run {
		return reports.Run{Results: reports.Results{Seed: seed, Values: []reports.Value{{Evaluation: "shade", Name: "mean on a", Value: v, N: 40}, {Evaluation: "shade", Name: "mean on b", Value: 2 * v, N: 30}}}}
	}
	wantTable(t, "values", []reports.Run{run(0, 0.25)}, "evaluation | quantity | value | of", "shade | mean on a | 0.2500 | 40", "shade | mean on b | 0.5000 | 30")
	wantTable(t, "values", []reports.Run{run(0, -0.00003)}, "evaluation | quantity | value | of", "shade | mean on a | -3.0e-05 | 40", "shade | mean on b | -0.0001 | 30")
	wantTable(t, "values", []reports.Run{run(0, 0)}, "evaluation | quantity | value | of", "shade | mean on a | 0.0000 | 40", "shade | mean on b | 0.0000 | 30")
	table, _, err := valuesTable([]reports.Run{run(0, 0.25), run(1, 0.75)})
	if err != nil || table.Rows[1][2].Value != 1 || table.Rows[1][2].N != 2 {
		t.Errorf("two seeds: %v, %v", table, err)
	}
	p := func(first, second float64) reports.Run { // a mean of p-values is none: the largest is shown
		return reports.Run{Results: reports.Results{Values: []reports.Value{{Evaluation: "paired", Name: "common less source-only, knn, p", Value: first, N: 9}, {Evaluation: "within-classes", Name: "p of it, on a", Value: second, N: 199}}}}
	}
	wantTable(t, "values", []reports.Run{p(0.01, 0.5), p(0.9, 0.005)}, "evaluation | quantity | value | of", "paired | common less source-only, knn, p | 0.9000^a | 9", "within-classes | p of it, on a | 0.5000^a | 199", "a: p, the largest of the seeds")
	skips(t, "values", "no run has further values", reports.Run{})
}
