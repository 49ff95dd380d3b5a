package published

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

// A Comparison is a published figure beside the runs' own.
type Comparison struct {
	Claim Claim   // its Percent is NaN for an average that the source does not print and these runs cannot make
	Name  string  // of the method in the spec
	Here  float64 // percent; NaN where there is none
	// Noise of the figures and Tolerance of the difference, in points; the tolerance is NaN for a method that the program
	// does not have.
	Noise     Noise
	Tolerance float64
	Reason    string // of the tolerance
	Verdict   Verdict
	Remark    string // the protocol fields that differ, or what is missing
	Gain      *Gain  // nil where source and runs do not both have a network without adaptation
}

// A Gain is by how many points an adapted network is above one of the same source, or here of
// the same backbone, that saw the source domain alone. Where the latter differ, levels say
// little of a method, and gains more.
type Gain struct {
	Published, Here float64    // points
	From            [2]float64 // percent, published and here, without adaptation
}

// Difference is ours less the published, in points; NaN where there is either none.
func (c Comparison) Difference() float64 { return c.Here - c.Claim.Percent }

// A ComparedTable is a published row: its tasks and what they come to.
type ComparedTable struct {
	Method, Source string
	Tasks          []Comparison
	Average        Comparison // of the tasks, against the published average
}

// Missed says that the row was made under the published protocol and did not come
// back: its average is worse than the tolerance allows, or a figure that should
// be exact is out of it in either direction.
func (c ComparedTable) Missed() bool {
	if c.Average.Claim.exact() {
		return slices.ContainsFunc(append(slices.Clone(c.Tasks), c.Average), func(t Comparison) bool {
			return t.Verdict == Worse || t.Verdict == Better
		})
	}
	return c.Average.Verdict == Worse
}

