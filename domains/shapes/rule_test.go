package shapes

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

// The rooms of a domain are those of the published images: size 5 and orientation 0 in A, floor
// hue 0 and wall hue 7 in B, every combination of the rest once, but for those that the other
// domain has too. The file of their attributes (shapes_original_attributes.txt) has 3960 and
// 4760 lines, in A 360 of floor hue 0 and of wall hue 7, in B 280 of orientation 0.
func TestDomainRule(t *testing.T) {
	in := map[room]int{}
	for side, tt := range map[domains.Side]struct {
		rooms int
		fixed map[int]int
		fewer map[int]int // the level of a factor that 40 rooms less have
		each  map[int]int // rooms of each other level
	}{
		domains.A: {3960, map[int]int{size: 5, orientation: 0}, map[int]int{floorHue: 0, wallHue: 7}, map[int]int{floorHue: 400, wallHue: 400, objectHue: 396, shape: 990}},
		domains.B: {4760, map[int]int{floorHue: 0, wallHue: 7}, map[int]int{size: 5, orientation: 0}, map[int]int{size: 600, orientation: 320, objectHue: 476, shape: 1190}},
	} {
		all := roomsOf(side)
		counts := [factors]map[int]int{}
		for f := range counts {
			counts[f] = map[int]int{}
		}
		for _, r := range all {
			in[r]++
			for f, level := range r {
				counts[f][level]++
			}
		}
		if len(all) != tt.rooms {
			t.Errorf("%s: %d rooms, want %d", side, len(all), tt.rooms)
		}
		for f, got := range counts {
			want := map[int]int{}
			if level, ok := tt.fixed[f]; ok {
				want[level] = tt.rooms
			} else {
				for level := range []int{10, 10, 10, 8, 4, 15}[f] {
					want[level] = tt.each[f]
				}
				if level, ok := tt.fewer[f]; ok {
					want[level] -= 40
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s: %s", side, factorNames[f], diff)
			}
		}
	}
	if len(in) != 3960+4760 {
		t.Errorf("%d different rooms of both domains, want %d", len(in), 3960+4760)
	}
}

// What levels are called: sizes and degrees are those of the labels of 3D Shapes.
func TestLevels(t *testing.T) {
	if diff := cmp.Diff([]string{"0.750", "0.821", "0.893", "0.964", "1.036", "1.107", "1.179", "1.250"}, levels[size]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"-30.0", "-25.7", "-21.4", "-17.1", "-12.9", "-8.6", "-4.3", "0.0", "4.3", "8.6", "12.9", "17.1", "21.4", "25.7", "30.0"}, levels[orientation]); diff != "" {
		t.Error(diff)
	}
}

func requested(side domains.Side, seed uint64, limit, train, test, dataSeed int) domains.Request {
	return domains.Request{Side: side, Seed: seed, Limit: limit, Options: option.Values{"train": train, "test": test, "data_seed": dataSeed}}
}

func mustSplit(t *testing.T, r domains.Request) (train, test []room) {
	t.Helper()
	train, test, err := split("shapes", r)
	if err != nil {
		t.Fatal(err)
	}
	return train, test
}

// No room comes twice, in a split or in both, up to all rooms of A; longer splits begin with
// shorter ones; the data seed decides, and the seed of a job only what a limit takes.
func TestSplit(t *testing.T) {
	for _, side := range []domains.Side{domains.A, domains.B} {
		train, test := mustSplit(t, requested(side, 0, 0, 3000, 960, 0))
		all := map[room]bool{}
		for _, r := range slices.Concat(train, test) {
			all[r] = true
		}
		if len(train) != 3000 || len(test) != 960 || len(all) != 3960 {
			t.Errorf("%s: %d training and %d test images of %d rooms", side, len(train), len(test), len(all))
		}
		shortTrain, shortTest := mustSplit(t, requested(side, 9, 0, 70, 20, 0))
		if !slices.Equal(shortTrain, train[:70]) || !slices.Equal(shortTest, test[:20]) {
			t.Errorf("%s: the first images changed with the number, or the seed of the job", side)
		}
		otherTrain, otherTest := mustSplit(t, requested(side, 0, 0, 3000, 960, 1))
		if slices.Equal(otherTrain, train) || slices.Equal(otherTest, test) {
			t.Errorf("%s: the data seed changes nothing", side)
		}
		few, allTest := mustSplit(t, requested(side, 4, 8, 70, 20, 0))
		for i, j := range domains.Subset(4, "shapes", side, 70, 8) {
			if few[i] != shortTrain[j] {
				t.Errorf("%s: image %d of 8 is not image %d", side, i, j)
			}
		}
		if len(few) != 8 || !slices.Equal(allTest, shortTest) {
			t.Errorf("%s: a limit leaves %d training and %d test images", side, len(few), len(allTest))
		}
		// Every level is met in training and in testing: 960 even draws of 15 miss none.
		for _, set := range [][]room{train, test} {
			for _, f := range varying(side) {
				seen := map[int]bool{}
				for _, r := range set {
					seen[r[f]] = true
				}
				if len(seen) != len(levels[f]) {
					t.Errorf("%s: %d images show %d of %d levels of %s", side, len(set), len(seen), len(levels[f]), factorNames[f])
				}
			}
		}
	}
}

