package attributes

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// The whole of the small CelebA, out of which smiles and glasses were chosen.
func TestPopulation(t *testing.T) {
	for _, split := range []string{"seeded", "first"} {
		r := with(with(with(small(t), "split", split), "test_first", 4), "test_fraction", 0.25)
		load := func(side domains.Side, where string) *domains.Domain {
			r.Side = side
			d, err := domains.Load(context.Background(), "celeba", with(r, "where", where))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		a, b := load(domains.A, "Smiling & !Eyeglasses"), load(domains.B, "!Smiling & Eyeglasses")
		p := domains.SamePopulation(a, b)
		if p == nil || p.Where() != "Smiling & !Eyeglasses" || b.Population.Where() != "!Smiling & Eyeglasses" {
			t.Fatalf("%s: no population, or of another expression", split)
		}
		if own := p.Own(b.Population); own != [2]string{"Smiling", "Eyeglasses"} {
			t.Errorf("%s: own %q", split, own)
		}
		train, test, err := p.Load(context.Background(), a, b)
		if err != nil {
			t.Fatal(err)
		}
		if !train.Images.Mirror || test.Images.Mirror || train.Checksum == test.Checksum {
			t.Errorf("%s: mirrored, or one checksum", split)
		}
		// Every image says by its level which one it is.
		held := append(slices.Clone(a.Test.Names), b.Test.Names...)
		at := map[string]bool{}
		for _, set := range []domains.Attributed{train, test} {
			if set.Images.Len() != len(set.Attributes.Reveal()) || set.Images.Len() == 0 {
				t.Fatalf("%s: %d images, %d rows", split, set.Images.Len(), len(set.Attributes.Reveal()))
			}
			for k, row := range set.Attributes.Reveal() {
				found := -1
				for i := range smallFaces { // levels are 7i mod 256: all apart
					if d := set.Images.At(k)[7] - (float32(uint8(7*i))/127.5 - 1); d > -0.02 && d < 0.02 && row[31] == (i%2 == 0) && row[15] == (i%3 == 0) && row[20] == (i%5 == 0) {
						found = i
					}
				}
				if found < 0 {
					t.Errorf("%s: image %d has attributes of another", split, k)
					continue
				}
				name := smallName(found)
				if at[name] {
					t.Errorf("%s: %s is there twice", split, name)
				}
				at[name] = true
				if &set.Attributes.Reveal()[0] == &train.Attributes.Reveal()[0] && slices.Contains(held, name) {
					t.Errorf("%s: %s is a test image of a domain, and in training", split, name)
				}
			}
		}
		if split == "seeded" && len(at) != smallFaces {
			t.Errorf("seeded: %d images of %d", len(at), smallFaces)
		}
	}
}

func TestConditions(t *testing.T) {
	r := small(t)
	d, err := domains.Load(context.Background(), "celeba", r)
	if err != nil {
		t.Fatal(err)
	}
	is, named, err := d.Population.Condition("Smiling & !(Eyeglasses | Smiling & Male)")
	if err != nil || !slices.Equal(named, []int{15, 20, 31}) {
		t.Fatalf("named %v, %v", named, err)
	}
	if !is(func(k int) bool { return k == 31 }) || is(func(k int) bool { return k == 31 || k == 20 }) {
		t.Error("the condition is another one")
	}
	if _, _, err := d.Population.Condition("Smilling"); err == nil || !strings.Contains(err.Error(), `column 1: unknown attribute "Smilling"; did you mean "Smiling"?`) {
		t.Errorf("unknown attribute: %v", err)
	}
	if err := CheckCondition("(anything"); err == nil || !strings.Contains(err.Error(), "column 1: ( is not closed") {
		t.Errorf("check: %v", err)
	}
	// Other data, and another file of attributes, are another population.
	drawn, err := domains.Load(context.Background(), "faces-schematic", domains.Request{Shape: domains.Shape{Channels: 3, Height: 16, Width: 16}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := domains.Load(context.Background(), "celeba", with(small(t), "where", "!Smiling"))
	if err != nil {
		t.Fatal(err)
	}
	if domains.SamePopulation(d, drawn) != nil || domains.SamePopulation(d, other) != nil {
		t.Error("two sources make one population")
	}
	for _, tt := range []struct{ a, b, ownA, ownB string }{
		{"Male & !5_o_Clock_Shadow & (Mustache | Goatee | !No_Beard) & !Smiling", "Male & !5_o_Clock_Shadow & !(Mustache|Goatee|!No_Beard) & Smiling", "Mustache | Goatee | !No_Beard", "Smiling"},
		{"Smiling & (Male | Young) & !Bald", "!Smiling & !(Male | Young) & Bald", "Smiling & (Male | Young)", "Bald"},
		{"Male", "!Male", "Male", ""},
		{"Smiling", "Smiling", "", ""},
	} {
		p, q := population{&tableDomain{request: with(r, "where", tt.a)}}, population{&tableDomain{request: with(r, "where", tt.b)}}
		if own := p.Own(q); own != [2]string{tt.ownA, tt.ownB} {
			t.Errorf("%s against %s: %q", tt.a, tt.b, own)
		}
	}
}
