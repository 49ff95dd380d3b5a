package tidy

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/venn-adapt/venn/internal/check"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// notInTable are numbers of results that no row holds, with the reason.
var notInTable = map[string]string{
	"Format": "of the file", "Seed": "a key of the row", "Steps": "asked for", "Parameters": "the size of the network", "Domains": "sizes of data",
	"Confusion": "a table of its own", "Hits": "of rows", "Null": "a distribution", "Scatter": "points", "Grids": "pictures", "Resamples": "asked for", "N": "beside the number",
	"Wish": "a name", "Classes": "of the factor", "Levels": "of the factor", "Hits of a score": "its value times its n",
	"MACs": "the cost, not a result", "Images": "asked for", "Contents": "of the data", "Guides": "of the data", "References": "of the data", "Pairs": "beside the number", "Step": "told in the settings",
}

// fill gives every number of results a value of its own and lists them by place.
func fill(v reflect.Value, place string, next *float64, wanted map[float64]string) {
	name := place[strings.LastIndex(place, ".")+1:]
	if _, out := notInTable[name]; out && name != "" && v.Kind() != reflect.Struct {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type().Elem().Kind() != reflect.Struct || v.Type() != reflect.TypeFor[*reports.Scatter]() {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), place, next, wanted)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && notInTable[f.Name] == "" {
				at := place + "." + f.Name
				if f.Anonymous {
					at = place
				}
				fill(v.Field(i), at, next, wanted)
			}
		}
	case reflect.Slice:
		n := 2 // an interval is a list of two
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), place, next, wanted)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Float64 {
			*next++
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("validator"), reflect.ValueOf(*next))
			wanted[*next] = place
		}
	case reflect.Float64:
		*next++
		v.SetFloat(*next)
		wanted[*next] = place
	}
}

// Every number of results that is a result is in the table, and once: whoever adds one to the
// records adds it here, or to the list of what is left out.
func TestEveryNumberHasARow(t *testing.T) {
	var r reports.Results
	next, wanted := 100.0, map[float64]string{}
	fill(reflect.ValueOf(&r).Elem(), "", &next, wanted)
	if len(wanted) < 150 {
		t.Fatalf("only %d numbers were filled in", len(wanted))
	}
	seen := map[float64]int{}
	for _, row := range Rows([]reports.Run{{Results: r}}) {
		for _, v := range []*float64{row.Value, row.Low, row.High} {
			if v != nil {
				seen[*v]++
			}
		}
	}
	for v, place := range wanted {
		if seen[v] != 1 {
			t.Errorf("%s (%v) is in %d cells, want 1", place, v, seen[v])
		}
	}
}

// run is one of which every row was worked out by hand.
func run() reports.Run {
	p := reportstest.Pointer
	return reports.Run{
		Seconds:     12.5, // no result: a killed and resumed run has the same table
		Environment: `{"version": "v1", "processor": "chip", "system": "linux/arm64", "engine_version": 2, "evaluation_version": 6}`, Lock: "abc",
		Results: reports.Results{Name: "study", Job: "j", Evaluation: "e", Label: "x=1", Seed: 1<<64 - 1, Method: "dann", Kernels: "go", Classes: []string{"cat"},
			Domains: [2]reports.Domain{{Dataset: "usps"}, {Dataset: "mnist", Labelled: true}},
			Accuracy: []reports.Accuracy{{Row: "common", Classifier: "knn", Settings: map[string]any{"k": 1, "a": "b"}, Selector: "source validation", Validation: p(0.5),
				Source: &reports.Score{Accuracy: 0.875, Interval: [2]float64{0.75, 1}, Balanced: 0.625, N: 16},
				Target: &reports.Score{Accuracy: 0.25, Interval: [2]float64{0.125, 0.375}, Balanced: 0.75, N: 8, Recall: []float64{0.5, -1}, Confusion: [][]int{{3, 2}, {0, 0}}},
				Notes:  map[string]string{"gap_closed": "no oracle"}}},
			Faces: &reports.Faces{Changed: 0.5, Rows: []reports.Face{{System: "dann", Direction: "a->b", Unguided: true, Guide: &reports.Estimate{Value: 0.75, Interval: [2]float64{0.5, 1}, N: 6}}}},
			System: &reports.System{Capabilities: []reports.Capability{{Name: "union", Can: true, Measure: "unmeasured"}, {Name: "mask", Reason: "it has no mask"},
				{Name: "removal-a", Can: true, Value: p(0.25), Measure: "nearest", Interval: &[2]float64{0, 0.5}}}},
			Adaptation:   []reports.Adaptation{{Name: "coral", Error: "one class"}},
			Selection:    []reports.Selection{{Name: "network", Candidates: []reports.Candidate{{Step: 50, Scores: map[string]float64{"snd": 2, "bnm": 3}, Oracle: p(0.5)}}}},
			Independence: []reports.Measured{{Of: "codes", Between: [2]reports.Sample{{Domain: "a"}, {Domain: "b"}}, Result: metrics.Result{Name: "hsic", Value: 4, P: p(0.5), N: 9, Degenerate: true, Warnings: []string{"few rows"}}}},
		},
	}
}

