package attributes

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

// Of the small CelebA, image i smiles where i is even, wears glasses where 3 divides it, and
// is male where 5 does.
func TestGranted(t *testing.T) {
	d, err := domains.Load(context.Background(), "celeba", with(with(small(t), "where", "Smiling"), "label", "!(Eyeglasses | Bald)"))
	if err != nil {
		t.Fatal(err)
	}
	columns := []string{"Male", "Smiling", "Young"}
	has, err := d.Population.Granted(d.Train.Names, columns)
	if err != nil || len(has) != d.Train.Images.Len() {
		t.Fatalf("%d rows of %d images, %v", len(has), d.Train.Images.Len(), err)
	}
	male := 0
	for k, name := range d.Train.Names {
		var i int
		if _, err := fmt.Sscanf(name, "%06d.jpg", &i); err != nil {
			t.Fatal(err)
		}
		i--
		if want := []bool{i%5 == 0, true, false}; !slices.Equal(has[k][:2], want[:2]) || len(has[k]) != 3 {
			t.Errorf("%s: %v, want %v", name, has[k], want)
		}
		if has[k][0] {
			male++
		}
	}
	if male == 0 || male == len(has) {
		t.Errorf("%d of %d are male", male, len(has))
	}
	for column, want := range map[string]string{
		"Eyeglasses": `domains: celeba: "Eyeglasses" is read by label "!(Eyeglasses | Bald)", and no training may see what a label reads; grant others`,
		"Bald":       `domains: celeba: "Bald" is read by label`,
		"Smilng":     `domains: celeba: unknown attribute "Smilng"; did you mean "Smiling"?`,
	} {
		if has, err := d.Population.Granted(d.Test.Names, []string{"Male", column}); has != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %s", column, has, err, want)
		}
	}
}

// Before any file is read a table's columns are known where the dataset has fixed ones.
func TestGrantBeforeFiles(t *testing.T) {
	o := option.Values{"label": `"Wavy Hair" & !Smiling`, "subtype": "Young"}
	for _, tt := range []struct{ dataset, column, want string }{
		{"celeba", "Male", ""},
		{"celeba", "male", "unknown attribute"},
		{"celeba", "Smiling", "no training may see"},
		{"celeba", "Young", "which only evaluation may know"},
		{"image-table", "anything", ""},
		{"image-table", "Wavy Hair", "no training may see"},
	} {
		dataset, err := domains.Datasets.Get(tt.dataset)
		if err != nil {
			t.Fatal(err)
		}
		err = dataset.Grant(o, tt.column)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %s: %v, want %q", tt.dataset, tt.column, err, tt.want)
		}
	}
}

// The subtype is told of test images alone, by their names, and no training may see what it reads.
func TestSubtype(t *testing.T) {
	load := func(where, subtype string) (*domains.Domain, error) {
		return domains.Load(context.Background(), "celeba", with(with(with(small(t), "where", where), "subtype", subtype), "test_fraction", 0.5))
	}
	d, err := load("Smiling", "Eyeglasses & !Bald")
	if err != nil {
		t.Fatal(err)
	}
	f := d.Test.Factors
	if d.Train.Factors != nil || d.Render != nil || d.Test.Truth.Known() || fmt.Sprint(f.Names, f.Categories, len(f.Values)) != fmt.Sprintf("[Eyeglasses & !Bald] [[no yes]] %d", d.Test.Images.Len()) {
		t.Fatalf("training %v, test %+v", d.Train.Factors, f)
	}
	for k, name := range d.Test.Names {
		var i int
		if _, err := fmt.Sscanf(name, "%06d.jpg", &i); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]float64{true: 1}[(i-1)%3 == 0]; f.Values[k][0] != want {
			t.Errorf("%s: level %v, want %v", name, f.Values[k], want)
		}
	}
	if plain, err := load("Smiling", ""); err != nil || plain.Test.Factors != nil || fmt.Sprint(plain.Lock.Samples) != fmt.Sprint(d.Lock.Samples) {
		t.Errorf("without a subtype: %v, %+v", err, plain)
	}
	if _, err := d.Population.Granted(d.Test.Names, []string{"Eyeglasses"}); err == nil || err.Error() != `domains: celeba: "Eyeglasses" is read by subtype "Eyeglasses & !Bald", which only evaluation may know; grant others` {
		t.Errorf("granted: %v", err)
	}
	if _, err := load("Smiling & Eyeglasses", "Eyeglasses"); err == nil || !strings.Contains(err.Error(), `domains: celeba: subtype "Eyeglasses": 0 test images are no and `) {
		t.Errorf("one level: %v", err)
	}
	set, err := domains.Datasets.Get("celeba")
	if err != nil {
		t.Fatal(err)
	}
	if faults := set.Check(option.Values{"where": "Smiling", "label": "", "subtype": "Eyeglases"}); len(faults) != 1 || faults[0].Option != "subtype" || !strings.Contains(faults[0].Problem, "Eyeglasses") {
		t.Errorf("faults %v", faults)
	}
}

// Of the real faces with glasses alone or a hat alone both kinds are held out.
func TestSubtypeOfRealFaces(t *testing.T) {
	dir := os.Getenv("VENN_DATA")
	if dir == "" {
		t.Skip("VENN_DATA is not set")
	}
	d, err := domains.Load(t.Context(), "celeba", domains.Request{Side: domains.B, DataDir: dir, CacheDir: t.TempDir(), Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Limit: 20,
		Options: option.Values{"where": "(Eyeglasses | Wearing_Hat) & !(Eyeglasses & Wearing_Hat)", "subtype": "Wearing_Hat", "test_fraction": 0.2}})
	if err != nil {
		t.Fatal(err)
	}
	var hats float64
	for _, v := range d.Test.Factors.Values {
		hats += v[0] / float64(len(d.Test.Factors.Values))
	}
	if d.Train.Factors != nil || hats < 0.2 || hats > 0.6 {
		t.Errorf("%.3f of %d held-out images have a hat", hats, len(d.Test.Factors.Values))
	}
}