// The table of factors has the shared ones and the domain's own, each by levels, so that what
// both tables name is what both domains share; the class is the shape.
func TestFactorTable(t *testing.T) {
	r := room{3, 4, 2, 6, 1, 13}
	for side, want := range map[domains.Side]domains.Factors{
		domains.A: {Names: []string{"object_hue", "shape", "floor_hue", "wall_hue"}, Categories: [][]string{hues, levels[shape], hues, hues}, Values: [][]float64{{2, 1, 3, 4}}},
		domains.B: {Names: []string{"object_hue", "shape", "size", "orientation"}, Categories: [][]string{hues, levels[shape], levels[size], levels[orientation]}, Values: [][]float64{{2, 1, 6, 13}}},
	} {
		s := splitOf(side, nil, []room{r})
		if diff := cmp.Diff(want, *s.Factors); diff != "" {
			t.Errorf("%s: %s", side, diff)
		}
		if got := s.Truth.Reveal(); !slices.Equal(got, []int{1}) || !slices.Equal(s.Truth.Classes(), []string{"cube", "cylinder", "sphere", "capsule"}) {
			t.Errorf("%s: class %v of %v", side, got, s.Truth.Classes())
		}
	}
}

// How many training images there will be is known before any is drawn or read.
func TestImagesAreCounted(t *testing.T) {
	for _, name := range []string{drawnName, dataName} {
		d, err := domains.Datasets.Get(name)
		if err != nil || d.Images(option.Values{"train": 17}) != 17 {
			t.Error(name, err)
		}
	}
}

func TestRefuse(t *testing.T) {
	shape := domains.Shape{Channels: 3, Height: 16, Width: 16}
	for _, tt := range []struct {
		r   domains.Request
		err string
	}{
		{domains.Request{Shape: domains.Shape{Channels: 2, Height: 32, Width: 32}}, "domains: shapes-drawn: 2 channels, want 1 or 3"},
		{domains.Request{Shape: domains.Shape{Channels: 3, Height: 7, Width: 32}}, "domains: shapes-drawn: a room of 7x32 pixels, want at least 8x8"},
		{domains.Request{Shape: domains.Shape{Channels: 3, Height: 32, Width: 7}}, "domains: shapes-drawn: a room of 32x7 pixels, want at least 8x8"},
		{domains.Request{Shape: shape, Options: option.Values{"train": 3061}}, "domains: shapes-drawn: train: 3061, and test 900: want at most 3960 together, as no combination of factors comes twice"},
		{domains.Request{Shape: shape, Options: option.Values{"train": 3960}}, "domains: shapes-drawn: train: 3960, want an integer from 1 to 3959"},
	} {
		if _, err := domains.Load(context.Background(), drawnName, tt.r); fmt.Sprint(err) != tt.err {
			t.Errorf("got %v, want %s", err, tt.err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := domains.Load(ctx, drawnName, domains.Request{Shape: shape}); fmt.Sprint(err) != "domains: shapes-drawn: context canceled" {
		t.Errorf("stopped: %v", err)
	}
}

// A table without a factor is a mistake of the caller, by name.
func TestRenderWantsItsFactors(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); got != `domains: shapes: factor "floor_hue" is not among [object_hue shape size orientation]` {
			t.Error(got)
		}
	}()
	b := splitOf(domains.B, nil, []room{{}}).Factors
	(&Renderer{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}).Render(b, 0, b, 0, nil, -1)
}

// What a factor's values are told by: all its levels, and the one that the other domain keeps.
func TestScale(t *testing.T) {
	var r domains.Renderer = &Renderer{}
	for name, want := range map[string]struct {
		levels   int
		constant string
	}{"floor_hue": {10, "0"}, "wall_hue": {10, "7"}, "object_hue": {10, "NaN"}, "size": {8, "5"}, "shape": {4, "NaN"}, "orientation": {15, "0"}} {
		s := r.(domains.ScaledRenderer).Scale(name)
		for level, v := range s.Levels {
			if v != float64(level) {
				t.Errorf("%s: level %d is %g", name, level, v)
			}
		}
		if len(s.Levels) != want.levels || fmt.Sprint(s.Constant) != want.constant {
			t.Errorf("%s: %d levels, constant %g, want %v", name, len(s.Levels), s.Constant, want)
		}
	}
	defer func() {
		if got := recover(); got != `domains: shapes-drawn: no factor "beard"` {
			t.Error(got)
		}
	}()
	(&Renderer{}).Scale("beard")
}
