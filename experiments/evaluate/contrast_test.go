package evaluate

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// contrasted is what is found where b has three subtypes of which the separate code is one hot, at a
// distance from a's zeros, and the common code is noise; where told is false the codes change places.
// Domain a knows nothing of its images.
func contrasted(t *testing.T, told bool, n int, levels func(i int) int) *Subject {
	t.Helper()
	w, _ := bareJob()
	factors := &domains.Factors{Names: []string{"size", "kind"}, Categories: [][]string{nil, {"x", "y", "z"}}}
	w.Domains = [2]*domains.Domain{{}, {Test: domains.Split{Factors: factors}}}
	var c Codes
	for side := range c {
		r := stream.New(7, "contrast", side)
		noise, hot := models.NewBlock(models.Common, n, 3, 3), models.NewBlock(models.SeparateB, n, 3, 3)
		for i := range n {
			if side == 1 {
				factors.Values = append(factors.Values, []float64{0, float64(levels(i))})
				hot.Row(i)[levels(i)] = 1
			}
			for j := range 3 {
				noise.Row(i)[j] = float32(r.NormFloat64())
			}
		}
		if !told {
			noise.Role, hot.Role = hot.Role, noise.Role
		}
		c[side][testSplit] = models.Codes{noise, hot, models.NewBlock(models.SeparateA, n, 1, 1)}
	}
	if reason := wants(wantsParts, wantsSubtypes, wantsContrastRows)(w, &c); reason != "" {
		t.Fatal(reason)
	}
	if err := w.contrast(&c); err != nil {
		t.Fatal(err)
	}
	return w
}

// The code that is one hot of the subtype tells it without a fault, in clusters too, and the domains;
// noise tells nothing: its scores are near chance, and the intervals hold it.
func TestContrast(t *testing.T) {
	for _, told := range []bool{true, false} {
		found := contrasted(t, told, 200, func(i int) int { return i % 5 % 3 }).Results.Contrast
		if len(found) != 2 || found[0].Code != reports.ContrastSeparate || found[1].Code != reports.ContrastCommon {
			t.Fatalf("%+v", found)
		}
		hot, noise := found[0], found[1]
		if !told {
			hot, noise = noise, hot
		}
		for _, c := range found {
			equal(t, "of", fmt.Sprint(c.Domain, c.Subtype, c.Levels, c.Probe.N, c.Accuracy.N), "bkind3 200 200")
			closeTo(t, "largest", c.Largest, 0.4, 1e-12) // 0 1 2 0 1
		}
		for name, v := range map[string]float64{"probe": hot.Probe.Value, "low": hot.Probe.Interval[0], "high": hot.Probe.Interval[1], "accuracy": hot.Accuracy.Value, "AUC": hot.AUC, "ARI": hot.ARI, "NMI": hot.NMI, "silhouette": hot.Silhouette} {
			closeTo(t, name+" of one hot", v, 1, 1e-12)
		}
		closeTo(t, "lower end of the accuracy, Wilson's", hot.Accuracy.Interval[0], 200/(200+1.959964*1.959964), 1e-6)
		for name, v := range map[string]float64{"probe": noise.Probe.Value, "AUC": noise.AUC - 0.5, "ARI": noise.ARI, "NMI": noise.NMI, "silhouette": noise.Silhouette} {
			if !(math.Abs(v) <= 0.1) {
				t.Errorf("%s of noise: %v from chance", name, v)
			}
		}
		if i := noise.Probe.Interval; !(i[0] <= 0 && i[1] >= 0 && i[1]-i[0] < 0.4) {
			t.Errorf("interval of noise: %v", i)
		}
	}
}

