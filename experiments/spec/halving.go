package spec

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/models"
)

// contradictionsOfSearch finds a validator that scores nothing.
func (d *decoder) contradictionsOfSearch(s *Spec, at func(string) Position) {
	if s.Search == nil {
		return
	}
	if !contains(s.Adapt.Validators, s.Search.By) {
		d.fault(at("search.by"), "search.by", fmt.Sprintf("%s is not among adapt.validators, which score the trials; list it there", s.Search.By))
	}
	if s.Adapt.Along == 0 {
		d.fault(at("search.by"), "adapt.along", "0, but a search chooses by scores that validators give along the training, the last step included; want the steps between them")
	}
	if s.Search.First == 0 {
		return
	}
	const path = "search.halving.first"
	if s.Adapt.Along > 0 && s.Search.First%s.Adapt.Along != 0 {
		d.fault(at("search.first"), path, fmt.Sprintf("%d, where nothing is scored; want a multiple of adapt.along, %d", s.Search.First, s.Adapt.Along))
	}
	if method, err := models.Methods.Get(s.Model.Method); err == nil {
		if steps := models.Steps(method.PhasesOf(s.Config(0))); s.Search.First >= steps {
			d.fault(at("search.first"), path, fmt.Sprintf("%d, but %s is trained for %d steps; want fewer", s.Search.First, method.Name, steps))
		}
	}
}

// Rungs are the steps at which the job is scored against its rivals and stopped or not, in their
// order, before its last; none where it is no trial of a search with successive halving.
func (s *Spec) Rungs(steps int) (rungs []int) {
	if s.Search == nil || s.Search.First == 0 {
		return nil
	}
	for step := s.Search.First; step < steps; step *= s.Search.Eta {
		rungs = append(rungs, step)
	}
	return rungs
}

// setRivals tells the trials of a search with rungs of each other.
func setRivals(jobs []Job) {
	type group struct {
		of   string
		seed uint64
	}
	rivals := map[group][]string{}
	for _, j := range jobs {
		if s := j.Spec.Search; s != nil {
			rivals[group{s.Of, j.Seed}] = append(rivals[group{s.Of, j.Seed}], j.ID)
		}
	}
	for i := range jobs {
		spec := &jobs[i].Spec
		if spec.Search == nil || spec.Search.First == 0 || len(spec.Search.Rivals) > 0 { // a trial's own spec knows
			continue
		}
		search := *spec.Search
		search.Rivals = rivals[group{search.Of, jobs[i].Seed}]
		spec.Search, spec.Parameters = &search, slices.Clone(spec.Parameters)
		for k, p := range spec.Parameters {
			if p.Path == "search.rivals" {
				spec.Parameters[k].Value = search.Rivals
			}
		}
	}
}
