package published

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

// A record is an accuracy on the target with all that a claim is held against, whether an
// adaptation method on features made it, a classifier on codes or a trained network.
type record struct {
	adapter  string // of a method on features
	trained  string // of a row of accuracy: the method that was trained
	row      string // and the row
	name     string // for people
	score    *reports.Score
	settings map[string]any
	head     map[string]any
	// What a claim may state besides: a field that it leaves open is not compared.
	split, use, classifier, network, side, varied string
	domains                                       []reports.Domain
}

// taskOf is what the records of a run are about: "A->B".
func taskOf(r reports.Results) string {
	if r.Task != "" {
		return r.Task
	}
	return r.DatasetPair()
}

// notSaid stands for what runs do not tell.
const notSaid = "not said"

// onTarget is the method that learns from the target's labels: its source is the target.
const onTarget = "target-oracle"

// on says whether a run is on the claim's task: datasets have small letters here, in the
// sources also great ones. That of a network that learnt from the target has no other domain.
func (c Claim) on(r reports.Results) bool {
	if r.Method == onTarget {
		_, target, _ := strings.Cut(c.Task, "->")
		return c.Trained == onTarget && strings.EqualFold(r.Domains[0].Dataset, target)
	}
	return strings.EqualFold(taskOf(r), c.Task)
}

// records are the accuracies of a run on its target: of the adaptation methods on the rows
// that they saw, and of classifiers and networks on test rows.
func records(run reports.Run) []record {
	r := run.Results
	side, varied := run.Image()
	side, varied = cmp.Or(side, notSaid), cmp.Or(varied, notSaid)
	var out []record
	for _, a := range r.Adaptation {
		out = append(out, record{adapter: a.Adapter, name: a.Name, score: a.Transductive, settings: a.Settings, head: a.Head,
			split: r.Protocol["split"], use: "transductive", classifier: a.Classifier, domains: r.Domains[:]})
	}
	source, target := r.Domains[0], r.Domains[1]
	if target.Labelled {
		source, target = target, source
	}
	for _, a := range r.Accuracy {
		one := record{trained: r.Method, row: a.Row, name: r.Method, score: a.Target, head: a.Settings,
			split: fmt.Sprintf("%d and %d training images", source.Train, target.Train), use: "inductive",
			classifier: a.Classifier, network: r.Network, side: side, varied: varied, domains: r.Domains[:]}
		if r.Method == onTarget {
			one.split = fmt.Sprintf("%d training images", source.Train)
		}
		if a.Row != reports.NetworkRow {
			one.name += ", " + a.Row + ", " + a.Classifier
		}
		if v := r.Variant(); v != "" && v != "method="+r.Method {
			one.name += " " + v
		}
		out = append(out, one)
	}
	return slices.DeleteFunc(out, func(r record) bool { return r.score == nil })
}

// of says whether a record is of the claim's method.
func (r record) of(c Claim) bool {
	if c.Adapter != "" {
		return r.adapter == c.Adapter
	}
	return c.Trained != "" && r.trained == c.Trained && r.row == c.Row
}

// images says which images or rows a record was made from, and how they came to the network.
func (r record) images() string {
	parts := []string{r.split, r.side, r.varied}
	for _, d := range r.domains {
		parts = append(parts, d.Dataset, d.Fit)
	}
	return strings.Join(parts, ", ")
}

// differences lists the protocol fields in which a record differs from a claim.
func (r record) differences(c Claim) []string {
	var out []string
	field := func(name, want, got string) {
		if want != "" && want != got {
			out = append(out, fmt.Sprintf("%s: published %s, here %s", name, want, cmp.Or(got, "none")))
		}
	}
	field("split", c.Split, r.split)
	field("scored on", c.Use, r.use)
	field("network", c.Network, r.network)
	field("pixels a side", c.Side, r.side)
	field("training images varied by", c.Varied, r.varied)
	for _, f := range c.Fits {
		dataset, want, _ := strings.Cut(f, "=")
		for _, d := range r.domains {
			if d.Dataset == dataset {
				field("fit of "+dataset, want, d.Fit)
			}
		}
	}
	field("classifier", c.Classifier, r.classifier)
	for _, s := range c.Settings {
		name, want, _ := strings.Cut(s, "=")
		value, ok := r.settings[name]
		if head, is := strings.CutPrefix(name, "head."); is {
			value, ok = r.head[head]
		}
		if !ok && r.classifier != c.Classifier {
			continue // the classifier is named already
		}
		field(name, want, fmt.Sprint(value))
	}
	return out
}
