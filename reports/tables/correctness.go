package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("correctness", reports.TableInfo{Name: "correctness", Title: "Correctness of guided translation", Order: 2, Build: correctnessTable})
	reports.Tables.Add("correctness-factors", reports.TableInfo{Name: "correctness-factors", Title: "Correctness of guided translation, by factor", Order: 2, Build: correctnessFactorsTable})
}

// publishedCorrectness is what the authors of the scores print of their split of 3D-Shapes, whose translations are read by
// networks that they trained: for orientation, in no row of the table.
const publishedCorrectness = "published on the same split of 3D-Shapes at 64 x 64 pixels, read by networks: MUNIT content 0.4817, manipulation 0.8806, translation 0.9493, bias 0.0512, D 0.6811; " +
	"DRIT++ 0.5267, 0.1277, 0.9358, 0.4376, 0.3272. Their bias also counts the domain, which nothing changes: without it 0.0597 and 0.5106"

const ofReconstructions = "of reconstructions: of the same pairs, shared factors as read off the content made again from its own codes and the guide's own off the guide's, the content's own gone: about the best that a swap of these codes can be; what is lost there is lost before anything is swapped"

const noCorrectness = "no run has translations of drawn data whose factors can be read"

// reconstructed says whether any run has scores of reconstructions.
func reconstructed(runs []reports.Run) bool {
	return slices.ContainsFunc(runs, func(r reports.Run) bool { return len(r.Results.Reconstructed) > 0 })
}

