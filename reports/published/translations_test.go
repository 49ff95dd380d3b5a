package published

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/reports"
)

// The claims are what the authors print of their own files, digit by digit; their bias has seven factors in place of six.
func TestTranslationClaims(t *testing.T) {
	claims, err := TranslationClaims()
	if err != nil || len(claims) != 2 {
		t.Fatal(claims, err)
	}
	for i, file := range []string{"munit", "drit"} {
		text, err := os.ReadFile("../../metrics/correctness/testdata/shapes_" + file + "_metrics.txt")
		if err != nil {
			t.Fatal(err)
		}
		for k, printed := range []string{"Content Preservation", "A2B Style translation", "B2A Style translation", "\nStyle translation", "Q_trans", "Model Bias", "Disentanglement quality"} {
			found := regexp.MustCompile(printed + ` = ([0-9.]+)`).FindSubmatch(text)
			if found == nil {
				t.Fatalf("%s: no %s", file, printed)
			}
			want, _ := strconv.ParseFloat(string(found[1]), 64)
			digits := 1e-9
			if TranslationScores[k].Name == correctness.Bias {
				want, digits = want*7/6, 1.2e-4
			}
			if got := claims[i].Scores[k]; !(math.Abs(got-want) <= digits) {
				t.Errorf("%s: %s %v, printed %v", claims[i].Name, TranslationScores[k], got, want)
			}
		}
	}
}

// A figure that is none is told with its line and score.
func TestReadTranslations(t *testing.T) {
	line := "m,M,0.1,0.2,0.3,0.4,0.5,0.6,0.7,source\n"
	if _, err := readTranslations([]byte("head,,,,,,,,,\n" + line + strings.Replace(line, "0.2", "x", 1))); err == nil || err.Error() != `reports: translations: line 3: manipulation a->b "x"` {
		t.Error(err)
	}
	if _, err := readTranslations([]byte("a\nb,c\n")); err == nil || !strings.HasPrefix(err.Error(), "reports: translations: ") {
		t.Error(err)
	}
}

// translated is a run of a system on drawn rooms with these scores, in the order of TranslationScores, and resamples of D.
func translated(method string, seed uint64, scores []float64, resamples ...float64) reports.Run {
	r := reports.Run{Results: reports.Results{Name: "study", Method: method, Label: "method=" + method, Seed: seed}}
	for side := range r.Results.Domains {
		r.Results.Domains[side].Dataset = "shapes-drawn"
	}
	for k, s := range TranslationScores {
		one := correctness.Score{Name: s.Name, Direction: s.Direction, N: 100}
		if v := scores[k]; !math.IsNaN(v) {
			one.Value, one.Interval = &v, &[2]float64{v - 0.03, v + 0.02}
		}
		// A factor's own score is never taken for the mean.
		far := 9.0
		r.Results.Correctness = append(r.Results.Correctness, one, correctness.Score{Name: s.Name, Direction: s.Direction, Factor: "size", Value: &far, N: 100})
	}
	r.Results.Correctness[2*(len(TranslationScores)-1)].Resamples = resamples
	return r
}

func spread(from, to float64) (out []float64) {
	for i := range 101 {
		out = append(out, from+(to-from)*float64(i)/100)
	}
	return out
}

// Systems stand by their D here, the published ones beside it; the order is judged over the pairs of both.
func TestCompareTranslations(t *testing.T) {
	all := func(d float64) []float64 { return []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, d} }
	even := spread(0.5, 0.5)
	for _, tt := range []struct {
		munit, drit float64
		resamples   []float64 // of munit's D, drit's are all 0.5
		want        string
		back        bool
	}{
		{0.61, 0.5, spread(0.6, 0.62), "published, MUNIT is before DRIT++ in D (0.6811, 0.3272); here 0.6100 and 0.5000, +0.1100 [0.1005, 0.1195] over the pairs of both: the order comes back", true},
		{0.51, 0.5, spread(0.45, 0.55), "published, MUNIT is before DRIT++ in D (0.6811, 0.3272); here 0.5100 and 0.5000, +0.0100 [-0.0475, 0.0475] over the pairs of both: the same order, but other pairs might give the other", false},
		{0.4, 0.5, spread(0.4, 0.4), "published, MUNIT is before DRIT++ in D (0.6811, 0.3272); here 0.4000 and 0.5000, -0.1000 [-0.1000, -0.1000] over the pairs of both: the order does not come back", false},
		{0.61, 0.5, nil, "published, MUNIT is before DRIT++ in D (0.6811, 0.3272); here 0.6100 and 0.5000, +0.1100 (without an interval: the pairs differ, or there are several seeds): the order comes back", true},
	} {
		rows, err := CompareTranslations([]reports.Run{translated("drit++", 0, all(tt.drit), even...), translated("didd", 0, all(0.7)), translated("munit", 0, all(tt.munit), tt.resamples...)})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range rows {
			names = append(names, r.Name+" "+string(r.Verdict))
		}
		want := "didd not published, munit not the same renders, drit++ not the same renders"
		if tt.munit < tt.drit {
			want = "didd not published, drit++ not the same renders, munit not the same renders"
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("rows %s, want %s", got, want)
		}
		orders := Orders(rows)
		if len(orders) != 1 || orders[0].String() != tt.want || orders[0].Back() != tt.back {
			t.Errorf("orders %v, want %s", orders, tt.want)
		}
		list := NewTranslationList(rows).Orders
		if len(list) != 1 || list[0].First != "munit" || list[0].Second != "drit++" || list[0].Back != tt.back || list[0].Ahead.Value != tt.munit-tt.drit || (list[0].Ahead.Interval == nil) != (tt.resamples == nil) {
			t.Errorf("listed %+v", list)
		}
	}
}

