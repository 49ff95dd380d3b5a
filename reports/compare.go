package reports

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// A Verdict is the outcome of a comparison with a published figure.
type Verdict string

// The verdicts. Better and Worse are outside the tolerance of a figure that was made
// under the same protocol, as far as the source states it.
const (
	Reproduced    Verdict = "reproduced"
	Better        Verdict = "better"
	Worse         Verdict = "worse"
	NotComparable Verdict = "not comparable"
)

// taskTolerance in points is allowed on a single task, where the average is allowed
// less: pseudo-labels amplify numerical detail. A claim with a smaller tolerance than
// exactTolerance is held to it on every task, in both directions.
const (
	taskTolerance  = 3.0
	exactTolerance = 0.2
)

// A Comparison is a published figure beside the runs' own.
type Comparison struct {
	Claim   Claim
	Name    string  // of the method in the spec
	Here    float64 // percent; NaN where there is none
	Verdict Verdict
	Remark  string // the protocol fields that differ, or what is missing
}

// A ComparedTable is a published row: its tasks and what they come to.
type ComparedTable struct {
	Method, Source string
	Tasks          []Comparison
	Average        Comparison // of the tasks, against the published average
}

// Missed says that the row was made under the published protocol and did not come
// back: its average is worse than the tolerance allows, or a figure that should
// be exact is not.
func (c ComparedTable) Missed() bool {
	if c.Average.Claim.Tolerance <= exactTolerance {
		return slices.ContainsFunc(append(slices.Clone(c.Tasks), c.Average), func(t Comparison) bool {
			return t.Verdict == Worse || t.Verdict == Better
		})
	}
	return c.Average.Verdict == Worse
}

// Compare puts the finished runs of one benchmark beside the published figures of it.
// It fails when the runs name no benchmark, several, or one without figures.
func Compare(runs []Run) ([]ComparedTable, error) {
	var names []string
	for _, r := range runs {
		if b := r.Results.Protocol["benchmark"]; b != "" && !slices.Contains(names, b) {
			names = append(names, b)
		}
	}
	claims, err := Claims()
	if err != nil {
		return nil, err
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("reports: compare: the runs name %d benchmarks (%s), want one; a spec names it as features.benchmark", len(names), strings.Join(names, ", "))
	}
	tables := claimTables(claims, names[0])
	if len(tables) == 0 {
		return nil, fmt.Errorf("reports: compare: no published figures of benchmark %q", names[0])
	}
	var out []ComparedTable
	for _, t := range tables {
		out = append(out, compareTable(t, runs))
	}
	return out, nil
}

func compareTable(t claimTable, runs []Run) ComparedTable {
	out := ComparedTable{Method: t.method, Source: t.source}
	var published, here float64
	found := 0
	for _, claim := range t.tasks() {
		c := compareTask(claim, runs)
		if c.Verdict != NotComparable {
			found++
			published, here = published+claim.Percent, here+c.Here
		}
		out.Tasks = append(out.Tasks, c)
	}
	mean := t.claims[len(t.claims)-1]
	if i := slices.IndexFunc(t.claims, func(c Claim) bool { return c.Task == average }); i >= 0 {
		mean = t.claims[i]
	} else {
		mean.Task, mean.Percent = average, published/float64(max(1, found))
	}
	out.Average = Comparison{Claim: mean, Here: math.NaN(), Verdict: NotComparable}
	switch n := len(out.Tasks); {
	case n == 0:
		out.Average.Remark = "the source prints no tasks"
	case found < n:
		out.Average.Remark = fmt.Sprintf("%d of %d tasks comparable; %s", found, n, firstRemark(out.Tasks))
	default:
		out.Average.Here, out.Average.Name = here/float64(n), out.Tasks[0].Name
		out.Average.Verdict = judge(out.Average.Here-mean.Percent, mean.Tolerance)
		off := 0
		for _, c := range out.Tasks {
			if c.Verdict != Reproduced {
				off++
			}
		}
		if off > 0 {
			out.Average.Remark = fmt.Sprintf("%d of %d tasks off by more than %g points", off, n, tolerance(mean))
		}
	}
	return out
}

func firstRemark(tasks []Comparison) string {
	for _, c := range tasks {
		if c.Remark != "" {
			return c.Remark
		}
	}
	return ""
}

// tolerance on single tasks.
func tolerance(c Claim) float64 {
	if c.Tolerance <= exactTolerance {
		return c.Tolerance
	}
	return math.Max(taskTolerance, c.Tolerance)
}