// Compare puts the finished runs of one benchmark beside the published figures of it: the one
// that their spec names, or of runs on images the one of trained networks that has their
// task. Of the latter, tasks that no run is on are left out. It fails when the runs name no
// benchmark, several, or one without figures.
func Compare(runs []reports.Run) ([]ComparedTable, error) {
	claims, err := Claims()
	if err != nil {
		return nil, err
	}
	var names []string
	trained := false
	for _, r := range runs {
		name := r.Results.Protocol["benchmark"]
		if i := slices.IndexFunc(claims, func(c Claim) bool { return c.Trained != "" && c.on(r.Results) }); name == "" && i >= 0 {
			name, trained = claims[i].Benchmark, true
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("reports: compare: the runs name %d benchmarks (%s), want one; a spec names it as features.benchmark, or has datasets that are published on, as mnist and usps of trained networks, or shapes-drawn of guided translation", len(names), strings.Join(names, ", "))
	}
	if trained {
		claims = slices.DeleteFunc(claims, func(c Claim) bool {
			return !slices.ContainsFunc(runs, func(r reports.Run) bool { return c.on(r.Results) })
		})
	}
	tables := claimTables(claims, names[0])
	if len(tables) == 0 {
		return nil, fmt.Errorf("reports: compare: no published figures of benchmark %q", names[0])
	}
	var out []ComparedTable
	for _, t := range tables {
		compared, err := compareTable(t, claims, runs)
		if err != nil {
			return nil, err
		}
		out = append(out, compared)
	}
	return out, nil
}

func compareTable(t claimTable, among []Claim, runs []reports.Run) (ComparedTable, error) {
	out := ComparedTable{Method: t.method, Source: t.source}
	for _, claim := range t.tasks() {
		c, err := compareTask(claim, among, runs)
		if err != nil {
			return out, err
		}
		out.Tasks = append(out.Tasks, c)
	}
	if len(t.claims) == 1 && t.claims[0].Network != "" { // sources print trained networks by task, and no averages
		out.Average = out.Tasks[0]
		return out, nil
	}
	out.Average = compareAverage(t, out.Tasks)
	return out, nil
}

// compareAverage compares the mean over tasks, where every task of the source is there, with the average that the source
// prints, or else with the mean of what it prints.
func compareAverage(t claimTable, tasks []Comparison) Comparison {
	claim := t.claims[len(t.claims)-1]
	printed := slices.IndexFunc(t.claims, func(c Claim) bool { return c.Task == average })
	if printed >= 0 {
		claim = t.claims[printed]
	} else {
		claim.Task, claim.Percent = average, math.NaN()
	}
	out := Comparison{Claim: claim, Here: math.NaN(), Tolerance: claim.Tolerance, Reason: claim.Reason, Verdict: NotComparable}
	if !claim.known() {
		out.Tolerance, out.Reason = math.NaN(), ""
	}
	var published, here float64
	var noises []Noise
	for _, c := range tasks {
		if c.Verdict.Compared() {
			published, here = published+c.Claim.Percent, here+c.Here
			noises = append(noises, c.Noise)
		}
	}
	switch n := len(tasks); {
	case n == 0:
		out.Remark = "the source prints no tasks"
		return out
	case len(noises) < n:
		if !slices.ContainsFunc(tasks, func(c Comparison) bool { return c.Verdict != NotRun }) {
			out.Verdict = NotRun
		}
		first := tasks[slices.IndexFunc(tasks, func(c Comparison) bool { return !c.Verdict.Compared() })]
		out.Remark = first.Remark
		if len(noises) > 0 {
			out.Remark = fmt.Sprintf("%d of %d tasks comparable; %s: %s", len(noises), n, first.Claim.Task, out.Remark)
		}
		if printed < 0 {
			out.Remark += "; the source prints no average"
		}
		return out
	default:
		if printed < 0 {
			out.Claim.Percent = published / float64(n)
		}
		out.Here, out.Name = here/float64(n), tasks[0].Name
	}
	out.Noise = meanNoise(out.Claim, noises)
	out.Verdict = out.judge()
	off := 0
	for _, c := range tasks {
		if c.Verdict == Better || c.Verdict == Worse {
			off++
		}
	}
	if off > 0 {
		out.Remark = fmt.Sprintf("%d of %d tasks off by more than %g points", off, len(tasks), tasks[0].Tolerance)
	}
	return out
}

// A match is a method of the runs that may be the one of a claim: its accuracies in percent and the half widths of their
// intervals, one a job, and the protocol fields in which it differs.
type match struct {
	name, network, images string
	jobs                  []string
	values, halves        []float64
	differ                []string
}

// add adds a job's accuracy; a job that is there already, as of a reference, gives its place up.
func (m *match) add(job string, s *reports.Score) {
	value, half := 100*s.Accuracy, 50*(s.Interval[1]-s.Interval[0])
	if i := slices.Index(m.jobs, job); i >= 0 && job != "" {
		m.values[i], m.halves[i] = value, half
		return
	}
	m.jobs, m.values, m.halves = append(m.jobs, job), append(m.values, value), append(m.halves, half)
}

// compareTask finds the method of the runs that was made as the claim says, or else
// names what differs in the one that comes nearest. Among are the figures of the benchmark.
func compareTask(claim Claim, among []Claim, runs []reports.Run) (Comparison, error) {
	out := Comparison{Claim: claim, Here: math.NaN(), Tolerance: math.NaN(), Verdict: NotRun}
	if !claim.known() {
		out.Remark = "the program has no such method"
		return out, nil
	}
	out.Tolerance, out.Reason = claim.onTask()
	matches := claim.matches(runs)
	if len(matches) == 0 {
		out.Remark = fmt.Sprintf("no run of %s", cmp.Or(claim.Adapter, claim.Trained))
		return out, nil
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(len(a.differ), len(b.differ)) })
	best := matches[0]
	seeds, err := inference.OverSeeds(best.values, 0.95)
	if err != nil {
		return out, fmt.Errorf("reports: compare: %s: %w", best.name, err)
	}
	out.Name, out.Here = best.name, seeds.Estimate
	out.Noise = noiseOf(claim, seeds, best.halves)
	out.gains(best, among, runs)
	if len(best.differ) > 0 {
		out.Verdict, out.Remark = NotComparable, strings.Join(best.differ, ", ")
		return out, nil
	}
	out.Verdict = out.judge()
	return out, nil
}

// matches are the methods of the runs with the claim's method on its task, one for each name, network, images and way in
// which it was not made as the claim says: what was made otherwise is no further seed.
func (c Claim) matches(runs []reports.Run) []match {
	var out []match
	for _, run := range runs {
		if !c.on(run.Results) {
			continue
		}
		for _, r := range records(run) {
			if !r.of(c) {
				continue
			}
			images, differ := r.images(), r.differences(c)
			i := slices.IndexFunc(out, func(m match) bool {
				return m.name == r.name && m.network == r.network && m.images == images && slices.Equal(m.differ, differ)
			})
			if i < 0 {
				i = len(out)
				out = append(out, match{name: r.name, network: r.network, images: images, differ: differ})
			}
			out[i].add(run.Results.Job, r.score)
		}
	}
	return out
}