// A system that the runs lack keeps its published line; without D there is no order; two seeds have their t-interval; and
// of two variants of a method each has its label.
func TestTranslationTable(t *testing.T) {
	one := []float64{0.11, 0.12, 0.13, 0.14, math.NaN(), 0.16, 0.5}
	two := []float64{0.21, 0.22, 0.23, 0.24, math.NaN(), 0.26, 0.7}
	rows, err := CompareTranslations([]reports.Run{translated("munit", 0, one), translated("munit", 1, two)})
	if err != nil || len(rows) != 2 || len(Orders(rows)) != 0 {
		t.Fatal(rows, err)
	}
	half := 12.7062 * 0.1 // t(0.975, 1) s/sqrt(2), s = 0.2/sqrt(2)
	want := [][]string{
		{"munit", "content", "0.4817", fmt.Sprintf("0.1600 [%.4f, %.4f]", 0.16-half/2, 0.16+half/2), "not the same renders"},
		{"munit", "manipulation a->b", "0.7638", fmt.Sprintf("0.1700 [%.4f, %.4f]", 0.17-half/2, 0.17+half/2), "not the same renders"},
		{"munit", "manipulation b->a", "0.9974", fmt.Sprintf("0.1800 [%.4f, %.4f]", 0.18-half/2, 0.18+half/2), "not the same renders"},
		{"munit", "manipulation", "0.8806", fmt.Sprintf("0.1900 [%.4f, %.4f]", 0.19-half/2, 0.19+half/2), "not the same renders"},
		{"munit", "translation", "0.9493", "—", "not the same renders"},
		{"munit", "bias", "0.0597", fmt.Sprintf("0.2100 [%.4f, %.4f]", 0.21-half/2, 0.21+half/2), "not the same renders"},
		{"munit", "D", "0.6811", fmt.Sprintf("0.6000 [%.4f, %.4f]", 0.6-half, 0.6+half), "not the same renders"},
		{"drit++", "content", "0.5267", "—", "not run"}, {"drit++", "manipulation a->b", "0.1055", "—", "not run"}, {"drit++", "manipulation b->a", "0.1499", "—", "not run"},
		{"drit++", "manipulation", "0.1277", "—", "not run"}, {"drit++", "translation", "0.9358", "—", "not run"}, {"drit++", "bias", "0.5106", "—", "not run"}, {"drit++", "D", "0.3272", "—", "not run"},
	}
	texts := func(table *reports.Table) (out [][]string) {
		for _, row := range table.Rows {
			var line []string
			for _, c := range row {
				line = append(line, c.Text)
			}
			out = append(out, line)
		}
		return out
	}
	if got := texts(TranslationTable(rows, true)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if got, want := texts(TranslationTable(rows, false)), [][]string{want[6], want[13]}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("D alone: got\n%v\nwant\n%v", got, want)
	}
	single := translated("munit", 0, one)
	single.Results.Domains[0].Dataset = "shapes3d"
	rows, err = CompareTranslations([]reports.Run{single})
	if err != nil || rows[0].Verdict != ReadOtherwise {
		t.Errorf("the published renders: %v %v", rows[0].Verdict, err)
	}
	if got := texts(TranslationTable(rows, false))[0][3]; got != "0.5000 [0.4700, 0.5200]" {
		t.Errorf("one seed has its interval over pairs: %s", got)
	}
	single.Results.Correctness[2*(len(TranslationScores)-1)].Interval = nil
	rows, err = CompareTranslations([]reports.Run{single, translated("drit++", 0, []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, math.NaN()})})
	if got := texts(TranslationTable(rows, false)); err != nil || got[0][3] != "0.5000" || got[1][3] != "—" || len(Orders(rows)) != 0 {
		t.Errorf("no interval, and no D: %v %v %v", got, Orders(rows), err)
	}
	var out bytes.Buffer
	if err := TranslationTerminal(&out, rows, true); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if n := len([]rune(line)); n > pageColumns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if text := out.String(); !strings.Contains(text, "│ renders,  │\n") || !strings.Contains(text, "│ not the   │\n") {
		t.Errorf("verdicts are broken after 10 letters:\n%s", text)
	}
	wide := translated("munit", 0, two)
	wide.Results.Label = "method=wide"
	rows, err = CompareTranslations([]reports.Run{single, wide, translated("munit", 0, one)})
	if err != nil || rows[0].Name != "method=wide" || rows[1].Name != "method=munit" {
		t.Errorf("two variants: %v %v", rows, err)
	}
	faces := translated("munit", 0, one)
	faces.Results.Domains[0].Dataset = "faces-schematic"
	if _, err := CompareTranslations([]reports.Run{single, faces}); err == nil || err.Error() != "reports: compare: method=munit of study is not between the domains of 3D Shapes, as others are; compare either by itself" {
		t.Errorf("another study beside: %v", err)
	}
}

