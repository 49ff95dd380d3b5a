package published

import (
	"math"

	"github.com/venn-adapt/venn/metrics/inference"
)

// A TranslationList is what programs read of a comparison.
type TranslationList struct {
	Translations []TranslationRecord `json:"translations"`
	Orders       []OrderRecord       `json:"orders"`
}

// A TranslationRecord is one score of a system; what is not known is null.
type TranslationRecord struct {
	System    string     `json:"system"`
	Method    string     `json:"method"`
	Score     string     `json:"score"`
	Direction string     `json:"direction,omitempty"`
	Published *float64   `json:"published"`
	Source    string     `json:"source,omitempty"`
	Here      *Estimated `json:"here"`
	Verdict   Verdict    `json:"verdict"`
}

// An Estimated is a value with its 95% interval, null without.
type Estimated struct {
	Value    float64     `json:"value"`
	Interval *[2]float64 `json:"interval"`
	N        int         `json:"n"` // seeds, or pairs of both systems
}

// An OrderRecord is the published order of two systems by D, and by how much the first is ahead here.
type OrderRecord struct {
	First  string     `json:"first"`
	Second string     `json:"second"`
	Ahead  *Estimated `json:"ahead"`
	Back   bool       `json:"comes_back"`
}

// NewTranslationList lists all scores of rows, and their orders.
func NewTranslationList(rows []TranslationRow) TranslationList {
	out := TranslationList{Translations: []TranslationRecord{}, Orders: []OrderRecord{}}
	for _, r := range rows {
		for k, s := range TranslationScores {
			one := TranslationRecord{System: r.Name, Method: r.Method, Score: s.Name, Direction: s.Direction, Verdict: r.Verdict}
			if r.Claim != nil {
				one.Published, one.Source = &r.Claim.Scores[k], r.Claim.Source
			}
			if len(r.Here) > 0 {
				one.Here = shown(r.Here[k])
			}
			out.Translations = append(out.Translations, one)
		}
	}
	for _, o := range Orders(rows) {
		out.Orders = append(out.Orders, OrderRecord{o.First.Name, o.Second.Name, shown(o.Ahead), o.Back()})
	}
	return out
}

// shown is nothing of what is not a number.
func shown(i inference.Interval) *Estimated {
	if math.IsNaN(i.Estimate) {
		return nil
	}
	out := &Estimated{Value: i.Estimate, N: i.N}
	if !math.IsNaN(i.Low) {
		out.Interval = &[2]float64{i.Low, i.High}
	}
	return out
}
