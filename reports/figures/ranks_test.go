package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// ranked is one run a task: methods in a fixed order of merit but on the last task, where
// the first two change places.
func ranked(methods []string, tasks int) []reports.Run {
	var runs []reports.Run
	for task := range tasks {
		r := reports.Run{Results: reports.Results{Task: fmt.Sprintf("task%d", task)}}
		for j, name := range methods {
			v := 0.9 - 0.05*float64(j)
			if task == tasks-1 && j < 2 {
				v = 0.9 - 0.05*float64(1-j)
			}
			r.Results.Adaptation = append(r.Results.Adaptation, reports.Adaptation{Name: name, Transductive: &reports.Score{Accuracy: v}, Inductive: &reports.Score{Accuracy: 1 - v}})
		}
		runs = append(runs, r)
	}
	return runs
}

// A rankPaper is the axis of ranks with what stands on it.
type rankPaper struct {
	drawnPanel
	x    axis
	axis vg.Length // height
}

func readRanks(t *testing.T, p drawnPanel, methods int) rankPaper {
	t.Helper()
	at := map[float64]vg.Length{}
	for k := 1; k <= methods; k++ {
		at[float64(k)] = p.text(t, fmt.Sprint(k)).centre().X
	}
	r := rankPaper{drawnPanel: p, x: scale(t, at)}
	for _, m := range p.marks {
		if m.kind == "line" && len(m.at) == 2 && m.width == 0.8 && m.top() == m.bottom() {
			r.axis = m.top()
			reportstest.Near(t, "the axis begins", r.x(m.left()), 1)
			reportstest.Near(t, "the axis ends", r.x(m.right()), float64(methods))
		}
	}
	return r
}

// leader finds the line from a mean rank to its method's name.
func (r rankPaper) leader(t *testing.T, name string) inked {
	t.Helper()
	label := r.text(t, name)
	for _, m := range r.marks {
		if m.kind == "line" && len(m.at) == 3 && math.Abs(float64(m.at[2].Y-label.centre().Y)) < 0.01 && m.at[2].X < 230 == (label.left() < 230) {
			return m
		}
	}
	t.Fatalf("no line leads to %q", name)
	return inked{}
}

