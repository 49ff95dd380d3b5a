package experiments

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/models"
)

// Five classes are named, of six the sixth is counted.
func TestBrief(t *testing.T) {
	equal(t, "five", brief([]string{"a", "b", "c", "d", "e"}), "a, b, c, d, e")
	equal(t, "six", brief([]string{"a", "b", "c", "d", "e", "f"}), "a, b, c, d, e and 1 more")
}

// The second block stands right of the first, row by row; a mixture is row by row and place
// by place.
func TestBesideAndMix(t *testing.T) {
	x := &models.Block{Role: models.SeparateA, N: 2, D: 2, Channels: 1, Data: []float32{1, 2, 3, 4}}
	y := &models.Block{N: 2, D: 1, Channels: 1, Data: []float32{5, 6}}
	equal(t, "beside", *beside(x, y), "{ 2 3 2 [1 2 5 3 4 6]}")
	z := &models.Block{N: 2, D: 2, Channels: 1, Data: []float32{5, 6, 7, 0}}
	equal(t, "mix", *mix(x, z, 0.25), "{separate-a 2 2 1 [2 3 4 3]}")
}

func TestTurnedAndDistinct(t *testing.T) {
	closeTo(t, "turned", turned([]float32{0.9, 0.5, 0.2, 0.6}, []float32{0.6, 0.51, 0.1, 0.4}), 0.5, 0)
	equal(t, "distinct", distinct([]int{3, 1, 3, 3, 2}), 3)
}

// A pixel differs by more than the bound, in either direction; the L1 is over the mask.
func TestDifferent(t *testing.T) {
	equal(t, "different", different([]float32{0, 0, 0.5, 0.5}, []float32{0.25, 0.5, 0, 0.25}, 0.25), "[false true true false]")
	closeTo(t, "masked", maskedL1([]float32{0, 1, 5}, []float32{0.5, 0, 0}, []bool{true, true, false}), 0.75, 0)
	closeTo(t, "nothing", maskedL1([]float32{1}, []float32{0}, []bool{false}), 0, 0)
}

func weightOfOne() *models.Parameters {
	ps := models.NewParameters()
	ps.Add("trained", false, 1)
	return ps
}

// Reports get the texts of the run directory each in its place.
func TestCollectedTexts(t *testing.T) {
	run := runUndrawn(t).runs[0]
	for name, got := range map[string]string{"resolved.yaml": run.Spec, "env.json": run.Environment, "data.lock.json": run.Lock} {
		want, err := os.ReadFile(filepath.Join(run.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) || got == "" {
			t.Errorf("%s is %.40q", name, got)
		}
	}
}
