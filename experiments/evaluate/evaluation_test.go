package evaluate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/models"
)

// The evaluations in order, and the first thing that each lacks where nothing is there.
func TestEvaluations(t *testing.T) {
	var versions []string
	for _, e := range pinned(t) {
		versions = append(versions, fmt.Sprint(e.name, " ", e.version))
		if version, err := spec.Evaluations.Get(e.name); err != nil || version != e.version {
			t.Errorf("%s has version %d among those of specs, %d of its own (%v)", e.name, version, e.version, err)
		}
	}
	equal(t, "versions", strings.Join(versions, ", "), pinnedEvaluations)
	lacks := map[string]string{"reconstruction": "the model does not make images", "systems": "the model does not make images", "accuracy": "no domain is labelled", "network": "no domain is labelled", "class-scores": "no domain is labelled", "methods": "no domain is labelled",
		"leakage": "what domain a shows is not known factor by factor", "grids": "the model does not make images", "renders": "the model does not make images", "correctness": "the model does not make images",
		"judging": "the model does not make images", "scatter": "the model has no codes", "discrepancy": "the model has no codes"}
	w := &Subject{Spec: &spec.Spec{}, Domains: [2]*domains.Domain{{}, {}}}
	for _, e := range pinned(t) {
		want := lacks[e.name]
		if want == "" {
			want = "the model has no common and separate codes"
		}
		equal(t, e.name+" lacks", e.wants(w, &Codes{}), want)
	}
	// With source, codes in parts, a decoder and a translator, the next thing is missing.
	parts := models.Codes{{Role: models.Common}, {Role: models.SeparateA}, {Role: models.SeparateB}}
	w.Model = taker{}
	w.Spec.Domains[0].Labelled = true
	lacks = map[string]string{"network": "the model has no classifier of its own", "class-scores": "the target has no test labels", "methods": "the spec names no adaptation methods", "grids": "translate.grid is 0", "neighbours": "translate.grid is 0",
		"leakage": "what domain a shows is not known factor by factor", "renders": "what a translation should be is not drawn exactly", "correctness": "what a translation should be is not drawn exactly",
		"judging": "the domains are not chosen by attributes, or judges are not trained"}
	for _, e := range pinned(t) {
		equal(t, e.name+" lacks", e.wants(w, &Codes{{nil, parts}, {nil, parts}}), lacks[e.name])
	}
	// One domain of two is not enough.
	w.Domains[0].Test.Factors, w.Domains[0].Render = &domains.Factors{}, blank{}
	equal(t, "factors of b", wantsFactors(w, nil), "what domain b shows is not known factor by factor")
	equal(t, "renders of b", wantsRenders(w, nil), "what a translation should be is not drawn exactly")
	w.Domains[1].Render, w.Domains[0].Render = w.Domains[0].Render, nil
	equal(t, "renders of a", wantsRenders(w, nil), "what a translation should be is not drawn exactly")
	w.Domains[0].Render = w.Domains[1].Render
	equal(t, "no pairs", wantsRenders(w, nil), "translate.pairs is 0")
	w.Spec.Translate.Pairs = 1
	equal(t, "renders", wantsRenders(w, nil), "")
	const untold = "the drawn data do not say which values of their factors are told apart"
	equal(t, "scales", wantsScales(w, nil), untold)
	w.Domains[0].Render = scaled{}
	equal(t, "scales of b", wantsScales(w, nil), untold)
	w.Domains[0].Render, w.Domains[1].Render = w.Domains[1].Render, w.Domains[0].Render
	equal(t, "scales of a", wantsScales(w, nil), untold)
	w.Domains[0].Render = w.Domains[1].Render
	equal(t, "both scales", wantsScales(w, nil), "")
	for _, without := range []models.Role{models.Common, models.SeparateA, models.SeparateB} {
		var left models.Codes
		for _, b := range parts {
			if b.Role != without {
				left = append(left, b)
			}
		}
		equal(t, "parts without "+string(without), partsOf(left), false)
	}
}

// pinned are they.
func pinned(t *testing.T) (out []evaluation) {
	t.Helper()
	last := 0
	for _, e := range inOrder() {
		if e.order <= last {
			t.Errorf("%s is number %d, after %d", e.name, e.order, last)
		}
		last = e.order
		if strings.Contains(pinnedEvaluations, e.name+" ") {
			out = append(out, e)
		}
	}
	return out
}

// blank draws nothing.
type blank struct{}

func (blank) Render(*domains.Factors, int, *domains.Factors, int, *domains.Factors, int) []float32 {
	return nil
}

// scaled tells no values apart.
type scaled struct{ blank }

func (scaled) Scale(string) domains.Scale { return domains.Scale{} }

// pinnedEvaluations are evaluations in the order of their records, with the versions that are
// part of every evaluation's identity. Others may stand between them.
const pinnedEvaluations = "reconstruction 2, diagnosis 2, network 1, accuracy 3, class-scores 1, methods 2, independence 2, leakage 3, discrepancy 4, " +
	"grids 1, neighbours 1, renders 1, correctness 3, judging 2, systems 2, scatter 1"
