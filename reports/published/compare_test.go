package published

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// claimed is a published figure of "tca" under nearest neighbours, printed with one decimal.
func claimed(task string, percent, tolerance float64) Claim {
	return Claim{Benchmark: "b", Task: task, Method: "TCA", Percent: percent, Decimals: 1, Adapter: "tca", Classifier: "knn", Settings: []string{"dim=30", "head.k=1"},
		Split: "full source", Tolerance: tolerance, Reason: "because", Source: "A paper, table as copied elsewhere", Certainty: "high"}
}

// scored is a run of tca on a task, of one seed, with an interval of so many points to either side.
func scored(task, name string, percent, half float64, change func(*reports.Adaptation)) reports.Run {
	a := reports.Adaptation{Name: name, Adapter: "tca", Classifier: "knn", Settings: map[string]any{"dim": 30}, Head: map[string]any{"k": 1},
		Transductive: &reports.Score{Accuracy: percent / 100, Interval: [2]float64{(percent - half) / 100, (percent + half) / 100}}}
	if change != nil {
		change(&a)
	}
	return reports.Run{Results: reports.Results{Task: task, Protocol: map[string]string{"split": "full source"}, Adaptation: []reports.Adaptation{a}}}
}

func near(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) < 1e-5
}

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		difference, noise, rounding, tolerance float64
		want                                   Verdict
	}{
		{0, 0.05, 0.05, 1.5, Reproduced},
		{1, 1, 0.05, 1.5, Reproduced}, {-1, 1, 0.05, 1.5, Reproduced},
		{1.01, 1, 0.05, 1.5, Near}, {-1.01, 1, 0.05, 1.5, Near},
		{1.55, 1, 0.05, 1.5, Near}, {-1.55, 1, 0.05, 1.5, Near},
		{1.551, 1, 0.05, 1.5, Better}, {-1.551, 1, 0.05, 1.5, Worse},
		{1.55, 9, 0.05, 1.5, Reproduced}, // the noise of few rows excuses no more than the tolerance
		{1.56, 9, 0.05, 1.5, Better}, {-1.56, 9, 0.05, 1.5, Worse},
		{3.2, 1.4, 0.005, 3.5, Near},
	} {
		c := Comparison{Claim: Claim{Percent: 50}, Here: 50 + tt.difference, Noise: Noise{Rounding: tt.rounding, Interval: tt.noise - tt.rounding}, Tolerance: tt.tolerance}
		if got := c.judge(); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// Two seeds 0.2 points apart have a t-interval of 12.7062 x 0.1 to either side; with rows at 1 point, the mean of 0.8 and
// 1.2, and one printed decimal the noise is 0.05 + sqrt(1.27062^2 + 1) = 1.66694.
func TestCompareTask(t *testing.T) {
	two := func(task string) []reports.Run {
		return []reports.Run{scored(task, "mine", 50, 0.8, nil), scored(task, "mine", 50.2, 1.2, nil)}
	}
	other := func(change func(*reports.Adaptation)) []reports.Run {
		return []reports.Run{scored("A->B", "mine", 50, 1, change)}
	}
	splits := two("A->B")
	splits[0].Results.Protocol = map[string]string{"split": "20 rows"}
	for _, tt := range []struct {
		name                   string
		claim                  Claim
		runs                   []reports.Run
		verdict                Verdict
		here, noise, tolerance float64
		reason, remark         string
	}{
		{"seeds and rows", claimed("A->B", 48.5, 1.5), two("A->B"), Reproduced, 50.1, 1.66694, 3, taskReason, ""},
		{"within the tolerance of a task", claimed("A->B", 48.4, 1.5), two("A->B"), Near, 50.1, 1.66694, 3, taskReason, ""},
		{"the claim's own tolerance is larger", claimed("A->B", 46.8, 3.5), two("A->B"), Near, 50.1, 1.66694, 3.5, "because", ""},
		{"the claim's own tolerance is that of a task", claimed("A->B", 50.1, 3), two("A->B"), Reproduced, 50.1, 1.66694, 3, "because", ""},
		{"beyond", claimed("A->B", 46.5, 3.5), two("A->B"), Better, 50.1, 1.66694, 3.5, "because", ""},
		{"below", claimed("A->B", 53.7, 3.5), two("A->B"), Worse, 50.1, 1.66694, 3.5, "because", ""},
		{"one seed", claimed("A->B", 49, 1.5), other(nil), Reproduced, 50, 1.05, 3, taskReason, ""},
		{"exact", claimed("A->B", 49.95, 0.1), other(nil), Reproduced, 50, 0.05, 0.1, "because", ""},
		{"exact, a little off", claimed("A->B", 49.86, 0.1), other(nil), Near, 50, 0.05, 0.1, "because", ""},
		{"exact, off", claimed("A->B", 49.84, 0.1), other(nil), Better, 50, 0.05, 0.1, "because", ""},
		{"just not exact", claimed("A->B", 49.84, 0.21), other(nil), Reproduced, 50, 1.05, 3, taskReason, ""},
		{"another task", claimed("B->A", 50, 1.5), two("A->B"), NotRun, math.NaN(), 0, 3, taskReason, "no run of tca"},
		{"another adapter", claimed("A->B", 50, 1.5), other(func(a *reports.Adaptation) { a.Adapter = "jda" }), NotRun, math.NaN(), 0, 3, taskReason, "no run of tca"},
		{"not scored", claimed("A->B", 50, 1.5), other(func(a *reports.Adaptation) { a.Transductive = nil }), NotRun, math.NaN(), 0, 3, taskReason, "no run of tca"},
		{"another dim", claimed("A->B", 50, 1.5), other(func(a *reports.Adaptation) { a.Settings = map[string]any{"dim": 20} }), NotComparable, 50, 1.05, 3, taskReason, "dim: published 30, here 20"},
		{"another classifier", claimed("A->B", 50, 1.5), other(func(a *reports.Adaptation) { a.Classifier, a.Head = "", nil }), NotComparable, 50, 1.05, 3, taskReason, "classifier: published knn, here none"},
		{"all of it", claimed("A->B", 50, 1.5), other(func(a *reports.Adaptation) { a.Classifier, a.Settings = "lda", map[string]any{"dim": 20} }), NotComparable, 50, 1.05, 3, taskReason,
			"classifier: published knn, here lda, dim: published 30, here 20"},
		{"another split", claimed("A->B", 50, 1.5), splits[:1], NotComparable, 50, 0.85, 3, taskReason, "split: published full source, here 20 rows"},
		{"the nearer of two", claimed("A->B", 50, 1.5), append(other(func(a *reports.Adaptation) { a.Name, a.Head = "far", map[string]any{"k": 3} }), two("A->B")...), Reproduced, 50.1, 1.66694, 3, taskReason, ""},
	} {
		c, err := compareTask(tt.claim, nil, tt.runs)
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict != tt.verdict || !near(c.Here, tt.here) || !near(c.Noise.Points(), tt.noise) || c.Tolerance != tt.tolerance || c.Reason != tt.reason || c.Remark != tt.remark {
			t.Errorf("%s: %+v", tt.name, c)
		}
		if ran := tt.verdict != NotRun; ran != (c.Name == "mine") || !near(c.Difference(), tt.here-tt.claim.Percent) {
			t.Errorf("%s: name %q, difference %v", tt.name, c.Name, c.Difference())
		}
	}
	lacking := claimed("A->B", 50, 1.5)
	lacking.Adapter = ""
	if c, err := compareTask(lacking, nil, two("A->B")); err != nil || c.Verdict != NotRun || c.Remark != "the program has no such method" || !math.IsNaN(c.Tolerance) || c.Reason != "" || !math.IsNaN(c.Here) {
		t.Errorf("a method that is lacking: %+v, %v", c, err)
	}
}

// Two tasks with rows at 0.6 and 0.8 points have a mean with rows at sqrt(0.36 + 0.64)/2 = 0.5; seeds the same.
func TestCompareAverage(t *testing.T) {
	tasks := []Claim{claimed("A->B", 50, 1.5), claimed("B->A", 60, 1.5)}
	printed := append(tasks[:2:2], claimed(average, 55, 1.5))
	runs := func(a, b float64) []reports.Run {
		return []reports.Run{scored("A->B", "mine", a, 0.6, nil), scored("B->A", "mine", b, 0.8, nil)}
	}
	for _, tt := range []struct {
		name            string
		claims          []Claim
		runs            []reports.Run
		verdict         Verdict
		published, here float64
		noise           float64
		remark          string
	}{
		{"as printed", printed, runs(50.2, 60.8), Reproduced, 55, 55.5, 0.55, ""},
		{"not printed", tasks, runs(50.2, 60.8), Reproduced, 55, 55.5, 0.55, ""},
		{"printed first", []Claim{printed[2], tasks[0], tasks[1]}, runs(50.2, 60.8), Reproduced, 55, 55.5, 0.55, ""},
		{"printed first, another figure", []Claim{claimed(average, 54.7, 1.5), tasks[0], tasks[1]}, runs(50.2, 60.8), Near, 54.7, 55.5, 0.55, ""},
		{"printed first, none run", []Claim{printed[2], tasks[0], tasks[1]}, nil, NotRun, 55, math.NaN(), 0, "no run of tca"},
		{"one task is all", []Claim{tasks[0]}, runs(53.5, 0), Better, 50, 53.5, 0.65, "1 of 1 tasks off by more than 3 points"},
		// Seeds 0.2 points apart on both tasks: sqrt(2) 1.27062 / 2 = 0.89847, with rows sqrt(0.89847^2 + 0.25) = 1.02823.
		{"seeds", printed, append(runs(50, 60), runs(50.2, 60.2)...), Reproduced, 55, 55.1, 1.07823, ""},
		{"near", printed, runs(51.2, 60.2), Near, 55, 55.7, 0.55, ""},
		{"better, and a task with it", printed, runs(53.2, 60.2), Better, 55, 56.7, 0.55, "1 of 2 tasks off by more than 3 points"},
		{"worse", printed, runs(48.4, 58.4), Worse, 55, 53.4, 0.55, ""},
		{"both tasks off, the average not", printed, runs(54, 56), Reproduced, 55, 55, 0.55, "2 of 2 tasks off by more than 3 points"},
		{"one task", printed, runs(50, 60)[:1], NotComparable, 55, math.NaN(), 0, "1 of 2 tasks comparable; B->A: no run of tca"},
		{"one task, no average printed", tasks, runs(50, 60)[1:], NotComparable, math.NaN(), math.NaN(), 0, "1 of 2 tasks comparable; A->B: no run of tca; the source prints no average"},
		{"none", printed, nil, NotRun, 55, math.NaN(), 0, "no run of tca"},
		{"none, no average printed", tasks, nil, NotRun, math.NaN(), math.NaN(), 0, "no run of tca; the source prints no average"},
		{"made otherwise", tasks[:1], []reports.Run{scored("A->B", "mine", 50, 1, func(a *reports.Adaptation) { a.Classifier = "lda" })}, NotComparable, math.NaN(), math.NaN(), 0, "classifier: published knn, here lda; the source prints no average"},
		{"only an average", printed[2:], runs(50, 60), NotComparable, 55, math.NaN(), 0, "the source prints no tasks"},
	} {
		c, err := compareTable(claimTable{"TCA", "A paper", tt.claims}, nil, tt.runs)
		if err != nil {
			t.Fatal(err)
		}
		singles := claimTable{claims: tt.claims}.tasks()
		a := c.Average
		if a.Verdict != tt.verdict || !near(a.Claim.Percent, tt.published) || !near(a.Here, tt.here) || !near(a.Noise.Points(), tt.noise) || a.Remark != tt.remark ||
			a.Tolerance != 1.5 || a.Reason != "because" || a.Claim.Task != average || len(c.Tasks) != len(singles) {
			t.Errorf("%s: %+v", tt.name, a)
		}
		if (a.Verdict == Worse) != c.Missed() {
			t.Errorf("%s: %s, missed %v", tt.name, a.Verdict, c.Missed())
		}
		if compared := tt.here == tt.here; compared != (a.Name == "mine") {
			t.Errorf("%s: name %q", tt.name, a.Name)
		}
	}
	lacking := claimed("A->B", 50, 1.5)
	lacking.Adapter = ""
	c, err := compareTable(claimTable{"X", "A paper", []Claim{lacking}}, nil, runs(50, 60))
	if a := c.Average; err != nil || a.Verdict != NotRun || !math.IsNaN(a.Tolerance) || a.Reason != "" || a.Remark != "the program has no such method; the source prints no average" {
		t.Errorf("a method that is lacking: %+v, %v", a, err)
	}
}

// A row that should be exact is missed by a task that is better, any other only by a worse average.
func TestMissed(t *testing.T) {
	for _, tt := range []struct {
		tolerance     float64
		task, average Verdict
		want          bool
	}{
		{0.2, Reproduced, Near, false}, {0.2, Better, Near, true}, {0.2, Worse, Reproduced, true}, {0.2, Reproduced, Better, true}, {0.2, NotRun, NotComparable, false},
		{0.3, Worse, Near, false}, {0.3, Better, Better, false}, {0.3, Near, Worse, true}, {0.3, NotRun, NotRun, false},
	} {
		c := ComparedTable{Tasks: []Comparison{{Verdict: Reproduced}, {Verdict: tt.task}}, Average: Comparison{Claim: Claim{Tolerance: tt.tolerance}, Verdict: tt.average}}
		if c.Missed() != tt.want {
			t.Errorf("%+v: missed %v", tt, c.Missed())
		}
	}
}

// oneOfEach has every verdict once among its averages, and other counts among its tasks.
func oneOfEach() []ComparedTable {
	var out []ComparedTable
	for i, v := range []Verdict{NotRun, NotComparable, Worse, Better, Near, Reproduced} {
		c := Comparison{Claim: claimed("A->B", 50, 1.5), Here: 50.25, Name: "mine", Verdict: v, Tolerance: 3, Reason: "because", Noise: Noise{0.05, 0.3, 0.4}}
		if !v.Compared() {
			c.Here, c.Remark = math.NaN(), "why "+string(v)
		}
		a := c
		a.Claim.Task, a.Remark = average, c.Remark
		t := ComparedTable{Method: fmt.Sprint("M", i), Source: c.Claim.Source, Average: a}
		for range i {
			t.Tasks = append(t.Tasks, c)
		}
		out = append(out, t)
	}
	return out
}

func TestCountsAndRows(t *testing.T) {
	compared := oneOfEach()
	table := CompareTable(compared, true)
	if len(table.Rows) != 6+15 || len(CompareTable(compared, false).Rows) != 6 {
		t.Errorf("%d rows with tasks, %d without", len(table.Rows), len(CompareTable(compared, false).Rows))
	}
	want := []string{"averages, 6: 1 reproduced, 1 near, 1 better, 1 worse, 1 not comparable, 1 not run",
		"single tasks, 15: 5 reproduced, 4 near, 3 better, 2 worse, 1 not comparable, 0 not run"}
	last := table.Remarks[len(table.Remarks)-2:]
	if last[0] != want[0] || last[1] != want[1] {
		t.Errorf("counts %q, want %q", last, want)
	}
	var row []string
	for _, c := range table.Rows[len(table.Rows)-1] {
		row = append(row, fmt.Sprint(c.Text, c.Note))
	}
	if got, want := strings.Join(row, "|"), "M5 (here mine)1|average0|50.000|50.250|+0.250|0.550|33|reproduced0"; got != want {
		t.Errorf("row %s, want %s", got, want)
	}
	if first := table.Rows[0][0].Text; first != "M0 (here mine)" {
		t.Errorf("first method %q", first)
	}
	if want := fmt.Sprintf("Published figures (table %d) and this program's", ClaimsVersion); table.Title != want || len(table.Remarks) != 5 || ClaimsVersion != 3 ||
		!strings.HasPrefix(table.Remarks[0], "accuracy in percent") || !strings.HasPrefix(table.Remarks[1], "reproduced: within the noise") || !strings.HasPrefix(table.Remarks[2], "the sources chose") {
		t.Errorf("title %q, remarks %q", table.Title, table.Remarks)
	}
	if notes := strings.Join(table.Notes, "|"); notes != "A paper (high)|why not run|because|why not comparable" {
		t.Errorf("notes %q", notes)
	}
	if c := table.Rows[0]; c[3].Text != "—" || table.Notes[c[3].Note-1] != "why not run" || c[4].Text+c[5].Text != "" {
		t.Errorf("a figure that is missing: %+v", c)
	}
	for i := 2; i < 7; i++ {
		if !table.Numeric(i) {
			t.Errorf("%s is not set like a number", table.Columns[i])
		}
	}
}

// The name here is said where it is another one, and a remark on a figure that is there is its footnote.
func TestComparedRow(t *testing.T) {
	c := Comparison{Claim: claimed("A->B", 50, 1.5), Here: 60, Name: "TCA", Verdict: NotComparable, Tolerance: 3, Reason: "because", Remark: "made otherwise"}
	var table reports.Table
	addCompared(&table, "TCA", c)
	c.Name = ""
	addCompared(&table, "TCA", c)
	c.Tolerance = math.NaN()
	addCompared(&table, "TCA", c)
	if r := table.Rows; r[0][0].Text != "TCA" || r[1][0].Text != "TCA" || table.Notes[r[0][3].Note-1] != "made otherwise" || r[0][6].Text != "3" || r[2][6].Text != "" || r[2][6].Note != 0 {
		t.Errorf("%+v", r)
	}
	if count := Count(nil); len(count.Averages) != 6 || len(count.Tasks) != 6 {
		t.Errorf("of nothing: %v", count)
	}
}

// A line takes as much as the page has room for: methods of 19 letters, verdicts of 10 and footnotes of 96.
func TestCompareTerminalWraps(t *testing.T) {
	c := Comparison{Claim: claimed(average, 50, 1.5), Here: 50, Verdict: Reproduced, Tolerance: 3, Reason: strings.Repeat("r", 96)}
	d := c
	d.Verdict, d.Reason = NotComparable, strings.Repeat("s", 97)
	var b bytes.Buffer
	if err := CompareTerminal(&b, []ComparedTable{{Method: strings.Repeat("m", 19), Average: c}, {Method: strings.Repeat("n", 20), Average: d}}, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"│ " + strings.Repeat("m", 19) + " a │", "│ " + strings.Repeat("n", 19) + "   │", "│ reproduced │", "│ not        │", "b  " + strings.Repeat("r", 96) + "\n", "c  " + strings.Repeat("s", 96) + "\n    s\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestReadClaims(t *testing.T) {
	head := "benchmark,task,method,percent,deviation,adapter,classifier,settings,split,use,selector,tolerance,protocol,source,venue,certainty,reason,trained,row,network,fit,side,varied\n"
	got, err := readClaims([]byte(head + "b,t,m,45.25,,a,c,dim=3 head.k=1,s,u,sel,1.5,p,src,v,sure,why,tr,ro,net,usps=pad x=y,28,shift 2\n"))
	want := Claim{Benchmark: "b", Task: "t", Method: "m", Percent: 45.25, Decimals: 2, Adapter: "a", Classifier: "c", Settings: []string{"dim=3", "head.k=1"}, Split: "s", Use: "u",
		Selector: "sel", Tolerance: 1.5, Protocol: "p", Source: "src", Venue: "v", Certainty: "sure", Reason: "why",
		Trained: "tr", Row: "ro", Network: "net", Fits: []string{"usps=pad", "x=y"}, Side: "28", Varied: "shift 2"}
	if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("%+v, %v", got, err)
	}
	for line, want := range map[string]string{
		"b,t,m,much,,a,c,,s,u,sel,1.5,p,src,v,sure,why,,,,,,":                                                    `reports: claims: line 2: figure "much"`,
		"b,t,m,1,,a,c,,s,u,sel,1.5,p,src,v,sure,why,,,,,,\nb,t,m,45,,a,c,,s,u,sel,little,p,src,v,sure,why,,,,,,": `reports: claims: line 3: tolerance "little"`,
		"b,t": "reports: claims: record on line 2: wrong number of fields",
	} {
		if _, err := readClaims([]byte(head + line + "\n")); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

// What is not known stays empty, and all else is there in full.
func TestCompareWhole(t *testing.T) {
	c := Comparison{Claim: claimed("A->B", 50, 1.5), Here: 50.25, Name: "mine", Verdict: Near, Tolerance: 3, Reason: "because", Noise: Noise{0.5, 3, 4}}
	lacking := Comparison{Claim: claimed(average, math.NaN(), 1.5), Here: math.NaN(), Tolerance: math.NaN(), Verdict: NotRun, Remark: "why"}
	text, err := render.CSV(CompareWhole([]ComparedTable{{Method: "TCA", Source: "A paper", Tasks: []Comparison{c}, Average: lacking}}))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, want := range []string{
		"b,TCA,A->B,mine,50,,,1,50.25,,,1,0.25,,,1,5.5,,,1,0.5,,,1,3,,,1,4,,,1,3,,,1,because,near,,A paper,high,,,,",
		"b,TCA,average,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,not run,why,A paper,high,,,,",
	} {
		if lines[i+1] != want {
			t.Errorf("line %d: %s, want %s", i+2, lines[i+1], want)
		}
	}
	if !strings.HasPrefix(lines[0], "benchmark,published as,task,method here,published,published low,published high,published n,here,") ||
		strings.Count(lines[0], ",") != strings.Count(lines[1], ",") || !strings.HasSuffix(lines[0], ",published gain,gain here") || !strings.Contains(lines[0], ",reason,verdict,remark,source,certainty,published source only,") {
		t.Errorf("header %s", lines[0])
	}
}

// Whatever methods and papers are called, and with more footnotes than letters, nothing is wider than 100 columns.
func TestCompareFitsThePage(t *testing.T) {
	claims, err := Claims()
	if err != nil {
		t.Fatal(err)
	}
	for _, benchmark := range []string{"office-caltech10-surf", "office-caltech10-surf-20splits", "digits-pixels-2000/1800"} {
		var compared []ComparedTable
		for i, table := range claimTables(claims, benchmark) {
			c, err := compareTable(table, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			for j := range c.Tasks {
				one := &c.Tasks[j]
				one.Name, one.Here, one.Remark, one.Verdict = strings.Repeat("a-very-long-name", 3), 0, fmt.Sprint("other ", strings.Repeat("word ", 30), i, j), NotComparable
				one.Noise, one.Tolerance, one.Reason = Noise{Interval: 10}, 3.5, fmt.Sprint("reason ", i, j)
			}
			compared = append(compared, c)
		}
		var b bytes.Buffer
		if err := CompareTerminal(&b, compared, true); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if width := utf8.RuneCountInString(line); width > 100 {
				t.Errorf("%s: %d columns: %s", benchmark, width, line)
			}
		}
		for _, want := range []string{"not run", "not        │", "(here", "single tasks, "} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q", benchmark, want)
			}
		}
	}
}

func TestWrapped(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {"one", "one"}, {"ab cd", "ab cd"}, {"abc de", "abc de"}, {"abc def", "abc|def"}, {"abcdef", "abcdef"}, {"abcdefg", "abcdef|g"},
		{"a bcdefgh i", "a|bcdefg|h i"}, {"äöüäöü ß", "äöüäöü|ß"}, {"abcdefghijklm", "abcdef|ghijkl|m"},
	} {
		if got := strings.Join(wrapped(tt.text, 6), "|"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestDecimals(t *testing.T) {
	c := []Claim{{Source: "x", Decimals: 0}, {Source: "x", Decimals: 2}, {Source: "x", Task: average, Decimals: 1}, {Source: "y", Decimals: 1}, {Source: "x", Benchmark: "other"}, {Source: "y", Decimals: 0}}
	widen(c)
	for i, want := range []int{2, 2, 1, 1, 0, 1} {
		if c[i].Decimals != want {
			t.Errorf("%d: %d decimals, want %d", i, c[i].Decimals, want)
		}
	}
	if decimals("45") != 0 || decimals("45.4") != 1 || decimals("45.44") != 2 {
		t.Error("digits after the point are miscounted")
	}
	for d, want := range []float64{0.5, 0.05, 0.005} {
		if got := (Claim{Decimals: d}).rounding(); !near(got, want) {
			t.Errorf("%d decimals: %v, want %v", d, got, want)
		}
	}
}

// Every figure that can be compared says why it may be off; only what should be exact has the smallest tolerance.
func TestReasons(t *testing.T) {
	claims, err := Claims()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims {
		want := map[bool]string{true: "another random draw than the source's", false: "the s"}[c.Benchmark != "office-caltech10-surf"]
		switch {
		case c.Trained != "":
			want = "another initialisation, schedule and order of images than the source's"
		case c.Adapter == "":
			want = "the program has no such method"
		case c.exact():
			want = "the same rows, and nothing is drawn: it should be exact"
		case c.Adapter == "jda" && want == "the s", c.Adapter == "meda":
			want = "pseudo-labels amplify rounding"
		}
		if !strings.Contains(c.Reason, want) || c.Decimals > 2 || (c.Decimals < 1 && c.Benchmark != "digits") {
			t.Errorf("%+v, want a reason of %q", c, want)
		}
	}
}