// What stands below the table: the order, then how either was read, and the bias where it is shown.
func TestTranslationRemarks(t *testing.T) {
	scores := func(d float64) []float64 { return []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, d} }
	rows, err := CompareTranslations([]reports.Run{translated("munit", 0, scores(0.6)), translated("drit++", 0, scores(0.4))})
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		table := TranslationTable(rows, all)
		begin := []string{"published, MUNIT is before DRIT++ in D", "published: renders of 3D Shapes", "D: mean of content", "bias, lower is better"}
		if !all {
			begin = begin[:3]
		}
		if len(table.Remarks) != len(begin) {
			t.Fatalf("remarks %q", table.Remarks)
		}
		for i, want := range begin {
			if !strings.HasPrefix(table.Remarks[i], want) {
				t.Errorf("remark %q, want %q", table.Remarks[i], want)
			}
		}
		if len(table.Notes) != 2 || table.Notes[0] != "MUNIT of D. Bashkirova, B. Usman, K. Saenko, WACV 2022" || table.Notes[1] != "DRIT++ of D. Bashkirova, B. Usman, K. Saenko, WACV 2022" || table.Rows[0][0].Note != 1 {
			t.Errorf("notes %q, %d", table.Notes, table.Rows[0][0].Note)
		}
	}
	if (Order{}).Back() {
		t.Error("equal systems are in an order")
	}
	even := Orders(rows)[0]
	even.Ahead.Estimate = 0
	if !strings.HasSuffix(even.String(), ": the order does not come back") {
		t.Error(even.String())
	}
}

// Every score of every system is listed, with what is published and what was found.
func TestTranslationList(t *testing.T) {
	here := []float64{0.11, 0.12, 0.13, 0.14, math.NaN(), 0.16, 0.5}
	rows, err := CompareTranslations([]reports.Run{translated("munit", 0, here), translated("didd", 0, here)})
	if err != nil {
		t.Fatal(err)
	}
	published := map[string][]float64{"munit": {0.4817, 0.7638, 0.9974, 0.8806, 0.9493, 0.0597, 0.6811}, "drit++": {0.5267, 0.1055, 0.1499, 0.1277, 0.9358, 0.5106, 0.3272}}
	list := NewTranslationList(rows)
	if len(list.Translations) != 21 || len(list.Orders) != 0 || list.Orders == nil {
		t.Fatalf("%+v", list)
	}
	for i, r := range list.Translations {
		k := i % len(TranslationScores)
		if s := TranslationScores[k]; r.Score != s.Name || r.Direction != s.Direction || r.Method != r.System {
			t.Errorf("%d: %+v", i, r)
		}
		if p := published[r.Method]; (p == nil) != (r.Published == nil) || p != nil && (*r.Published != p[k] || r.Source == "") {
			t.Errorf("%d: published %+v", i, r)
		}
		if r.Method == "drit++" || k == 4 {
			if r.Here != nil {
				t.Errorf("%d: not run, or no pair counts: %+v", i, r)
			}
			continue
		}
		if r.Here == nil || r.Here.Value != here[k] || r.Here.N != 1 || *r.Here.Interval != [2]float64{here[k] - 0.03, here[k] + 0.02} {
			t.Errorf("%d: here %+v", i, r.Here)
		}
	}
	single := translated("munit", 0, here)
	single.Results.Correctness[0].Interval = nil
	if rows, err = CompareTranslations([]reports.Run{single}); err != nil || NewTranslationList(rows).Translations[0].Here.Interval != nil {
		t.Errorf("an interval that is not there: %v", err)
	}
}
