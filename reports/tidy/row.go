package tidy

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

// A Row is one number of one run. The names of its fields are those of the columns.
type Row struct {
	Study      string `parquet:"study"` // name of the spec
	Job        string `parquet:"job"`
	Evaluation string `parquet:"evaluation"`
	Label      string `parquet:"label"` // the job's point of the grid, without its seed
	Method     string `parquet:"method"`
	Task       string `parquet:"task"` // "mnist->usps"; "a, b" where no domain is labelled
	Seed       uint64 `parquet:"seed"`

	Part       string `parquet:"part"` // which part of the results: "accuracy", "independence", ...
	Row        string `parquet:"row"`  // whose number it is in that part
	Classifier string `parquet:"classifier"`
	Selector   string `parquet:"selector"` // what chose the settings, or gave the score
	Settings   string `parquet:"settings"` // as JSON; "step 50" of a training
	Oracle     bool   `parquet:"oracle"`   // target labels had a part in it, beyond scoring
	Scope      string `parquet:"scope"`    // split, domain or direction
	Metric     string `parquet:"metric"`

	Value *float64 `parquet:"value,optional"` // none where there is none: Note says why
	Low   *float64 `parquet:"low,optional"`   // of the 95% interval
	High  *float64 `parquet:"high,optional"`
	N     int64    `parquet:"n"` // of how many it was taken; 0 where it is not of a sample
	Note  string   `parquet:"note"`

	Version           string `parquet:"version"` // of the program that began the run
	Engine            int64  `parquet:"engine_version"`
	EvaluationVersion int64  `parquet:"evaluation_version"`
	Machine           string `parquet:"machine"`
	Kernels           string `parquet:"kernels"`
	Data              string `parquet:"data"` // head of the SHA-256 of data.lock.json
}

// Rows are all numbers of runs, in the order of the runs and of their results. Left out are
// what a table of numbers cannot hold (confusions, points of scatters, values under the null)
// and sizes of networks and data that no measure gave.
func Rows(runs []reports.Run) []Row {
	var out []Row
	for _, run := range runs {
		b := &builder{of: provenance(run)}
		b.scores(&run.Results)
		b.measures(&run.Results)
		b.images(&run.Results)
		out = append(out, b.rows...)
	}
	return out
}

// provenance is the row of a run before any number.
func provenance(run reports.Run) Row {
	r := &run.Results
	of := Row{Study: r.Name, Job: r.Job, Evaluation: r.Evaluation, Label: r.Label, Method: r.Method, Task: task(r), Seed: r.Seed, Kernels: r.Kernels}
	var e struct {
		Version, System, Processor string
		Engine                     int64 `json:"engine_version"`
		Evaluation                 int64 `json:"evaluation_version"`
	}
	if json.Unmarshal([]byte(run.Environment), &e) == nil { // a record by hand has none
		of.Version, of.Engine, of.EvaluationVersion = e.Version, e.Engine, e.Evaluation
		of.Machine = strings.TrimSpace(e.Processor + " " + e.System)
	}
	if run.Lock != "" {
		of.Data = fmt.Sprintf("%x", sha256.Sum256([]byte(run.Lock)))[:12]
	}
	return of
}

func task(r *reports.Results) string {
	a, b := r.Domains[0], r.Domains[1]
	switch {
	case r.Task != "":
		return r.Task
	case a.Labelled:
		return a.Dataset + "->" + b.Dataset
	case b.Labelled:
		return b.Dataset + "->" + a.Dataset
	case a.Dataset != "":
		return a.Dataset + ", " + b.Dataset
	}
	return ""
}

// A builder gathers the rows of a run.
type builder struct {
	of   Row
	rows []Row
}

// add adds a number to a row's keys; a pointer to none leaves the number open.
func (b *builder) add(key Row, metric string, value *float64) *Row {
	r := b.of
	r.Part, r.Row, r.Classifier, r.Selector, r.Settings = key.Part, key.Row, key.Classifier, key.Selector, key.Settings
	r.Oracle, r.Scope, r.N, r.Note = key.Oracle, key.Scope, key.N, key.Note
	r.Metric = metric
	if value != nil {
		v := *value
		r.Value = &v
	}
	b.rows = append(b.rows, r)
	return &b.rows[len(b.rows)-1]
}

func (r *Row) within(interval *[2]float64) {
	if interval != nil {
		low, high := interval[0], interval[1]
		r.Low, r.High = &low, &high
	}
}

// estimate adds a number with its interval; none where there is none.
func (b *builder) estimate(key Row, metric string, e *reports.Estimate) {
	if e != nil {
		key.N = int64(e.N)
		b.add(key, metric, &e.Value).within(&e.Interval)
	}
}

// settings are a mapping as JSON, whose keys are sorted.
func settings(m map[string]any) string {
	if len(m) == 0 {
		return ""
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Sprint(m)
	}
	return string(text)
}
