package drawn

import (
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// What is drawn is data on which published numbers stand: the first images of each set are those of a page in testdata,
// checked by eye when it was kept, to two levels of 255. go test ./domains/drawn -run AreThoseKept -redraw makes the pages.
func TestPicturesAreThoseKept(t *testing.T) {
	set := option.Values{"train": 30, "test": 1}
	digits := printed(t, domains.Request{Shape: domains.Shape{Channels: 3, Height: 24, Width: 24}, Options: set})
	for name, blocks := range map[string][]domains.Block{
		"faces":  {{Title: "a", Split: faces(t, domains.A, 24, 3, set).Train}, {Title: "b", Split: faces(t, domains.B, 24, 3, set).Train}},
		"digits": {{Title: "printed", Split: digits.Train}},
	} {
		domainstest.Page(t, "testdata/"+name+".png", domains.Contact(domains.Sheet{Rows: 3, Columns: 10, Zoom: 1}, blocks...))
	}
}

func TestFacesSayHowTheyWereDrawn(t *testing.T) {
	for _, tt := range []struct {
		channels int
		noise    float64
		want     string
	}{
		{3, 0, "drawn at 3x16x16 by exact area coverage, intensities in [-1, 1]"},
		{1, 0.1, "drawn at 1x16x16 by exact area coverage, intensities in [-1, 1], luma 0.299 R + 0.587 G + 0.114 B, Gaussian noise of deviation 0.1, clipped to [-1, 1]"},
	} {
		if d := faces(t, domains.A, 16, tt.channels, option.Values{"train": 2, "test": 1, "noise": tt.noise}); d.Lock.Transform != tt.want || d.Name != "faces-schematic/a" {
			t.Errorf("%s: %q, want %q", d.Name, d.Lock.Transform, tt.want)
		}
	}
}