// Four methods on five tasks: mean ranks 1.2, 1.8, 3, 4. The critical difference is
// 2.569 sqrt(4·5/(6·5)) = 2.098 (Demsar's table), so the first three go together and the
// second to the fourth do not (2.2).
func TestRanksFigure(t *testing.T) {
	methods := []string{"gamma", "alpha", "delta", "beta"}
	runs := ranked(methods, 5)
	for _, r := range runs {
		a := r.Results.Adaptation // in another order than that of their ranks
		a[0], a[1], a[2], a[3] = a[2], a[0], a[3], a[1]
	}
	f, panels := built(t, "ranks", runs)
	reportstest.Equal(t, "panels", len(panels), 1)
	p := readRanks(t, panels[0], 4)
	ranks := []float64{1.2, 1.8, 3, 4}
	for i, name := range methods {
		l := p.leader(t, fmt.Sprintf("%s (%.2f)", name, ranks[i]))
		reportstest.Near(t, "rank of "+name, p.x(l.at[0].X), ranks[i])
		reportstest.Near(t, "the line starts on the axis", float64(l.at[0].Y), float64(p.axis))
		reportstest.Near(t, "it falls upright", float64(l.at[1].X), float64(l.at[0].X))
		reportstest.Near(t, "then goes across", float64(l.at[1].Y), float64(l.at[2].Y))
		label := p.text(t, fmt.Sprintf("%s (%.2f)", name, ranks[i]))
		if left := i < 2; left && label.right() > l.at[2].X-2 || !left && label.left() < l.at[2].X+2 {
			t.Errorf("%s stands at %v beside %v", name, label.at, l.at)
		}
		// The first and the last are nearest to the axis, the middle ones below them.
		depth := float64(min(i, 3-i))
		reportstest.Near(t, "depth of "+name, float64(p.axis-l.at[2].Y), 2*7+12+13*depth)
	}
	var cliques []inked
	for _, m := range p.kinds("line", "000000") {
		if m.width == 2.6 {
			cliques = append(cliques, m)
		}
	}
	reportstest.Equal(t, "bars", len(cliques), 2)
	for i, bar := range cliques {
		reportstest.Near(t, "height of a bar", float64(p.axis-bar.top()), 6+7*float64(i))
	}
	reportstest.Near(t, "left end of the first bar", p.x(cliques[0].left()+3), 1.2)
	reportstest.Near(t, "right end of the first bar", p.x(cliques[0].right()-3), 3)
	reportstest.Near(t, "left end of the second bar", p.x(cliques[1].left()+3), 3)
	reportstest.Near(t, "right end of the second bar", p.x(cliques[1].right()-3), 4)
	length := p.text(t, "critical difference 2.10")
	for _, m := range p.marks {
		if m.kind == "line" && m.width == 1.2 && m.top() == m.bottom() {
			reportstest.Near(t, "the difference begins", p.x(m.left()), 1)
			if end := p.x(m.right()); !(math.Abs(end-1-2.569*math.Sqrt(20.0/30)) <= 1e-3) {
				t.Errorf("the difference ends at %v", end)
			}
			reportstest.Near(t, "its name", float64(length.left()-m.right()), 5)
		}
	}
	if len(f.Data) != 4 || f.Data[0][0] != "delta" || f.Data[0][1] != "3" || f.Data[3][0] != "alpha" || f.Data[3][1] != "1.8" || f.Data[1][2] != "5" || !strings.HasPrefix(f.Data[1][3], "2.097") {
		t.Errorf("data %v", f.Data)
	}
	reportstest.Equal(t, "header", strings.Join(f.Header, "|"), "method|mean rank|tasks|critical difference")
	for _, want := range []string{"Mean rank over 5 tasks", "at 0.05", "(critical difference 2.10)", "Friedman's test (permutation): p "} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("caption %q lacks %q", f.Caption, want)
		}
	}
	table := mat.NewDense(5, 4, []float64{3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 2, 3, 1, 0})
	if friedman, err := inference.Friedman(table, true, 0); err != nil || !strings.HasSuffix(f.Caption, fmt.Sprintf("p %s.", pValueText(friedman.P))) {
		t.Errorf("caption %q, Friedman's p %v (%v)", f.Caption, friedman.P, err)
	}
	if strings.Contains(f.Caption, "left out") || strings.Contains(f.Caption, "few") {
		t.Errorf("caption %q of five whole tasks", f.Caption)
	}
	w, h := render.Draw(f).Size()
	reportstest.Equal(t, "size", [2]vg.Length{w, h}, [2]vg.Length{460, vg.Length(70 + 13*2 + 7*2)})
}

// Three methods on two tasks: the critical difference, 2.343 sqrt(12/12), is longer than
// the axis and is cut at its end; tasks without every method are left out and counted; the
// odd method stands at the left.
func TestRanksOfFewTasks(t *testing.T) {
	runs := ranked([]string{"one", "two", "three"}, 4)
	runs[0].Results.Adaptation = runs[0].Results.Adaptation[1:]
	runs[1].Results.Adaptation[2].Transductive, runs[1].Results.Adaptation[2].Inductive = nil, nil
	f, panels := built(t, "ranks", runs)
	p := readRanks(t, panels[0], 3)
	for _, m := range p.marks {
		if m.kind == "line" && m.width == 1.2 && m.top() == m.bottom() {
			reportstest.Near(t, "the difference is cut", p.x(m.right()), 3)
		}
	}
	p.text(t, "critical difference 2.34")
	_, h := render.Draw(f).Size()
	reportstest.Equal(t, "height", h, 70+13*2+7) // two names at the left, one bar
	for i, name := range []string{"two (1.50)", "one (1.50)", "three (3.00)"} {
		reportstest.Equal(t, name+" at the left", p.text(t, name).right() < 115, i < 2)
	}
	if !strings.HasSuffix(f.Caption, " 2 tasks are left out: a method is missing there. 2 tasks are few: read the ranks as a description.") {
		t.Errorf("caption %q", f.Caption)
	}
	for _, few := range [][]reports.Run{ranked([]string{"one", "two", "three"}, 1), ranked([]string{"one", "two"}, 4)} {
		if g, skip, err := ranksFigure(few); g != nil || !strings.HasSuffix(skip, ": ranks want three methods and two tasks") || err != nil {
			t.Errorf("%v, %q, %v", g, skip, err)
		}
	}
}

