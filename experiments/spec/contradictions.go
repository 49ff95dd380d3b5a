package spec

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/attributes"
	"github.com/venn-adapt/venn/models"
)

// contradictions finds what no single bound can see.
func (d *decoder) contradictions(s *Spec, top Position) {
	at := func(path string) Position {
		if p, ok := d.positions[path]; ok {
			return p
		}
		return top
	}
	if s.Features != nil {
		return
	}
	d.contradictionsOfSearch(s, at)
	if s.Image.Channels == 2 {
		d.fault(at("image.channels"), "image.channels", "2, want 1 or 3")
	}
	if s.Domains[0].Labelled && s.Domains[1].Labelled {
		d.fault(at("domains.b.labelled"), "domains.b.labelled", "both domains are labelled, want one at most: the source")
	}
	for i := range s.Domains {
		d.contradictionsOf(s, domains.Side(i), at)
	}
	if a, b := s.Domains[0], s.Domains[1]; a.Dataset == b.Dataset {
		if dataset, err := domains.Datasets.Get(a.Dataset); err == nil && dataset.CheckPair != nil {
			for _, problem := range dataset.CheckPair(a.Options, b.Options) {
				path := "domains.b." + problem.Option
				d.fault(at(path), path, problem.Problem)
			}
		}
	}
	for i, text := range s.Translate.Judge.Own {
		if text == "" {
			continue
		}
		path := "translate.judge." + domains.Side(i).String()
		if err := attributes.CheckCondition(text); err != nil {
			d.fault(at(path), path, fmt.Sprintf("%.100q: %v", text, err))
		}
	}
	method, err := models.Methods.Get(s.Model.Method)
	if err != nil {
		return
	}
	if method.NeedsLabels(s.Model.Options) && !s.HasSource() {
		const without = "learns from the labels of the source, and no domain is labelled; say labelled: true of one"
		if method.Needs.Labels {
			d.fault(at("model.method"), "model.method", method.Name+" "+without)
		} else {
			path := "model." + method.Needs.LabelsBy
			d.fault(at(path), path, fmt.Sprintf("%v, by which %s %s", s.Model.Options.Float(method.Needs.LabelsBy), method.Name, without))
		}
	}
	if method.Needs.Attributes {
		d.contradictionsOfGrants(s, method.Name, at)
	}
	if method.Check == nil {
		return
	}
	for _, problem := range method.Check(s.Config(0)) {
		d.fault(at(problem.Option), problem.Option, problem.Problem)
	}
}

// contradictionsOf finds those of one domain: of its own options, a source that will have
// no labels, and fewer images than a batch takes.
func (d *decoder) contradictionsOf(s *Spec, side domains.Side, at func(string) Position) {
	domain, here := s.Domains[side], "domains."+side.String()
	dataset, err := domains.Datasets.Get(domain.Dataset)
	if err != nil {
		return
	}
	if dataset.Check != nil {
		for _, problem := range dataset.Check(domain.Options) {
			d.fault(at(here+"."+problem.Option), here+"."+problem.Option, problem.Problem)
		}
	}
	if label := dataset.LabelOption; label != "" && domain.Labelled && domain.Options.String(label) == "" {
		where := here + ".labelled"
		if _, given := d.positions[where]; !given { // true by default
			where = here + ".dataset"
		}
		d.fault(at(where), here+".labelled", fmt.Sprintf("true, but without `%s` %s has no labels; give it, or say labelled: false and train without adaptation", label, domain.Dataset))
	}
	images, path := domain.Limit, here+".limit"
	if dataset.Images != nil {
		if n := dataset.Images(domain.Options); images == 0 || n < images {
			images, path = n, here
		}
	}
	if batch := s.Model.Options.Int("train.batch"); images > 0 && batch > images {
		d.fault(at("model.train.batch"), "model.train.batch", fmt.Sprintf("%d, but %s gives %d training images; want a batch of at most as many", batch, path, images))
	}
}

// contradictionsOfGrants finds attributes that a method may not see, or cannot.
func (d *decoder) contradictionsOfGrants(s *Spec, method string, at func(string) Position) {
	const path = "model.attributes"
	columns := s.Model.Options.Names("attributes")
	if len(columns) == 0 {
		d.fault(at("model.method"), path, fmt.Sprintf("empty, but %s learns from attributes; name columns of the domains' tables", method))
	}
	for side, domain := range s.Domains {
		here := "domains." + domains.Side(side).String()
		dataset, err := domains.Datasets.Get(domain.Dataset)
		if err != nil {
			continue
		}
		if dataset.Grant == nil {
			d.fault(at(here+".dataset"), here+".dataset", fmt.Sprintf("%s lists no attributes, from which %s learns; take a dataset with a table of them", domain.Dataset, method))
			continue
		}
		for _, column := range columns {
			if err := dataset.Grant(domain.Options, column); err != nil {
				d.fault(at(path), path, fmt.Sprintf("of domain %s: %v", domains.Side(side), err))
			}
		}
	}
}
