package experiments

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/stream"
)

// A direction of translation as the paper has it: where the content is from, and whether
// hat and scarf should be there.
var knownDirections = []struct {
	name    string
	content int
	hat     bool
	scarf   bool
}{{"a->b", 0, false, true}, {"b->a", 1, true, false}, {"removal-a", 0, false, false}, {"removal-b", 1, false, false}, {"union", 0, true, true}}

// wantedRow says which test image hat or scarf comes from: the content's own domain gives
// its own, the other the guide's, -1 none.
func wantedRow(has bool, side, content, c, g int) int {
	switch {
	case !has:
		return -1
	case side == content:
		return c
	}
	return g
}

// Scores of translations that follow at a known contrast, pair by pair in plain loops.
func TestKnownTranslations(t *testing.T) {
	for _, follow := range []float64{1, 0.4} {
		run := runKnown(t, fmt.Sprint("model.follow=", follow), "metrics.independence.rows=40") // few rows for the matrix of leakage, which is not looked at
		if len(run.Translation) != len(knownDirections) {
			t.Fatalf("%d directions, want %d", len(run.Translation), len(knownDirections))
		}
		for d, dir := range knownDirections {
			got := run.Translation[d]
			equal(t, "direction", got.Direction, dir.name)
			equal(t, dir.name+" pairs", got.Pairs, 40)
			r := stream.New(0, "translate", dir.name)
			contents, guides := knownSizes[dir.content][testSplit], knownSizes[1-dir.content][testSplit]
			var pairs [][2]int
			for range 40 {
				c := r.IntN(contents)
				pairs = append(pairs, [2]int{c, r.IntN(guides)})
			}
			var l1, leave, nearer, comparisons float64
			for _, p := range pairs {
				content := newKnownImage(dir.content, testSplit, p[0]).pixels()
				render := func(g int) []float32 {
					return drawn(content, wantedRow(dir.hat, 0, dir.content, p[0], g), wantedRow(dir.scarf, 1, dir.content, p[0], g))
				}
				want := render(p[1])
				output := append([]float32{}, want...)
				for j := 10; j < 16; j++ {
					output[j] *= float32(follow)
				}
				over := func(x, y []float32, where func(j int) bool) float64 {
					s, n := 0.0, 0.0
					for j := range x {
						if where(j) {
							s, n = s+math.Abs(float64(x[j])-float64(y[j])), n+1
						}
					}
					return s / math.Max(n, 1)
				}
				changes := func(j int) bool { return !(math.Abs(float64(want[j])-float64(content[j])) <= 0.02) }
				l1 += over(output, want, changes) / 40
				leave += over(content, want, changes) / 40
				for range 5 {
					other := render(r.IntN(guides))
					differs := func(j int) bool { return !(math.Abs(float64(want[j])-float64(other[j])) <= 0.02) }
					if dir.name == "removal-a" || dir.name == "removal-b" || over(want, other, differs) == 0 {
						continue
					}
					comparisons++
					if over(output, want, differs) < over(output, other, differs) {
						nearer++
					}
				}
			}
			closeTo(t, dir.name+" L1", got.L1, l1, 1e-6)
			closeTo(t, dir.name+" of leaving as is", got.Ratio, l1/leave, 1e-6)
			switch {
			case comparisons == 0 && got.Guide != nil:
				t.Errorf("%s has a guide", dir.name)
			case comparisons > 0 && got.Guide == nil:
				t.Errorf("%s has no guide", dir.name)
			case comparisons > 0:
				closeTo(t, dir.name+" guide", *got.Guide, nearer/comparisons, 1e-12)
			}
			if follow == 1 {
				closeTo(t, dir.name+" of a faultless model", got.Ratio, 0, 1e-6)
				if got.Guide != nil {
					closeTo(t, dir.name+" guide of a faultless model", *got.Guide, 1, 0)
				}
			}
		}
	}
}

// knownPicks are the images that the grids show under seed 3: neighbours in them differ in
// hats, scarves and lengths, so that no exchange goes unseen.
func knownPicks(side, k int) []int {
	return stream.Permutation(stream.New(3, "grid", []string{"a", "b"}[side]), knownSizes[side][testSplit])[:k]
}

// Each tile of each grid: a content a column, a guide a row, what follows from the two
// where they meet; and the interpolations.
func TestKnownGrids(t *testing.T) {
	for _, size := range [][2]int{{3, 3}, {5, 4}, {2, 2}} {
		knownGrids(t, size[0], size[1])
	}
}