// Where no run adapts, rows and classifiers of the accuracy table are ranked, but oracles;
// a task without a name is that of its domains; seeds are averaged.
func TestTaskScores(t *testing.T) {
	score := func(v float64) *reports.Score { return &reports.Score{Accuracy: v} }
	run := func(from, to string, common, source float64) reports.Run {
		return reports.Run{Results: reports.Results{Domains: [2]reports.Domain{{Dataset: from}, {Dataset: to}}, Accuracy: []reports.Accuracy{
			{Row: "common", Classifier: "knn", Target: score(common)}, {Row: "source-only", Classifier: "knn", Target: score(source)},
			{Row: "target-oracle", Classifier: "knn", Oracle: true, Target: score(1)}, {Row: "untrained", Classifier: "knn"}}}}
	}
	methods, tasks, scores, left := taskScores([]reports.Run{run("m", "u", 0.5, 0.25), run("m", "u", 0.75, 0.25), run("u", "m", 0.125, 0.375)})
	if !slices.Equal(methods, []string{"common, knn", "source-only, knn"}) || !slices.Equal(tasks, []string{"m->u", "u->m"}) || left != 0 {
		t.Fatalf("%q on %q, %d left", methods, tasks, left)
	}
	for i, want := range [][]float64{{0.625, 0.25}, {0.125, 0.375}} {
		for j, v := range want {
			reportstest.Equal(t, fmt.Sprintf("score %d, %d", i, j), scores.At(i, j), v)
		}
	}
	back := run("m", "u", 0, 0) // the same domains, the other one labelled, are another task
	back.Results.Domains[1].Labelled = true
	if _, tasks, _, _ = taskScores([]reports.Run{run("m", "u", 0.5, 0.25), back}); !slices.Equal(tasks, []string{"m->u", "u->m"}) {
		t.Errorf("both ways: %q", tasks)
	}
	// Of several trained methods the networks are ranked, one a method, oracles apart; where one
	// has no classifier of its own, that on its code.
	network := func(method, from, to string, own float64) reports.Run {
		r := run(from, to, 0.5, 0.25)
		r.Results.Name, r.Results.Label, r.Results.Accuracy = from+to, "method="+method, r.Results.Accuracy[:1]
		if own > 0 {
			r.Results.Accuracy = append(r.Results.Accuracy, reports.Accuracy{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Oracle: method == "o", Target: score(own)})
		}
		return r
	}
	methods, tasks, scores, left = taskScores([]reports.Run{network("x", "m", "u", 0.75), network("o", "m", "u", 1), network("d", "m", "u", 0), network("x", "u", "m", 0.25), network("d", "u", "m", 0), network("x", "m", "v", 0.5)})
	if !slices.Equal(methods, []string{"x", "d, common, knn"}) || !slices.Equal(tasks, []string{"m->u", "u->m"}) || left != 1 || !slices.Equal(scores.RawMatrix().Data, []float64{0.75, 0.5, 0.25, 0.5}) {
		t.Errorf("%q on %q, %v, %d left", methods, tasks, scores, left)
	}
	// Adaptation methods push the table's rows out; inductive scores stand in for missing ones.
	adapted := run("m", "u", 0.5, 0.25)
	adapted.Results.Task = "named"
	adapted.Results.Adaptation = []reports.Adaptation{{Name: "x", Transductive: score(0.25), Inductive: score(1)}, {Name: "y", Inductive: score(0.5)}, {Name: "z"}}
	methods, tasks, scores, _ = taskScores([]reports.Run{run("u", "m", 0, 0), adapted})
	if !slices.Equal(methods, []string{"x", "y"}) || !slices.Equal(tasks, []string{"named"}) || scores.At(0, 0) != 0.25 || scores.At(0, 1) != 0.5 {
		t.Errorf("%q on %q: %v", methods, tasks, scores)
	}
	// Other points of the grid are other methods, as in the table.
	first, second := adapted, adapted
	first.Results.Label, second.Results.Label = "features.task=named dim=1", "features.task=named dim=2"
	second.Results.Adaptation = []reports.Adaptation{{Name: "x", Transductive: score(0.75)}}
	methods, _, scores, _ = taskScores([]reports.Run{first, second})
	if !slices.Equal(methods, []string{"dim=1 x", "dim=1 y", "dim=2 x"}) || scores.At(0, 0) != 0.25 || scores.At(0, 2) != 0.75 {
		t.Errorf("%q: %v", methods, scores)
	}
	// One method that adapts is enough.
	lone := adapted
	lone.Results.Adaptation = lone.Results.Adaptation[:1]
	if methods, _, _, _ = taskScores([]reports.Run{lone}); !slices.Equal(methods, []string{"x"}) {
		t.Errorf("%q, want x alone", methods)
	}
	if _, skip, _ := ranksFigure([]reports.Run{adapted, {Results: reports.Results{Task: "b", Adaptation: []reports.Adaptation{{Name: "w", Inductive: score(1)}}}}}); !strings.HasPrefix(skip, "3 methods on 0 tasks") {
		t.Errorf("skipped with %q", skip)
	}
	if _, tasks, scores, left = taskScores([]reports.Run{adapted, {Results: reports.Results{Task: "b", Adaptation: []reports.Adaptation{{Name: "w", Inductive: score(1)}}}}}); len(tasks) != 0 || scores != nil || left != 2 {
		t.Errorf("%q, %v, %d left; want nothing, two left", tasks, scores, left)
	}
}

