package tables

import (
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// system is a run of a system with a D, on a dataset, that is otherwise without scores.
func system(name string, seed uint64, d float64) reports.Run {
	faces := reports.Domain{Dataset: "faces"}
	return reports.Run{Results: reports.Results{Name: "rivals", Label: "method=" + name, Method: name, Seed: seed, Parameters: 1000, Domains: [2]reports.Domain{faces, faces},
		Correctness: []correctness.Score{{Name: "d", Factor: "hat", Value: reportstest.Pointer(9)}, {Name: "d", Direction: "a->b", Value: reportstest.Pointer(9)}, {Name: "d", Value: &d}},
		System:      &reports.System{MACs: 2_500_000, Images: 6400}}}
}

// whole is a system that has every score, each from a record between others that are not meant.
func whole(name string, seed uint64, by float64) reports.Run {
	run := system(name, seed, 0.5+by)
	r := &run.Results
	number := reportstest.Pointer
	r.Correctness = append(r.Correctness, correctness.Score{Name: "content", Value: number(0.75 + by)}, correctness.Score{Name: "manipulation", Direction: "b->a", Value: number(9)}, correctness.Score{Name: "manipulation", Value: number(0.25 + by)})
	r.Translation = []reports.Translation{
		{Direction: "a->b", L1: 9, Ratio: 0.5 - by, Guide: number(0.75 + by)}, {Direction: "b->a", L1: 9, Ratio: 0.25 - by, Guide: number(1 + by)},
		{Direction: "removal-a", L1: 9, Ratio: 0.5 - by}, {Direction: "removal-b", L1: 9, Ratio: 1 - by}, {Direction: "union", L1: 9, Ratio: 0.875 - by}}
	r.Reconstruction = []reports.Reconstruction{{Domain: "a", L1: reports.Estimate{Value: 0.125 - by}}, {Domain: "b", L1: reports.Estimate{Value: 0.25 - by}}}
	probe := func(block, name string, v float64) reports.Measured {
		return reports.Measured{Between: [2]reports.Sample{{Block: block, Domain: "a"}, {Block: block, Domain: "b"}}, Result: metrics.Result{Name: name, Value: v}}
	}
	r.Discrepancy = []reports.Measured{probe("pixels", "domain-probe", 9), probe("common", "mmd2", 9), probe("common", "domain-probe", 0.625-by), probe("separate", "domain-probe", 9)}
	cell := func(block, factor string, wish disentanglement.Wish, score float64, absent bool) disentanglement.Cell {
		return disentanglement.Cell{Block: block, Factor: factor, Wish: wish, Score: score, Absent: absent}
	}
	r.Leakage = []disentanglement.Cell{cell("common", "tone", disentanglement.Keep, 9, false), cell("common", "hat", disentanglement.Empty, 0.25-by, false), cell("common", "beard", disentanglement.Empty, 0.375-by, false),
		cell("common", "none", disentanglement.Empty, 9, true), cell("common", "domain", disentanglement.Empty, 9, false), cell("separate a", "tone", disentanglement.Empty, 9, false), cell("common", "scar", disentanglement.Empty, 0.125, false)}
	return run
}

const (
	aboutScores = "- D (higher is better): mean of content and manipulation; content (higher is better): share of shared factors that stay the content's where the guide's differ; " +
		"manipulation (higher is better): share of factors that only the guide's domain has that become the guide's; " +
		"right guide nearer (higher is better): share of comparisons in which the output is nearer to the exact render with its own guide than with another, mean of both directions, 0.5 by chance; " +
		"translation (lower is better): L1 to exact renders over the pixels that should change, as a share of leaving the content as it is, mean of a->b and b->a; " +
		"removal (lower is better): L1 of removals as a share of leaving the content as it is, mean of both domains; union (lower is better): L1 of unions as a share of leaving the content as it is; reconstruction (lower is better): L1 in [-1, 1] units, mean of both domains; " +
		"domain probe (lower is better): accuracy with which logistic regression tells the domains apart by the common code, 0.5 by chance; " +
		"leakage (lower is better): how well the common code tells of the factor of one domain alone that it tells best, 0 by chance"
	aboutRanks = "- mean rank: over these scores, by means over seeds, 1 the best; a system without a score ranks last in it"
	aboutCosts = "- million MACs: multiply-accumulates of a training step for one pair of images; images: shown in training, of both domains together"
	aboutSeeds = "- mean over seeds ± half of the 95% t-interval, 2 seeds"
)

// Three systems of all scores: best of two seeds, worst of one, and switch, which takes no guide and
// whose codes are not taken apart. Their ranks are 1.5, 3 and 1.5 by D; 1, 3, 2 by content; 2, 3, 1 by
// translation; and 1, 2, 3 by the seven others, of which switch lacks six.
func TestSystemsTableByHand(t *testing.T) {
	number := reportstest.Pointer
	sw := system("switch", 0, 0.5625)
	r := &sw.Results
	r.System.MACs, r.System.Images, r.Parameters = 0, 12800, 77
	r.Correctness = append(r.Correctness, correctness.Score{Name: "content", Value: number(0.75)}, correctness.Score{Name: "manipulation"})
	r.Translation = []reports.Translation{{Direction: "a->b", Ratio: 0.25, Guide: number(0.5), Unguided: true}, {Direction: "b->a", Ratio: 0.125, Guide: number(0.25), Unguided: true}, {Direction: "removal-a", Ratio: 0.25}}
	r.Skipped = []reports.Skipped{{Evaluation: "discrepancy", Reason: "it has no codes"}, {Evaluation: "leakage", Reason: "its codes are whole"}, {Evaluation: "translation removal-b", Reason: "the model cannot do it"}, {Evaluation: "reconstruction", Reason: "it gives back nothing"}}
	first, second, worst := whole("best", 0, 0), whole("best", 1, 0.125), whole("worst", 0, -0.125)
	second.Results.Reconstruction = nil
	table := wantTable(t, "systems", []reports.Run{first, {Results: reports.Results{Name: "rivals", Label: "method=judge", Method: "judge"}}, worst, sw, second},
		"system | D | content | manipulation | right guide nearer | translation | removal | union | reconstruction | domain probe | leakage | behind in D | parameters | million MACs | images | mean rank",
		"best | 0.562 ± 0.794^a | 0.812 ± 0.794^a | 0.312 ± 0.794^a | 0.938 ± 0.794^a | 0.312 ± 0.794^a | 0.688 ± 0.794^a | 0.812 ± 0.794^a | 0.188^b | 0.562 ± 0.794^a | 0.312 ± 0.794^a |  | 1000 | 2.5 | 6400 | 1.15",
		"worst | 0.375 | 0.625 | 0.125 | 0.750 | 0.500 | 0.875 | 1.000 | 0.312 | 0.750 | 0.500 | 0.125 | 1000 | 2.5 | 6400 | 2.30",
		"switch | 0.562 | 0.750 | —^c | 0.375^d | 0.188 | —^e | —^f | —^g | —^h | —^i | -0.062 | 77 | —^j | 12800 | 2.55",
		"a: 2 values, fewer than 5", "b: of 1 of 2 seeds; in the others: not scored", "c: no pair counts", "d: a->b and b->a without a guide: what it makes of the content alone is compared with one",
		"e: the model cannot do it", "f: not scored", "g: it gives back nothing", "h: it has no codes", "i: its codes are whole", "j: the model does not say",
		aboutSeeds, aboutScores, "- behind in D: that of best less that of the row, paired by seed", aboutRanks, aboutCosts)
	// Half of the 95% t-interval of two values at a distance of 0.125.
	reportstest.Near(t, "low", table.Rows[0][1].Low, 0.5625-halfOfTwo*0.125)
	reportstest.Near(t, "high", table.Rows[0][1].High, 0.5625+halfOfTwo*0.125)
	reportstest.Near(t, "value", table.Rows[0][1].Value, 0.5625)
}

// On photographs scores are what judges say of a run's own translations, both directions alike; a
// copy is no system, and a score that judges do not give is missing.
func TestSystemsTableOfJudges(t *testing.T) {
	est := func(v float64) *reports.Estimate { return &reports.Estimate{Value: v, N: 10} }
	face := func(name, direction string, v float64) reports.Face {
		return reports.Face{System: name, Direction: direction, Wanted: est(v), Guide: est(v + 0.125), Content: est(v - 0.25), Frechet: est(100 * v), KID: est(10 * v)}
	}
	x, y, z := system("x", 0, 0), system("y", 0, 0), system("z", 0, 0)
	for _, r := range []*reports.Run{&x, &y, &z} {
		r.Results.Correctness = nil
	}
	x.Seconds, z.Seconds = 12.4, 100
	x.Results.Faces = &reports.Faces{Rows: []reports.Face{face("copy of the guide", "a->b", 9), face("x", "b->a", 0.5), face("x", "removal-a", 9), face("x", "a->b", 0.25)}}
	y.Results.Faces = &reports.Faces{Rows: []reports.Face{face("y", "a->b", 0.5), face("y", "b->a", 1)}}
	y.Results.Faces.Rows[0].Unguided, y.Results.Faces.Rows[1].KID = true, nil
	z.Results.Skipped = []reports.Skipped{{Evaluation: "judging b->a", Reason: "not this"}, {Evaluation: "judging", Reason: "nothing is judged"}}
	wantTable(t, "systems", []reports.Run{x, y, z}, "system | as wanted | guide rank | content cosine | Frechet | KID | behind in D | parameters | million MACs | images | mean rank | training s",
		"x | 0.375 | 0.500 | 0.125 | 37.500 | 3.750 | —^a | 1000 | 2.5 | 6400 | 1.60 | 12",    // ranks 2, 2, 2, 1, 1
		"y | 0.750^b | 0.875^b | 0.500 | 75.000 | —^c | —^a | 1000 | 2.5 | 6400 | 1.50 | —^e", // 1, 1, 1, 2, 2.5
		"z | —^d | —^d | —^d | —^d | —^d | —^a | 1000 | 2.5 | 6400 | 2.90 | 100",              // 3, 3, 3, 3, 2.5
		"a: no system has a D", "b: a->b without a guide: what it makes of the content alone is compared with one", "c: the judges do not say", "d: nothing is judged", "e: its runs do not say",
		"- training s: mean seconds of a training by the clock on the wall, whatever else the machine did; machine and threads are in the runs' env.json",
		"- as wanted (higher is better): share of translations in which a judge sees what the guide's domain has of its own and not what the content's has, mean of a->b and b->a; "+
			"guide rank (higher is better): share of other guides that a judge finds less like the translation than its own, mean of both directions, 0.5 by chance; "+
			"content cosine (higher is better): of the content judge's embedding with the content's, mean of both directions; "+
			"Frechet (lower is better): judge-FID: distance of translations to real images of the kind in the attribute judge's embedding, mean of both directions; KID (lower is better): judge-KID: the same by kernels",
		aboutRanks, aboutCosts)
}

// Systems of one seed in common whose records have D on the same resamples of the same pairs are compared by these:
// the differences are -0.1 to 0.3 in steps of 0.01, of which 0.025 and 0.975 lie at -0.09 and 0.29. With two
// seeds, or resamples of other pairs, there is no such interval.
func TestSystemsTableByPairs(t *testing.T) {
	paired := func(name string, seed uint64, d float64, step float64, n int) reports.Run {
		run := system(name, seed, d)
		s := &run.Results.Correctness[2]
		s.N = n
		for b := range 41 { // in an order of their own
			k := b * 7 % 41
			s.Resamples = append(s.Resamples, 0.5+step*float64(k))
		}
		return run
	}
	x, y, z, none := paired("x", 3, 0.75, 0.03, 400), paired("y", 3, 0.625, 0.02, 400), paired("z", 3, 0.5, 0.02, 399), system("none", 3, 0.25)
	for b := range y.Results.Correctness[2].Resamples {
		y.Results.Correctness[2].Resamples[b] += 0.1
	}
	remarks := []string{"- behind, of one seed: in brackets the 95% interval over resamples of the pairs, the same for both",
		"- D (higher is better): mean of content and manipulation", "- behind in D: that of x less that of the row, paired by seed", aboutRanks, aboutCosts}
	columns := "system | D | behind in D | parameters | million MACs | images | mean rank"
	table := wantTable(t, "systems", []reports.Run{x, y, z, none}, append([]string{columns, "x | 0.750 |  | 1000 | 2.5 | 6400 | 1.00", "y | 0.625 | 0.125 [-0.090, 0.290] | 1000 | 2.5 | 6400 | 2.00",
		"z | 0.500 | 0.250 | 1000 | 2.5 | 6400 | 3.00", "none | 0.250 | 0.500 | 1000 | 2.5 | 6400 | 4.00"}, remarks...)...)
	if c := table.Rows[1][2]; !c.Number || c.N != 400 {
		t.Errorf("%+v, want a number of 400 pairs", c)
	}
	again, other := paired("x", 4, 0.75, 0.03, 400), paired("y", 4, 0.625, 0.02, 400)
	wantTable(t, "systems", []reports.Run{x, again, y, other}, columns, "x | 0.750 ± 0.000^a |  | 1000 | 2.5 | 6400 | 1.00", "y | 0.625 ± 0.000^a | 0.125 ± 0.000^a | 1000 | 2.5 | 6400 | 2.00",
		"a: 2 values, fewer than 5; all values are equal", aboutSeeds, remarks[1], remarks[2], aboutRanks, aboutCosts)
}

// Diversity is that of each system, higher better, and missing where no guide is taken.
func TestSystemsTableOfDiversity(t *testing.T) {
	x, y := system("x", 0, 0.5), system("y", 0, 0.5)
	x.Results.System.Diversity = reportstest.Pointer(0.75)
	wantTable(t, "systems", []reports.Run{y, x}, "system | D | diversity | behind in D | parameters | million MACs | images | mean rank",
		"y | 0.500 | —^a |  | 1000 | 2.5 | 6400 | 1.75", "x | 0.500 | 0.750 | 0.000 | 1000 | 2.5 | 6400 | 1.25",
		"a: it takes no guide, or what guides should change is not drawn",
		"- D (higher is better): mean of content and manipulation; diversity (higher is better): how much translations of one content differ from guide to guide, as a share of how much exact renders do",
		"- behind in D: that of y less that of the row, paired by seed", aboutRanks, aboutCosts)
}

// What only some systems have is a column, what none has is not; a measure that was not taken and a
// code that is constant say so; a direction without a guide is named alone.
func TestSystemsTableOfFewScores(t *testing.T) {
	number := reportstest.Pointer
	x, y, z := system("x", 0, 0.5), system("y", 0, 0.75), system("z", 0, 0.25)
	flat := reports.Measured{Between: [2]reports.Sample{{Block: "common"}, {Block: "common"}}, Result: metrics.Result{Name: "domain-probe", Degenerate: true}}
	own := flat
	own.Degenerate, own.Value = false, 0.5
	none := own
	none.Between = [2]reports.Sample{{Block: "pixels"}, {Block: "pixels"}}
	x.Results.Discrepancy, y.Results.Discrepancy, z.Results.Discrepancy = []reports.Measured{own}, []reports.Measured{flat}, []reports.Measured{none}
	y.Results.Translation = []reports.Translation{{Direction: "b->a", Ratio: 0.5, Guide: number(0.5), Unguided: true}, {Direction: "a->b", Ratio: 0.25, Guide: number(1)}}
	z.Results.Translation = []reports.Translation{{Direction: "b->a", Ratio: 0.5}, {Direction: "a->b", Ratio: 0.25}}
	x.Results.Skipped = []reports.Skipped{{Evaluation: "renders", Reason: "nothing is drawn"}}
	w := system("w", 0, 0.25)
	w.Results.Correctness = nil
	w.Results.Discrepancy = []reports.Measured{{Result: metrics.Result{Name: "mmd2"}}}
	w.Results.Skipped = []reports.Skipped{{Evaluation: "correctness b->a", Reason: "the model cannot do it"}, {Evaluation: "translation b->a", Reason: "nor this"}}
	w.Results.Translation = []reports.Translation{{Direction: "a->b", Ratio: 0.25, Guide: number(1)}}
	table := wantTable(t, "systems", []reports.Run{x, y, z, w}, "system | D | right guide nearer | translation | domain probe | behind in D | parameters | million MACs | images | mean rank",
		"x | 0.500 | —^a | —^a | 0.500 | 0.250 | 1000 | 2.5 | 6400 | 2.38", // ranks 2, 3, 3.5, 1
		"y | 0.750 | 0.750^b | 0.375 | —^c |  | 1000 | 2.5 | 6400 | 1.62",  // 1, 1, 1.5, 3
		"z | 0.250 | —^d | 0.375 | —^e | 0.500 | 1000 | 2.5 | 6400 | 2.62", // 3, 3, 1.5, 3
		"w | —^f | —^g | —^g | —^h | —^f | 1000 | 2.5 | 6400 | 3.38",       // 4, 3, 3.5, 3
		"a: nothing is drawn", "b: b->a without a guide: what it makes of the content alone is compared with one", "c: collapsed: the common code is constant", "d: guides do not differ",
		"e: it has no common code", "f: the model cannot do it", "g: nor this", "h: domain-probe is not among metrics.discrepancy.tests",
		"- "+strings.Join(few(aboutScores, "D ", "right", "translation", "domain"), "; "), "- behind in D: that of y less that of the row, paired by seed", aboutRanks, aboutCosts)
	for i, want := range []float64{2.375, 1.625, 2.625, 3.375} {
		reportstest.Equal(t, "mean rank", table.Rows[i][9].Value, want)
	}
	// Factors that were probed, none of them one domain's alone.
	x, y = whole("x", 0, 0), whole("y", 0, 0)
	x.Results.Leakage = x.Results.Leakage[:1]
	cells, _, err := systemsTable([]reports.Run{x, y})
	if err != nil || cells.Rows[0][10].Text != "—" || cells.Notes[cells.Rows[0][10].Note-1] != "no factor of one domain alone was probed" {
		t.Errorf("%+v of %q, %v", cells.Rows[0], cells.Notes, err)
	}
}

// few are those of the definitions that begin so.
func few(remark string, begin ...string) (out []string) {
	for _, part := range strings.Split(strings.TrimPrefix(remark, "- "), "; ") {
		for _, b := range begin {
			if strings.HasPrefix(part, b) {
				out = append(out, part)
			}
		}
	}
	return out
}

// One system is nothing to compare; of two studies the rows say which, and on different datasets
// they are not ranked together; systems without any score have their costs.
func TestSystemsOfStudies(t *testing.T) {
	skips(t, "systems", "1 systems that make images, want 2 to compare", system("x", 0, 0.5), system("x", 1, 0.5), reports.Run{})
	skips(t, "capabilities", "0 systems that make images, want 2 to compare", reports.Run{})
	x, other, alone := system("x", 0, 0.5), system("x", 0, 0.75), system("y", 0, 0.25)
	other.Results.Name, other.Results.Domains[1].Dataset = "shapes", "rooms"
	alone.Results.Name, alone.Results.Domains = "shapes", other.Results.Domains
	wantTable(t, "systems", []reports.Run{x, other, alone}, "system | D | behind in D | parameters | million MACs | images | mean rank",
		"rivals x | 0.500 | —^a | 1000 | 2.5 | 6400 | —^a", "shapes x | 0.750 | —^a | 1000 | 2.5 | 6400 | —^a", "y | 0.250 | —^a | 1000 | 2.5 | 6400 | —^a",
		"a: systems on different datasets are not ranked together", "- "+few(aboutScores, "D ")[0], aboutCosts)
	x.Results.Correctness, alone.Results.Correctness, alone.Results.Domains = nil, nil, x.Results.Domains
	wantTable(t, "systems", []reports.Run{x, alone}, "system | behind in D | parameters | million MACs | images | mean rank", "x | —^a | 1000 | 2.5 | 6400 | —^a", "y | —^a | 1000 | 2.5 | 6400 | —^a", "a: no system has a score", aboutCosts)
	bad := system("z", 0, math.NaN())
	if table, _, err := systemsTable([]reports.Run{system("x", 0, 0.5), bad}); err == nil || table != nil || !strings.HasPrefix(err.Error(), "reports: systems: ") {
		t.Errorf("a D that is not a number: %v", err)
	}
	bad.Results.System.Capabilities = []reports.Capability{{Name: "mask", Can: true, Value: reportstest.Pointer(math.NaN())}}
	if table, _, err := capabilitiesTable([]reports.Run{system("x", 0, 0.5), bad}); err == nil || table != nil || !strings.HasPrefix(err.Error(), "reports: capabilities: mask of z: ") {
		t.Errorf("a mask that is not a number: %v", err)
	}
}

// Each kind of verdict, of one seed and of three.
func TestCapabilitiesTableByHand(t *testing.T) {
	of := func(name string, can, does bool, value float64, measure string) reports.Capability {
		return reports.Capability{Name: name, Can: can, Does: does, Value: &value, Measure: measure}
	}
	const nearest, overlap = "outputs nearest", "intersection over union"
	one := system("one", 0, 0.5)
	one.Results.System.Capabilities = []reports.Capability{of("mask", true, false, 0.25, overlap), of("a->b", true, true, 0.934, nearest), of("b->a", true, false, 0.506, nearest), {Name: "guided a->b", Reason: "it takes no guide"}, {Name: "union", Can: true},
		{Name: "guided b->a", Reason: "it takes no guide"}, {Name: "slider", Reason: "it has no strength"}}
	runs := []reports.Run{one}
	for seed := range uint64(3) {
		r := system("three", seed, 0.5)
		v := float64(seed) / 8
		r.Results.System.Capabilities = []reports.Capability{of("a->b", true, true, 0.75+v, nearest), of("b->a", true, seed != 1, 0.5+v, nearest), of("removal-a", true, false, v, nearest), {Name: "union", Can: seed != 0, Reason: "not yet"}, {Name: "removal-b", Reason: "it has no such edit"}}
		if seed == 2 {
			r.Results.System.Capabilities = append(r.Results.System.Capabilities, of("reconstruction", true, true, 0.0625, "mean absolute difference"))
		}
		runs = append(runs, r)
	}
	wantTable(t, "capabilities", runs, "system | a->b | b->a | guided a->b | guided b->a | removal-a | removal-b | union | reconstruction | slider | mask",
		"one | yes 0.93 | no 0.51 | —^a | —^a | —^b | —^b | can | —^b | —^c | no 0.25",
		"three | yes 0.88 | no 0.62^d | —^b | —^b | no 0.12 | —^e | can | yes 0.06 | —^b | —^b",
		"a: it takes no guide", "b: not looked for", "c: it has no strength", "d: yes in 2 of 3 seeds", "e: it has no such edit",
		"- yes: measured, and beyond what would be seen if it were not done; no: it has such an edit, and is not beyond that; can: it has such an edit, which nothing here measures. Over seeds: the mean, yes where each seed says so",
		"- a->b, b->a, removal-a: outputs nearest", "- reconstruction: mean absolute difference", "- mask: intersection over union")
}
