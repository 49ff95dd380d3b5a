package reports

// judgedScores are those of systems by judges, for domains chosen by attributes.
var judgedScores = []SystemScore{
	{"as wanted", true, "share of translations in which a judge sees what the guide's domain has of its own and not what the content's has, mean of a->b and b->a", judged(func(f Face) *Estimate { return f.Wanted }), unguidedFaces},
	{"guide rank", true, "share of other guides that a judge finds less like the translation than its own, mean of both directions, 0.5 by chance", judged(func(f Face) *Estimate { return f.Guide }), unguidedFaces},
	{"content cosine", true, "of the content judge's embedding with the content's, mean of both directions", judged(func(f Face) *Estimate { return f.Content }), nil},
	{"Frechet", false, "judge-FID: distance of translations to real images of the kind in the attribute judge's embedding, mean of both directions", judged(func(f Face) *Estimate { return f.Frechet }), nil},
	{"KID", false, "judge-KID: the same by kernels", judged(func(f Face) *Estimate { return f.KID }), nil},
}

// face is how a run's own translations of a direction were judged; nil where they were not.
func (r Results) face(direction string) *Face {
	if r.Faces == nil {
		return nil
	}
	for i, f := range r.Faces.Rows {
		if f.System == r.Method && f.Direction == direction {
			return &r.Faces.Rows[i]
		}
	}
	return nil
}

// judged is a mean over both directions of what judges say of a run's own translations.
func judged(of func(Face) *Estimate) func(Results) (float64, string) {
	return func(r Results) (mean float64, why string) {
		for _, d := range directions {
			f := r.face(d)
			if f == nil {
				return 0, whyNot(r, "judging", "judging "+d)
			}
			e := of(*f)
			if e == nil {
				return 0, "the judges do not say"
			}
			mean += e.Value / float64(len(directions))
		}
		return mean, ""
	}
}

func unguidedFaces(r Results) string {
	return withoutGuide(func(d string) bool { f := r.face(d); return f != nil && f.Unguided })
}