// judge compares a difference with a tolerance; half of the last printed digit is
// rounding.
func judge(difference, tolerance float64) Verdict {
	const rounding = 0.005
	switch {
	case math.Abs(difference) <= tolerance+rounding:
		return Reproduced
	case difference > 0:
		return Better
	}
	return Worse
}

// compareTask finds the method of the runs that was made as the claim says, or else
// names what differs in the one that comes nearest.
func compareTask(claim Claim, runs []Run) Comparison {
	out := Comparison{Claim: claim, Here: math.NaN(), Verdict: NotComparable}
	if claim.Adapter == "" {
		out.Remark = "the program has no such method"
		return out
	}
	type match struct {
		name   string
		values []float64
		differ []string
	}
	var matches []match
	for _, r := range runs {
		if r.Results.Task != claim.Task {
			continue
		}
		for _, a := range r.Results.Adaptation {
			if a.Adapter != claim.Adapter || a.Transductive == nil {
				continue
			}
			i := slices.IndexFunc(matches, func(m match) bool { return m.name == a.Name })
			if i < 0 {
				i = len(matches)
				matches = append(matches, match{name: a.Name, differ: differences(claim, a, r.Results.Protocol)})
			}
			matches[i].values = append(matches[i].values, 100*a.Transductive.Accuracy)
		}
	}
	if len(matches) == 0 {
		out.Remark = fmt.Sprintf("no run of %s on %s", claim.Adapter, claim.Task)
		return out
	}
	sort.SliceStable(matches, func(i, j int) bool { return len(matches[i].differ) < len(matches[j].differ) })
	best := matches[0]
	out.Name = best.name
	for _, v := range best.values {
		if math.IsNaN(out.Here) {
			out.Here = 0
		}
		out.Here += v / float64(len(best.values))
	}
	if len(best.differ) > 0 {
		out.Remark = strings.Join(best.differ, ", ")
		return out
	}
	out.Verdict = judge(out.Here-claim.Percent, tolerance(claim))
	return out
}

// differences lists the protocol fields in which a method differs from a claim.
func differences(c Claim, a Adaptation, protocol map[string]string) []string {
	var out []string
	field := func(name, want, got string) {
		if want != "" && want != got {
			out = append(out, fmt.Sprintf("%s: published %s, here %s", name, want, orNone(got)))
		}
	}
	field("split", c.Split, protocol["split"])
	field("classifier", c.Classifier, a.Classifier)
	for _, s := range c.Settings {
		name, want, _ := strings.Cut(s, "=")
		value, ok := a.Settings[name]
		if head, is := strings.CutPrefix(name, "head."); is {
			value, ok = a.Head[head]
		}
		if !ok && a.Classifier != c.Classifier {
			continue // the classifier is named already
		}
		field(name, want, fmt.Sprint(value))
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// CompareTable lays comparisons out: a row each published row, and its tasks when they
// are asked for.
func CompareTable(compared []ComparedTable, tasks bool) *Table {
	t := &Table{Name: "compare", Title: fmt.Sprintf("Published figures (table %d) and this program's", ClaimsVersion),
		Columns: []string{"published as", "task", "method here", "published", "here", "difference", "verdict", "source"}}
	for _, c := range compared {
		if tasks {
			for _, one := range c.Tasks {
				t.compared(c.Method, one)
			}
		}
		t.compared(c.Method, c.Average)
	}
	t.remark(fmt.Sprintf("accuracy in percent on the target rows that adaptation saw; a single task may be off by %g points or the average's tolerance, what should be exact by 0.1", taskTolerance))
	t.remark("the sources chose settings on the target or do not say how; here they are fixed by the spec")
	return t
}

func (t *Table) compared(method string, c Comparison) {
	var here, difference Cell
	if math.IsNaN(c.Here) {
		here, difference = t.missing(c.Remark), text("")
	} else {
		here, difference = number(c.Here, 2), text("%+.2f", c.Here-c.Claim.Percent)
		if c.Remark != "" {
			here.Note = t.note(c.Remark)
		}
	}
	source, _, _ := strings.Cut(c.Claim.Source, ", table as copied")
	t.Rows = append(t.Rows, []Cell{text("%s", method), text("%s", c.Claim.Task), text("%s", c.Name), number(c.Claim.Percent, 2), here, difference,
		text("%s", string(c.Verdict)), text("%s (%s)", source, c.Claim.Certainty)})
}
