package folder

import (
	"fmt"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// filled writes one small grey image under each name.
func filled(t *testing.T, names ...string) (root string) {
	root = t.TempDir()
	for _, name := range names {
		domainstest.WriteFile(t, filepath.Join(root, name), domainstest.Flat(t, 4, 4, domainstest.Grey(9), png.Encode))
	}
	return root
}

func numbered(dir string, n int) (names []string) {
	for k := range n {
		names = append(names, fmt.Sprintf("%s/%d.png", dir, k))
	}
	return names
}

func loadWith(t *testing.T, root string, r domains.Request, values option.Values) (*domains.Domain, error) {
	t.Helper()
	r.Options = option.Values{"path": root}
	for name, v := range values {
		r.Options[name] = v
	}
	if r.Shape == (domains.Shape{}) {
		r.Shape = domains.Shape{Channels: 1, Height: 4, Width: 4}
	}
	return domains.Load(t.Context(), "folder", r)
}

// Both sides number the classes alike, whichever layout each of them has.
func TestFolderClassesOfLayouts(t *testing.T) {
	for _, tt := range []struct {
		name        string
		files       []string
		side        domains.Side
		train, test []int
		classes     []string
	}{
		{"one folder for both sides", []string{"train/cat/x.png", "test/ant/x.png"}, domains.A, []int{1}, []int{0}, []string{"ant", "cat"}},
		{"one side alone", []string{"trainA/cat/x.png", "testA/ant/x.png"}, domains.A, []int{1}, []int{0}, []string{"ant", "cat"}},
		{"a side of its own, A", []string{"trainA/cat/x.png", "testA/cat/x.png", "train/bee/x.png", "test/ant/x.png"}, domains.A, []int{2}, []int{2}, []string{"ant", "bee", "cat"}},
		{"a side of its own, B", []string{"trainA/cat/x.png", "testA/cat/x.png", "train/bee/x.png", "test/ant/x.png"}, domains.B, []int{1}, []int{0}, []string{"ant", "bee", "cat"}},
		{"held out", append(numbered("cat", 2), numbered("ant", 2)...), domains.B, []int{0, 1}, []int{0, 1}, []string{"ant", "cat"}},
	} {
		d, err := loadWith(t, filled(t, tt.files...), domains.Request{Side: tt.side}, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		train, test := d.Train.Truth, d.Test.Truth
		if !slices.Equal(train.Reveal(), tt.train) || !slices.Equal(test.Reveal(), tt.test) || !slices.Equal(train.Classes(), tt.classes) || !slices.Equal(test.Classes(), tt.classes) {
			t.Errorf("%s: labels %v and %v of %v, want %v and %v of %v", tt.name, train.Reveal(), test.Reveal(), train.Classes(), tt.train, tt.test, tt.classes)
		}
	}
}

// Of n images round(fraction n) are held out, but at least one and never all.
func TestFolderHeldOutCounts(t *testing.T) {
	for _, tt := range []struct {
		images   int
		fraction float64
		want     int
	}{{2, 0.2, 1}, {2, 0.9, 1}, {10, 0.01, 1}, {10, 0.9, 9}, {7, 0.5, 4}, {3, 0.4, 1}} {
		d, err := loadWith(t, filled(t, numbered(".", tt.images)...), domains.Request{}, option.Values{"test_fraction": tt.fraction})
		if err != nil || d.Lock.Splits["test"] != tt.want || d.Lock.Splits["train"] != tt.images-tt.want {
			t.Errorf("%g of %d: %v (%v), want %d to test", tt.fraction, tt.images, d, err, tt.want)
		}
	}
}

// The test images are a part of every published result: do not change them.
func TestFolderHeldOutIsPinned(t *testing.T) {
	root := filled(t, append(numbered("ant", 5), numbered("bee", 10)...)...)
	for _, seed := range []uint64{1, 2} {
		d, err := loadWith(t, root, domains.Request{Seed: seed}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var test []string
		for _, f := range d.Lock.Files[12:] {
			test = append(test, f.Name)
		}
		// testdata/heldout.py draws them from the definition of the stream.
		if want := []string{"ant/2.png", "bee/3.png", "bee/6.png"}; !slices.Equal(test, want) {
			t.Errorf("seed %d: held out %v, want %v", seed, test, want)
		}
	}
}

func TestFolderOptions(t *testing.T) {
	root := filled(t, numbered(".", 4)...)
	for _, tt := range []struct {
		values option.Values
		err    string
	}{
		{option.Values{"test_fraction": 0.01}, ""},
		{option.Values{"test_fraction": 0.9}, ""},
		{option.Values{"test_fraction": 0.009}, "domains: folder: test_fraction: 0.009, want a number from 0.01 to 0.9"},
		{option.Values{"test_fraction": 0.91}, "domains: folder: test_fraction: 0.91, want a number from 0.01 to 0.9"},
		{option.Values{"mirror": 1}, "domains: folder: mirror: 1, want true or false"},
	} {
		if _, err := loadWith(t, root, domains.Request{}, tt.values); err == nil && tt.err != "" || err != nil && err.Error() != tt.err {
			t.Errorf("%v: %v, want %q", tt.values, err, tt.err)
		}
	}
	d, err := loadWith(t, root, domains.Request{}, nil)
	if err != nil || d.Train.Images.Mirror || d.Lock.Options["test_fraction"] != 0.2 {
		t.Errorf("defaults: %v (%v), want nothing mirrored and a fifth held out", d, err)
	}
}

func TestFolderSaysHowImagesAreRead(t *testing.T) {
	root := filled(t, numbered(".", 2)...)
	for channels, want := range map[int]string{
		1: "over white, centre-cropped to 5:3, Catmull-Rom to 5x3, x/127.5-1 -> [-1, 1], luma 0.299 R + 0.587 G + 0.114 B",
		3: "over white, centre-cropped to 5:3, Catmull-Rom to 5x3, x/127.5-1 -> [-1, 1]",
	} {
		d, err := loadWith(t, root, domains.Request{Shape: domains.Shape{Channels: channels, Height: 3, Width: 5}}, nil)
		if err != nil || d.Lock.Transform != want {
			t.Errorf("%d channels: %v (%v), want %q", channels, d, err, want)
		}
	}
}

func TestFolderRefusesLayouts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shape domains.Shape
		files []string
		err   string // %s is the root
	}{
		{"two channels", domains.Shape{Channels: 2, Height: 4, Width: 4}, []string{"0.png", "1.png"}, "domains: folder: 2 channels, want 1 or 3"},
		{"half labelled, the other half", domains.Shape{}, []string{"trainA/0.png", "testA/cat/0.png"}, "domains: folder: testA/cat/0.png has a class, trainA/0.png has none; want class folders in both splits or in neither"},
		{"folders in a class", domains.Shape{}, []string{"trainA/cat/0.png", "trainA/cat/tom/0.png", "testA/cat/0.png"}, "domains: folder: class folder %s/trainA/cat holds 1 images and 1 folders, want images only"},
		{"an empty class", domains.Shape{}, []string{"trainA/cat/0.png", "trainA/dog/.keep", "testA/cat/0.png"}, "domains: folder: class folder %s/trainA/dog holds 0 images and 0 folders, want images only"},
		{"one image of a class", domains.Shape{}, []string{"cat/0.png", "cat/1.png", "dog/0.png"}, `domains: folder: %s: 1 image in "dog", too few to hold one out for testing`},
		{"other side only", domains.Shape{}, []string{"trainB/cat/0.png", "testB/cat/0.png"}, "domains: folder: %s has no trainA"},
	} {
		root := filled(t, tt.files...)
		want := strings.ReplaceAll(tt.err, "%s", root)
		if _, err := loadWith(t, root, domains.Request{Shape: tt.shape}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", tt.name, err, want)
		}
	}
}
