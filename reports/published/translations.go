package published

import (
	"bytes"
	"cmp"
	_ "embed" // translations.csv
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

// A TranslationScore is one of those that are published of guided translation between the two
// domains of 3D Shapes: the mean over factors of a direction, or of both.
type TranslationScore struct{ Name, Direction string }

// TranslationScores are the published ones, D last.
var TranslationScores = []TranslationScore{{correctness.Content, ""}, {correctness.Manipulation, "a->b"}, {correctness.Manipulation, "b->a"},
	{correctness.Manipulation, ""}, {correctness.Translation, ""}, {correctness.Bias, ""}, {correctness.D, ""}}

// String is "manipulation a->b".
func (s TranslationScore) String() string { return strings.TrimSpace(s.Name + " " + s.Direction) }

// A TranslationClaim is the row of a system in the literature, on renders of 3D Shapes read by networks. The bias is
// without the domain, which nothing changes and which the authors count among the factors.
type TranslationClaim struct {
	Method       string // in the program
	Name, Source string
	Scores       []float64 // in the order of TranslationScores
}

//go:embed translations.csv
var translationsText []byte

// TranslationClaims reads the published rows.
func TranslationClaims() ([]TranslationClaim, error) { return readTranslations(translationsText) }

func readTranslations(text []byte) ([]TranslationClaim, error) {
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reports: translations: %w", err)
	}
	var out []TranslationClaim
	for i, r := range records[1:] {
		c := TranslationClaim{Method: r[0], Name: r[1], Source: r[len(r)-1]}
		for k := range TranslationScores {
			v, err := strconv.ParseFloat(r[2+k], 64)
			if err != nil {
				return nil, fmt.Errorf("reports: translations: line %d: %s %q", i+2, TranslationScores[k], r[2+k])
			}
			c.Scores = append(c.Scores, v)
		}
		out = append(out, c)
	}
	return out, nil
}

// What a row says beside NotRun. The program draws renders of its own, and reads even the published ones otherwise.
const (
	NotTheSameRenders Verdict = "not the same renders"
	ReadOtherwise     Verdict = "same renders, read otherwise"
	NotPublished      Verdict = "not published"
)

// verdictOf is that on the figures of a dataset.
var verdictOf = map[string]Verdict{"shapes-drawn": NotTheSameRenders, "shapes3d": ReadOtherwise}

// Translates says whether a run translated between the two domains of 3D Shapes.
func Translates(r reports.Results) bool { return len(r.Correctness) > 0 && r.OnShapes() }

// A TranslationRow is a system's scores here, each with its 95% interval: over seeds, or of one seed over pairs. The
// estimate is NaN where no run has the score.
type TranslationRow struct {
	Name   string
	Method string
	Here   []inference.Interval // in the order of TranslationScores
	Claim  *TranslationClaim    // nil where nothing is published of it
	// Verdict is NotRun, that nothing is published, or what keeps levels from being compared.
	Verdict Verdict
	row     reports.SystemRow
}

// CompareTranslations puts the systems of runs beside their published rows, D decreasing, and after them those that the
// runs do not have, which have no Here. It fails where not all runs are on these domains: of others it would say nothing.
func CompareTranslations(runs []reports.Run) ([]TranslationRow, error) {
	claims, err := TranslationClaims()
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(runs, func(r reports.Run) bool { return !r.Results.OnShapes() }); i >= 0 {
		return nil, fmt.Errorf("reports: compare: %s of %s is not between the domains of 3D Shapes, as others are; compare either by itself", cmp.Or(runs[i].Results.Label, "a run"), runs[i].Results.Name)
	}
	var out []TranslationRow
	groups := reports.GroupsOf(runs)
	for _, g := range groups {
		method := g.Runs[0].Results.Method
		row := TranslationRow{Name: method, Method: method, Verdict: NotPublished, row: reports.SystemRow{Name: method, Runs: g.Runs}}
		if slices.ContainsFunc(groups, func(o reports.Group) bool { return o.Label != g.Label && o.Runs[0].Results.Method == method }) {
			row.Name = g.Label
		}
		if i := slices.IndexFunc(claims, func(c TranslationClaim) bool { return c.Method == method }); i >= 0 {
			row.Claim, row.Verdict = &claims[i], verdictOf[g.Runs[0].Results.Domains[0].Dataset]
		}
		for _, s := range TranslationScores {
			here, err := s.of(g.Runs)
			if err != nil {
				return nil, fmt.Errorf("reports: compare: %s: %s: %w", row.Name, s, err)
			}
			row.Here = append(row.Here, here)
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b TranslationRow) int { return cmp.Compare(b.d(), a.d()) }) // NaN last
	for i, c := range claims {
		if !slices.ContainsFunc(out, func(r TranslationRow) bool { return r.Method == c.Method }) {
			out = append(out, TranslationRow{Name: c.Method, Method: c.Method, Claim: &claims[i], Verdict: NotRun})
		}
	}
	return out, nil
}

// d is a row's D here.
func (r TranslationRow) d() float64 { return r.Here[len(r.Here)-1].Estimate }

// of is the score over the seeds of runs.
func (s TranslationScore) of(runs []reports.Run) (inference.Interval, error) {
	var values []float64
	var last *correctness.Score
	for _, r := range runs {
		if one := r.Results.CorrectnessScore(s.Name, s.Direction, ""); one != nil && one.Value != nil {
			values, last = append(values, *one.Value), one
		}
	}
	if len(values) == 0 {
		return inference.Interval{Estimate: math.NaN(), Low: math.NaN(), High: math.NaN()}, nil
	}
	out, err := inference.OverSeeds(values, 0.95)
	if err == nil && len(values) == 1 && last.Interval != nil {
		out.Low, out.High = last.Interval[0], last.Interval[1]
	}
	return out, err
}

// An Order is that of two systems by D, as published and here.
type Order struct {
	First, Second TranslationRow // as published: the first has the higher D
	// Ahead is by how much D of the first is above that of the second here; its ends are of 95% over resamples of the pairs
	// that both translated, NaN without such.
	Ahead inference.Interval
}

// Back says whether the order comes back: the first is ahead, and where there is an interval it is above 0 as a whole.
func (o Order) Back() bool {
	return o.Ahead.Estimate > 0 && !(o.Ahead.Low <= 0)
}

// Orders are those of all published systems that the rows have, by twos.
func Orders(rows []TranslationRow) (out []Order) {
	for _, first := range rows {
		for _, second := range rows {
			if first.Claim == nil || second.Claim == nil || len(first.Here)*len(second.Here) == 0 || math.IsNaN(first.d()-second.d()) {
				continue
			}
			if n := len(TranslationScores) - 1; !(first.Claim.Scores[n] > second.Claim.Scores[n]) {
				continue
			}
			o := Order{First: first, Second: second, Ahead: inference.Interval{Estimate: first.d() - second.d(), Low: math.NaN(), High: math.NaN()}}
			if paired, ok := first.row.AheadByPairs(second.row); ok && len(first.row.Runs) == 1 && len(second.row.Runs) == 1 {
				o.Ahead = paired
			}
			out = append(out, o)
		}
	}
	return out
}