// Of eighteen methods every rank is labelled, of nineteen the first and every fifth.
func TestRankLabels(t *testing.T) {
	for _, k := range []int{18, 19} {
		var methods []string
		for i := range k {
			methods = append(methods, fmt.Sprintf("m%d", i))
		}
		_, panels := built(t, "ranks", ranked(methods, 3))
		var labels []string
		for _, s := range panels[0].texts() {
			if len(s) <= 2 {
				labels = append(labels, s)
			}
		}
		ticks := 0
		for _, m := range panels[0].marks {
			if m.kind == "line" && m.width == 0.8 && m.left() == m.right() {
				ticks++
				reportstest.Near(t, "length of a tick", float64(m.top()-m.bottom()), 4)
			}
		}
		reportstest.Equal(t, "ticks", ticks, k)
		if k == 18 {
			reportstest.Equal(t, "labels", len(labels), 18)
		} else if !slices.Equal(labels, []string{"1", "5", "10", "15"}) {
			t.Errorf("labels %q", labels)
		}
	}
}

// Names that are longer than the room that others leave them are whole in the picture, on either side.
func TestRanksOfLongNames(t *testing.T) {
	long := []string{"a method of quite some length, common, centroid", "m1", "m2", "m3", "another one that is as long, common, centroid"}
	_, panels := built(t, "ranks", ranked(long, 3))
	found := 0
	for _, m := range panels[0].marks {
		if m.kind != "text" || !strings.Contains(m.text, "centroid") {
			continue
		}
		found++
		if ground := panels[0].ground; m.left() < ground.Min.X || m.right() > ground.Max.X {
			t.Errorf("%q stands from %v to %v, the picture from %v to %v", m.text, m.left(), m.right(), ground.Min.X, ground.Max.X)
		}
	}
	reportstest.Equal(t, "long names", found, 2)
}

// The permutations of the p-value are those of seed 0, the same in every report.
func TestRanksOfOneStream(t *testing.T) {
	values := []float64{1, 2, 4, 2, 3, 1, 1, 3, 4, 1, 3, 2, 2, 1, 3}
	var runs []reports.Run
	for i := range 5 {
		r := reports.Run{Results: reports.Results{Task: fmt.Sprint("task", i)}}
		for j, name := range []string{"x", "y", "z"} {
			r.Results.Adaptation = append(r.Results.Adaptation, reports.Adaptation{Name: name, Transductive: &reports.Score{Accuracy: values[3*i+j] / 8}})
		}
		runs = append(runs, r)
	}
	f, _ := built(t, "ranks", runs)
	var p [2]string
	for seed := range p {
		friedman, err := inference.Friedman(mat.NewDense(5, 3, values), true, uint64(seed))
		if err != nil {
			t.Fatal(err)
		}
		p[seed] = pValueText(friedman.P)
	}
	if p[0] == p[1] || !strings.HasSuffix(f.Caption, " p "+p[0]+".") {
		t.Errorf("caption %q, want p %s (and of another stream %s)", f.Caption, p[0], p[1])
	}
}

func TestPValueText(t *testing.T) {
	for p, want := range map[float64]string{0.0009: "below 0.001", 0.001: "0.001", 0.25: "0.250"} {
		reportstest.Equal(t, "text", pValueText(p), want)
	}
}