func knownGrids(t *testing.T, k, steps int) {
	run := runUndrawn(t, fmt.Sprint("translate.grid=", k), fmt.Sprint("translate.steps=", steps), "seeds=[3]")
	picks := [2][]int{knownPicks(0, k), knownPicks(1, k)}
	most := min(k, 4) // contents of an interpolation
	image := func(side, i int) []float32 { return newKnownImage(side, testSplit, i).pixels() }
	white := make([]float32, knownPixels)
	for i := range white {
		white[i] = 1
	}
	want := map[string][][][]float32{}
	for _, dir := range knownDirections[:2] {
		name := "translate-" + dir.name[:1] + "-" + dir.name[3:]
		first := [][]float32{white}
		for _, c := range picks[dir.content] {
			first = append(first, image(dir.content, c))
		}
		rows := [][][]float32{first}
		for _, g := range picks[1-dir.content] {
			row := [][]float32{image(1-dir.content, g)}
			for _, c := range picks[dir.content] {
				row = append(row, drawn(image(dir.content, c), wantedRow(dir.hat, 0, dir.content, c, g), wantedRow(dir.scarf, 1, dir.content, c, g)))
			}
			rows = append(rows, row)
		}
		want[name] = rows
	}
	for side, name := range []string{"parts-a", "parts-b"} {
		var inputs, intersections, unions, guides [][]float32
		for j, c := range picks[side] {
			g := picks[1-side][j]
			rows := [2]int{c, g}
			if side == 1 {
				rows = [2]int{g, c}
			}
			inputs, guides = append(inputs, image(side, c)), append(guides, image(1-side, g))
			intersections, unions = append(intersections, drawn(image(side, c), -1, -1)), append(unions, drawn(image(side, c), rows[0], rows[1]))
		}
		want[name] = [][][]float32{inputs, inputs, intersections, unions, guides}
	}
	between := func(x, y []float32, f float32) []float32 {
		out := make([]float32, len(x))
		for i := range out {
			out[i] = x[i] + f*(y[i]-x[i])
		}
		return out
	}
	a0, a1, b0, b1 := picks[0][0], picks[0][1], picks[1][0], picks[1][1]
	var separate, common, plane [][][]float32
	row := func(x, y []float32) (out [][]float32) {
		for j := range steps {
			out = append(out, between(x, y, float32(j)/float32(steps-1)))
		}
		return out
	}
	for _, c := range picks[1][:most] {
		separate = append(separate, row(drawn(image(1, c), a0, -1), drawn(image(1, c), a1, -1)))
	}
	for _, c := range picks[0][:most] {
		separate = append(separate, row(drawn(image(0, c), -1, b0), drawn(image(0, c), -1, b1)))
	}
	for j, c := range picks[1][:most] {
		common = append(common, row(drawn(image(1, c), -1, b0), drawn(image(1, picks[1][(j+1)%k]), -1, b0)))
	}
	left := row(drawn(image(1, b0), a0, b0), drawn(image(1, b0), a1, b0))
	right := row(drawn(image(1, b0), a0, b1), drawn(image(1, b0), a1, b1))
	for i := range steps {
		plane = append(plane, row(left[i], right[i]))
	}
	want["interpolate-separate"], want["interpolate-common"], want["interpolate-plane"] = separate, common, plane
	for side, name := range []string{"neighbours-a", "neighbours-b"} {
		var rows [][][]float32
		own := func(k knownImage) []float64 {
			_, a, b, _ := k.codes("oracle")
			return [2][]float64{a, b}[side]
		}
		for _, q := range picks[side] {
			r := [][]float32{image(side, q)}
			used := map[int]bool{}
			for range k {
				best, at := math.Inf(1), -1
				for _, k := range knownSet(side, trainSplit) {
					if d := squared(own(newKnownImage(side, testSplit, q)), own(k)); d < best && !used[k.i] {
						best, at = d, k.i
					}
				}
				used[at] = true
				r = append(r, newKnownImage(side, trainSplit, at).pixels())
			}
			rows = append(rows, r)
		}
		want[name] = rows
	}
	numbers := func(format string, n int, value func(i int) any) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, value(i)))
		}
		return strings.Join(out, " ")
	}
	count := func(i int) any { return i + 1 }
	share := func(i int) any { return float64(i) / float64(steps-1) }
	labels := map[string][2]string{
		"translate-a-b": {"[]", "[]"}, "translate-b-a": {"[]", "[]"},
		"parts-a":              {"[input reconstruction intersection union guide of union]", "[]"},
		"parts-b":              {"[input reconstruction intersection union guide of union]", "[]"},
		"interpolate-separate": {"[" + numbers("b %d", most, count) + " " + numbers("a %d", most, count) + "]", "[" + numbers("%.2f", steps, share) + "]"},
		"interpolate-common":   {"[" + numbers("b %d", most, count) + "]", "[" + numbers("%.2f", steps, share) + "]"},
		"interpolate-plane":    {"[" + numbers("a %.2f", steps, share) + "]", "[" + numbers("b %.2f", steps, share) + "]"},
		"neighbours-a":         {"[]", "[query " + numbers("%d", k, count) + "]"}, "neighbours-b": {"[]", "[query " + numbers("%d", k, count) + "]"},
	}
	titles := map[string]string{
		"translate-a-b": "Guided translation a to b: First row: held-out images of a (contents). First column: held-out images of b (guides). Each other image keeps its content's common part, drops what only a has and takes what only b has from its guide.",
		"translate-b-a": "Guided translation b to a: First row: held-out images of b (contents). First column: held-out images of a (guides). Each other image keeps its content's common part, drops what only b has and takes what only a has from its guide.",
		"parts-a":       "Intersection and union from a: Held-out images of a,", "parts-b": "Intersection and union from b: Held-out images of b,",
		"neighbours-a": "Nearest separate codes of a: First column: held-out images of a. Beside each, the training images of a whose separate codes of a are nearest",
		"neighbours-b": "Nearest separate codes of b: First column: held-out images of b. Beside each, the training images of b whose separate codes of b are nearest",
	}
	if n := len(run.Grids) - 2; n != len(want) { // TestKnownStrip knows the two strips
		t.Errorf("%d grids beside strips, want %d", n, len(want))
	}
	for _, g := range run.Grids[:len(run.Grids)-2] {
		rows := want[g.Name]
		if rows == nil {
			t.Errorf("grid %s", g.Name)
			continue
		}
		equal(t, g.Name+" labels", [2]string{fmt.Sprint(g.RowLabels), fmt.Sprint(g.ColumnLabels)}, labels[g.Name])
		if said := g.Title + ": " + g.Caption; !strings.HasPrefix(said, titles[g.Name]) {
			t.Errorf("%s says %s", g.Name, said)
		}
		equal(t, g.Name+" header", g.Header, g.Name == "translate-a-b" || g.Name == "translate-b-a")
		shape, data, err := npy.Read(filepath.Join(run.dir, g.File))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, g.Name+" shape", fmt.Sprint(shape, g.Rows, g.Columns), fmt.Sprint([]int{len(rows), len(rows[0]), 1, 8, 8}, len(rows), len(rows[0])))
		for i := range rows {
			for j := range rows[i] {
				tile := data[(i*len(rows[i])+j)*knownPixels:][:knownPixels]
				for p := range tile {
					if !(math.Abs(float64(tile[p]-rows[i][j][p])) <= 1e-5) {
						t.Errorf("%s: row %d, column %d: pixel %d is %v, want %v", g.Name, i, j, p, tile[p], rows[i][j][p])
						break
					}
				}
			}
		}
	}
}

// One image a side cannot be interpolated between, and is shown all the same.
func TestKnownGridOfOne(t *testing.T) {
	var names []string
	for _, g := range runUndrawn(t, "translate.grid=1").Grids {
		names = append(names, g.Name)
	}
	equal(t, "grids", names, "[translate-a-b translate-b-a parts-a parts-b neighbours-a neighbours-b strip-a-b strip-b-a]")
}

// Without pairs nothing is scored; where no pixel should change that is said.
func TestKnownUnscored(t *testing.T) {
	if run := runKnown(t, "translate.pairs=0"); run.Translation != nil {
		t.Errorf("no pairs, yet %v", run.Translation)
	}
	run := runKnown(t, "domains.a.own=false", "domains.b.own=false")
	if len(run.Translation) != 0 {
		t.Errorf("nothing should change, yet %v", run.Translation)
	}
	for _, d := range knownDirections {
		if want := "translation " + d.name + ": in none of 40 pairs a pixel should change: not scored"; !slices.Contains(run.Warnings, want) {
			t.Errorf("no warning %q in %q", want, run.Warnings)
		}
	}
}