// Equal codes tell nothing: the probe guesses the largest subtype, the AUC is one half.
func TestContrastOfEqualCodes(t *testing.T) {
	w, _ := bareJob()
	factors := &domains.Factors{Names: []string{"kind"}, Categories: [][]string{{"x", "y"}}}
	w.Domains = [2]*domains.Domain{{Test: domains.Split{Factors: factors}}, {}}
	var c Codes
	for side := range c {
		c[side][testSplit] = models.Codes{models.NewBlock(models.Common, 50, 2, 2), models.NewBlock(models.SeparateA, 50, 2, 2), models.NewBlock(models.SeparateB, 50, 2, 2)}
	}
	for i := range 50 {
		factors.Values = append(factors.Values, []float64{map[bool]float64{true: 1}[i%5 == 0]})
	}
	if err := w.contrast(&c); err != nil || len(w.Results.Contrast) != 2 {
		t.Fatal(err, w.Results.Contrast)
	}
	for _, r := range w.Results.Contrast {
		for k, v := range []float64{r.Probe.Value, r.Accuracy.Value - 0.8, r.Largest - 0.8, r.AUC - 0.5, r.ARI, r.NMI, r.Silhouette} {
			closeTo(t, fmt.Sprint(r.Domain, " ", r.Code, " ", k), v, 0, 1e-12)
		}
	}
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	w.Context, w.Results.Contrast = ctx, nil
	if err := w.contrast(&c); err != context.Canceled || len(w.Results.Contrast) != 1 {
		t.Errorf("interrupted: %v after %d codes", err, len(w.Results.Contrast))
	}
}

// Levels of fewer than five images are left out, and a person is told; where two do not stay, or 40
// images, nothing is said of the subtype.
func TestContrastLeavesOut(t *testing.T) {
	w := contrasted(t, true, 60, func(i int) int {
		if i < 4 {
			return 2
		}
		return i % 2
	})
	equal(t, "levels and images", fmt.Sprint(w.Results.Contrast[0].Levels, w.Results.Contrast[1].Probe.N), "2 56")
	equal(t, "warnings", strings.Join(w.Results.Warnings, "\n"), "contrast: kind: 4 held-out images of domain b left out, of levels that have fewer than 5")
	w = contrasted(t, true, 60, func(i int) int { return map[bool]int{true: 1}[i < 4] })
	equal(t, "of one level", fmt.Sprint(len(w.Results.Contrast), w.Results.Skipped), "0 [{contrast of kind 56 held-out images of domain b in 1 levels that have 5, want 40 in two}]")
}

// Subtypes are categories that the other domain does not have; without any, or of few images, the
// evaluation does not apply. At most 1000 images are looked at.
func TestContrastWants(t *testing.T) {
	w, _ := bareJob()
	table := func(names ...string) *domains.Factors {
		return &domains.Factors{Names: names, Categories: [][]string{{"x", "y"}, nil, {"p", "q"}}}
	}
	for _, tt := range []struct {
		a, b *domains.Factors
		want string
	}{
		{nil, nil, "[] []"},
		{nil, table("hue", "size", "kind"), "[] [0 2]"},
		{table("hue", "length", "shape"), table("hue", "size", "kind"), "[2] [2]"},
		{table("hue", "size", "kind"), table("hue", "size", "kind"), "[] []"},
	} {
		w.Domains = [2]*domains.Domain{{Test: domains.Split{Factors: tt.a}}, {Test: domains.Split{Factors: tt.b}}}
		equal(t, "subtypes", fmt.Sprint(w.subtypes(0), w.subtypes(1)), tt.want)
		reason := "no domain has known subtypes: categories of its own"
		if strings.ContainsAny(tt.want, "02") {
			reason = ""
		}
		equal(t, "reason", wantsSubtypes(w, nil), reason)
	}
	of := func(n int) models.Codes { return models.Codes{models.NewBlock(models.Common, n, 1, 1)} }
	equal(t, "few of b", wantsContrastRows(w, &Codes{{nil, of(40)}, {nil, of(39)}}), "39 held-out images of domain b, want 40")
	equal(t, "enough", wantsContrastRows(w, &Codes{{nil, of(40)}, {nil, of(40)}}), "")
	many := contrasted(t, true, 1001, func(i int) int { return i % 3 })
	equal(t, "images", many.Results.Contrast[0].Probe.N, 1000)
}
