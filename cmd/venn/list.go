package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/configs"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
)

var kinds = []string{"datasets", "methods", "classifiers", "adapters", "validators", "metrics", "evaluations", "presets"}

func newList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list " + strings.Join(kinds, "|"), Short: "list what a spec can name, with options and citations", Example: "  venn list methods",
		Args: exactly(1, "one of "+strings.Join(kinds, ", ")), ValidArgs: kinds,
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(kinds, args[0]) {
				return usage("list: unknown kind %q%s", args[0], registry.DidYouMean(args[0], kinds))
			}
			entries := entriesOf(args[0])
			if asJSON {
				return a.printJSON(entries)
			}
			return a.printEntries(entries)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// An entry is a thing that a spec can name.
type entry struct {
	Name     string        `json:"name"`
	Doc      string        `json:"doc"`
	Citation string        `json:"citation,omitempty"`
	Facts    []string      `json:"facts,omitempty"` // of a metric: kind, unit, range, direction
	Options  []optionEntry `json:"options,omitempty"`
}

type optionEntry struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Default any    `json:"default"` // null: must be given
	Want    string `json:"want"`
}

func entriesOf(kind string) []entry {
	out := []entry{}
	switch kind {
	case "datasets":
		for _, d := range domains.Datasets.All() {
			out = append(out, entry{d.Name, d.Doc, d.Citation, nil, optionsOf(d.Options)})
		}
	case "methods":
		for _, m := range models.Methods.All() {
			out = append(out, entry{m.Name, m.Doc, m.Citation, nil, optionsOf(m.AllOptions())})
		}
	case "classifiers":
		for _, c := range adapt.Classifiers.All() {
			out = append(out, entry{c.Name, c.Doc, c.Citation, nil, optionsOf(c.Options)})
		}
	case "adapters":
		for _, d := range adapt.Adapters.All() {
			out = append(out, entry{d.Name, d.Doc, d.Citation, usesOf(d), optionsOf(d.Options)})
		}
	case "validators":
		for _, v := range adapt.Validators.All() {
			out = append(out, entry{v.Name, v.Doc, v.Citation, nil, nil})
		}
	case "metrics":
		for _, m := range metrics.Measures.All() {
			out = append(out, entry{m.Name, m.Doc, m.Citation, factsOf(m), nil})
		}
	case "evaluations":
		names, docs := evaluate.List()
		for i, name := range names {
			out = append(out, entry{Name: name, Doc: docs[i]})
		}
	case "presets":
		for _, name := range presets() {
			out = append(out, entry{Name: name, Doc: question(name)})
		}
	}
	return out
}

func usesOf(d adapt.AdapterInfo) []string {
	facts := []string{"transductive and inductive", "with any classifier"}
	if d.Transductive {
		facts[0] = "transductive"
	}
	if d.Own {
		facts[1] = "its own classifier"
	}
	return facts
}

func optionsOf(options []option.Option) []optionEntry {
	var out []optionEntry
	for _, o := range options {
		out = append(out, optionEntry{o.Name, o.Doc, o.Default, o.Expected()})
	}
	return out
}

func factsOf(m metrics.Descriptor) []string {
	out := []string{m.Kind.String(), "unit " + m.Unit, fmt.Sprintf("from %g to %g", m.Range[0], m.Range[1]), m.Better.String()}
	if len(m.Invariant) > 0 {
		out = append(out, "invariant to "+strings.Join(m.Invariant, ", "))
	}
	return append(out, m.Cost)
}

// question is the first line of a preset's opening comment.
func question(preset string) string {
	text, _ := configs.Files.ReadFile(preset + ".yaml") // named by presets: it is there
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(line, "#")), "Question:"))
}

func (a *app) printEntries(entries []entry) error {
	for _, e := range entries {
		text := fmt.Sprintf("%s\n    %s\n", e.Name, e.Doc)
		if len(e.Facts) > 0 {
			text += "    " + strings.Join(e.Facts, ", ") + "\n"
		}
		if e.Citation != "" {
			text += "    " + e.Citation + "\n"
		}
		if _, err := fmt.Fprint(a.out, text); err != nil {
			return fmt.Errorf("stdout: %w", err)
		}
		rows := [][]string{}
		for _, o := range e.Options {
			initial := "required"
			if o.Default != nil {
				initial = value(o.Default)
			}
			rows = append(rows, []string{"      " + o.Name, initial, o.Want, o.Doc})
		}
		if err := a.printRows(rows); err != nil {
			return err
		}
	}
	return nil
}
