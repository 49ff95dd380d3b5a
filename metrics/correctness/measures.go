package correctness

import "github.com/venn-adapt/venn/metrics"

func init() {
	for _, m := range []struct {
		name   string
		doc    string
		better metrics.Direction
	}{
		{Content, "share of translations that keep a shared factor in which content and guide differ, mean over factors", metrics.HigherIsBetter},
		{Manipulation, "share of translations that take over the guide's own factor where the content's differs, mean over factors and directions", metrics.HigherIsBetter},
		{Translation, "share of translations that bring the content's own factor to its constant in the guide's domain, mean over factors and directions", metrics.HigherIsBetter},
		{Bias, "share of translations that change a factor in which content and guide agree, mean over factors", metrics.LowerIsBetter},
		{D, "mean of content preservation and manipulation", metrics.HigherIsBetter},
	} {
		metrics.Measures.Add("correctness-"+m.name, metrics.Descriptor{
			Name: "correctness-" + m.name, Kind: metrics.Correctness, Doc: m.doc, Unit: "1", Range: [2]float64{0, 1}, Better: m.better,
			Invariant: []string{"row order"}, MinRows: 1, Cost: "O(n k) for n pairs and k factors, and O(n k) a resample",
			Citation: `D. Bashkirova, B. Usman, K. Saenko, "Evaluation of Correctness in Unsupervised Many-to-Many Image Translation", WACV 2022, arXiv 2103.15727`,
		})
	}
}