// correctnessTable has one row a job: its means over factors.
func correctnessTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	columns := []string{"content", "manipulation a->b", "manipulation b->a", "manipulation", "translation", "bias", "D"}
	again := reconstructed(runs)
	if again {
		columns = append(columns, "D of reconstructions")
	}
	t := &reports.Table{Name: "correctness", Title: "Correctness of guided translation", Columns: gs.Columns(append(columns, "pairs")...)}
	for _, g := range gs {
		cells, pairs := []reports.Cell{}, 0
		for _, of := range [][2]string{{correctness.Content, ""}, {correctness.Manipulation, "a->b"}, {correctness.Manipulation, "b->a"}, {correctness.Manipulation, ""}, {correctness.Translation, ""}, {correctness.Bias, ""}, {correctness.D, ""}} {
			c, n, err := correctnessCell(t, g, of[0], of[1], "")
			if err != nil {
				return nil, "", err
			}
			cells, pairs = append(cells, c), n
		}
		if again {
			c, err := reconstructedCell(t, g, "")
			if err != nil {
				return nil, "", err
			}
			cells = append(cells, c)
		}
		if pairs > 0 {
			t.Rows = append(t.Rows, gs.Row(g, append(cells, reports.Count(pairs))...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, noCorrectness, nil
	}
	t.Remark("content: a shared factor in which content and guide differ stays the content's; manipulation: a factor that only the guide's domain has becomes the guide's; " +
		"translation: one that only the content's has comes to what it is in the other; bias, lower is better: a factor in which both agree changes; D: mean of content and manipulation. " +
		"Means over factors, and of the two directions (Bashkirova, Usman, Saenko 2022). By these definitions a copy of the content has D 0.5")
	if again {
		t.Remark(ofReconstructions)
	}
	if slices.ContainsFunc(runs, func(r reports.Run) bool { return len(r.Results.Correctness) > 0 && r.Results.OnShapes() }) {
		t.Remark(publishedCorrectness)
	}
	t.Remark("a factor's value is that of the nearest exact render (L1) among those of all its values, the others as they should be, so that where several are wrong one may be read for another; numbers have the levels that their dataset tells apart, thirds of the range of drawn faces")
	return t, "", nil
}

// correctnessFactorsTable has one row a factor.
func correctnessFactorsTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	columns := []string{"factor", "content", "manipulation", "translation", "bias"}
	again := reconstructed(runs)
	if again {
		columns = append(columns, "of reconstructions")
	}
	t := &reports.Table{Name: "correctness-factors", Title: "Correctness of guided translation, by factor", Columns: gs.Columns(append(columns, "pairs")...)}
	for _, g := range gs {
		var factors []string
		seen := map[string]bool{}
		for _, r := range g.Runs {
			for _, s := range r.Results.Correctness {
				if s.Name == correctness.Bias && s.Factor != "" && !seen[s.Factor] { // every factor has one
					seen[s.Factor] = true
					factors = append(factors, s.Factor)
				}
			}
		}
		for _, factor := range factors {
			cells := []reports.Cell{reports.Text("%s", factor)}
			var counted []string
			for _, name := range []string{correctness.Content, correctness.Manipulation, correctness.Translation, correctness.Bias} {
				c, n, err := correctnessCell(t, g, name, "", factor)
				if err != nil {
					return nil, "", err
				}
				if cells = append(cells, c); n > 0 {
					counted = append(counted, fmt.Sprint(n))
				}
			}
			if again {
				c, err := reconstructedCell(t, g, factor)
				if err != nil {
					return nil, "", err
				}
				cells = append(cells, c)
			}
			t.Rows = append(t.Rows, gs.Row(g, append(cells, reports.Text("%s", strings.Join(counted, ", ")))...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, noCorrectness, nil
	}
	if again {
		t.Remark(ofReconstructions)
	}
	t.Remark("pairs: those that count for each score of the row, of one seed; one factor's interval is Wilson's")
	return t, "", nil
}

// correctnessCell is a score over the seeds of a group, and of how many pairs it is in the last. An empty direction
// of one factor is the one that it has.
func correctnessCell(t *reports.Table, g reports.Group, name, direction, factor string) (c reports.Cell, pairs int, err error) {
	var scores []*correctness.Score
	var also []string
	for _, r := range g.Runs {
		if note := r.Results.Unguided(); note != "" && (name == correctness.Manipulation || name == correctness.D) {
			also = []string{note}
		}
		scores = append(scores, r.Results.CorrectnessScore(name, direction, factor))
	}
	return scoresCell(t, scores, "not for a factor of this kind", also)
}

// reconstructedCell is that of reconstructions: D, or of a factor the score that it has, content where it is shared and
// manipulation where it is one domain's own.
func reconstructedCell(t *reports.Table, g reports.Group, factor string) (reports.Cell, error) {
	names := []string{correctness.D}
	if factor != "" {
		names = []string{correctness.Content, correctness.Manipulation}
	}
	var scores []*correctness.Score
	why := "the model does not make an image again, or made it before this was read"
	for _, r := range g.Runs {
		for _, name := range names {
			scores = append(scores, r.Results.ReconstructedScore(name, "", factor))
		}
		if len(r.Results.Reconstructed) > 0 {
			why = "not for a factor of this kind"
		}
	}
	c, _, err := scoresCell(t, scores, why, nil)
	return c, err
}

// scoresCell is of those scores that are there, one a seed, and of how many pairs the last is. One seed has the record's own
// interval.
func scoresCell(t *reports.Table, scores []*correctness.Score, why string, also []string) (c reports.Cell, pairs int, err error) {
	var values []float64
	var last *correctness.Score
	for _, s := range scores {
		if s == nil {
			continue
		}
		if pairs, why = s.N, "no pair counts"; s.Value != nil {
			values, last = append(values, *s.Value), s
		}
	}
	if len(values) == 0 {
		return t.Missing(why), pairs, nil
	}
	if c, err = t.OverSeeds(values, 3, also...); err != nil || len(values) > 1 || last.Interval == nil {
		return c, pairs, err
	}
	t.Remark("one seed: 95% intervals over pairs; another seed may fall outside")
	return c.Bracketed(last.Interval[0], last.Interval[1], last.N, 3), pairs, nil
}
