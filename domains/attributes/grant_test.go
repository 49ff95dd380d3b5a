package attributes

import (
	"context"
	"fmt"
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
	o := option.Values{"label": `"Wavy Hair" & !Smiling`}
	for _, tt := range []struct{ dataset, column, want string }{
		{"celeba", "Male", ""},
		{"celeba", "male", "unknown attribute"},
		{"celeba", "Smiling", "no training may see"},
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