func TestRowsByHand(t *testing.T) {
	var got []string
	rows := Rows([]reports.Run{run()})
	for _, r := range rows {
		got = append(got, fmt.Sprint(strings.Join([]string{r.Part, r.Row, r.Classifier, r.Selector, r.Settings, fmt.Sprint(r.Oracle), r.Scope, r.Metric, cell(r.Value), cell(r.Low), cell(r.High), fmt.Sprint(r.N), r.Note}, "|")))
		key := r
		key.Part, key.Row, key.Classifier, key.Selector, key.Settings, key.Oracle, key.Scope, key.Metric, key.Value, key.Low, key.High, key.N, key.Note = "", "", "", "", "", false, "", "", nil, nil, nil, 0, ""
		// echo -n abc | sha256sum
		check.Equal(t, "keys", key, Row{Study: "study", Job: "j", Evaluation: "e", Label: "x=1", Method: "dann", Task: "mnist->usps", Seed: 18446744073709551615,
			Version: "v1", Engine: 2, EvaluationVersion: 6, Machine: "chip linux/arm64", Kernels: "go", Data: "ba7816bf8f01"})
	}
	want := []string{
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|validation|accuracy|0.5|||0|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|source|accuracy|0.875|0.75|1|16|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|source|balanced accuracy|0.625|||16|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|target|accuracy|0.25|0.125|0.375|8|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|target|balanced accuracy|0.75|||8|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|target|recall of cat|0.5|||5|`,
		`accuracy|common|knn|source validation|{"a":"b","k":1}|false|target|gap closed||||0|no oracle`,
		`adaptation|coral||||false|target|accuracy||||0|one class`,
		`selection|network||bnm|step 50|false|target|validator's score|3|||0|`,
		`selection|network||snd|step 50|false|target|validator's score|2|||0|`,
		`selection|network|||step 50|true|target|accuracy|0.5|||0|`,
		`independence|codes||||false|a, b|hsic|4|||9|few rows; collapsed`,
		`independence|codes||||false|a, b|hsic p-value|0.5|||9|few rows; collapsed`,
		`judges|||||false||agreement|0|0|0|0|`,
		`judges|||||false||changed|0.5|||0|`,
		`judged|dann||||false|a->b|guide|0.75|0.5|1|6|the model takes no guide`,
		`capabilities|||||false|union|can|1|||0|`,
		`capabilities|||||false|mask|can|0|||0|it has no mask`,
		`capabilities|||||false|removal-a|nearest|0.25|0|0.5|0|`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Target labels have a part in whatever is fitted on a network that was trained on them, and in every score of
// the row that was fitted on them.
func TestOracleRows(t *testing.T) {
	score := &reports.Score{N: 1}
	own := reports.Accuracy{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Target: score}
	fitted := []reports.Accuracy{{Row: "features", Classifier: "knn", Target: score}, {Row: "target-oracle", Classifier: "knn", Target: score, Oracle: true}}
	of := func(own reports.Accuracy) (got []string) {
		r := reports.Results{Accuracy: append([]reports.Accuracy{own}, fitted...), Adaptation: []reports.Adaptation{{Name: "coral", Transductive: score}},
			ClassScores: []reports.ClassScores{{Row: "features", Classifier: "knn"}, {Row: "target-oracle", Classifier: "knn"}},
			Selection:   []reports.Selection{{Name: "coral", Candidates: []reports.Candidate{{Scores: map[string]float64{"snd": 1}}}}}}
		for _, row := range Rows([]reports.Run{{Results: r}}) {
			if row.Metric == "accuracy" || row.Metric == "kappa" || row.Part == "selection" {
				got = append(got, fmt.Sprint(row.Part, " ", row.Row, " ", row.Oracle))
			}
		}
		return got
	}
	check.Equal(t, "a method", fmt.Sprint(of(own)), "[accuracy network false accuracy features false accuracy target-oracle true class scores features false class scores target-oracle true adaptation coral false selection coral false]")
	own.Oracle = true
	check.Equal(t, "an oracle", fmt.Sprint(of(own)), "[accuracy network true accuracy features true accuracy target-oracle true class scores features true class scores target-oracle true adaptation coral true selection coral true]")
}

// A task goes from the labelled domain to the other, is as the results say where they do, and names
// both where neither is labelled.
func TestTasks(t *testing.T) {
	for want, r := range map[string]reports.Results{
		"A->B": {Task: "A->B", Domains: [2]reports.Domain{{Dataset: "x", Labelled: true}, {Dataset: "y"}}},
		"x->y": {Domains: [2]reports.Domain{{Dataset: "x", Labelled: true}, {Dataset: "y"}}},
		"y->x": {Domains: [2]reports.Domain{{Dataset: "x"}, {Dataset: "y", Labelled: true}}},
		"x, y": {Domains: [2]reports.Domain{{Dataset: "x"}, {Dataset: "y"}}},
		"":     {},
	} {
		check.Equal(t, "task", task(&r), want)
	}
}

// Both forms give back the rows, and the same rows the same bytes.
func TestForms(t *testing.T) {
	rows := Rows(append(reportstest.Fixture(t, []string{"x", "y \"z\",\n"}, 0, 1), run()))
	data, err := Parquet(rows)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parquet(slices.Clone(rows))
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("other bytes the second time: %v", err)
	}
	back, err := parquet.Read[Row](bytes.NewReader(data), int64(len(data)))
	if d := cmp.Diff(rows, back); err != nil || d != "" {
		t.Errorf("Parquet: %v %s", err, d)
	}
	text, err := CSV(rows)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("CSV: %d lines of %d rows, %v", len(lines), len(rows), err)
	}
	check.Equal(t, "heading", strings.Join(lines[0], " "), "study job evaluation label method task seed part row classifier selector settings oracle scope metric value low high n note version engine_version evaluation_version machine kernels data")
	last := lines[len(lines)-8]
	check.Equal(t, "a line", strings.Join(last, "|"), "study|j|e|x=1|dann|mnist->usps|18446744073709551615|independence|codes||||false|a, b|hsic|4|||9|few rows; collapsed|v1|2|6|chip linux/arm64|go|ba7816bf8f01")
	if none, err := Parquet(nil); err != nil || len(none) < 8 {
		t.Errorf("no rows: %d bytes, %v", len(none), err)
	}
}
