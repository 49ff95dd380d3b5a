package shapes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

// kept is a file that testdata/make.py wrote.
func kept(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func fromFile(t *testing.T, data []byte, r domains.Request) (*domains.Domain, error) {
	t.Helper()
	r.DataDir = t.TempDir()
	domainstest.WriteFile(t, filepath.Join(r.DataDir, dataName, fileName), data)
	return domains.Load(context.Background(), dataName, r)
}

// told is what make.py painted in a half of the image of a room.
func told(r room, lower bool) [3]int {
	if lower {
		return [3]int{30 * r[size], 60 * r[shape], 17 * r[orientation]}
	}
	return [3]int{25 * r[floorHue], 25 * r[wallHue], 25 * r[objectHue]}
}

// Every image of both splits is that of its factors, right way up, and the splits are those of
// shapes-drawn.
func TestFileHasTheRooms(t *testing.T) {
	data, set := kept(t, "rooms.h5"), option.Values{"train": 500, "test": 200}
	for _, side := range []domains.Side{domains.A, domains.B} {
		d, err := fromFile(t, data, domains.Request{Side: side, Options: set, Shape: domains.Shape{Channels: 3, Height: 64, Width: 64}})
		if err != nil {
			t.Fatal(err)
		}
		like := drawn(t, side, 8, 1, set)
		for _, part := range []struct {
			name       string
			read, like domains.Split
			n          int
		}{{"train", d.Train, like.Train, 500}, {"test", d.Test, like.Test, 200}} {
			if diff := cmp.Diff(part.like.Factors, part.read.Factors); diff != "" {
				t.Errorf("%s, %s: other rooms than those that are drawn: %s", side, part.name, diff)
			}
			if part.read.Images.Len() != part.n || !slices.Equal(part.read.Truth.Reveal(), part.like.Truth.Reveal()) {
				t.Errorf("%s, %s: %d images", side, part.name, part.read.Images.Len())
			}
			for i := range part.n {
				r := plain
				r.take(varying(side), part.read.Factors, i)
				image := part.read.Images.At(i)
				at := func(y, x int) (out [3]int) {
					for k := range out {
						v := (float64(image[k*64*64+y*64+x]) + 1) * 127.5
						if out[k] = int(math.Round(v)); !(math.Abs(v-math.Round(v)) <= 1e-3) {
							t.Fatalf("%s, %s: image %d: %g is no byte", side, part.name, i, v)
						}
					}
					return out
				}
				for _, p := range []struct {
					y, x int
					want [3]int
				}{{0, 0, [3]int{255, 0, 0}}, {0, 63, [3]int{0, 255, 0}}, {0, 1, told(r, false)}, {31, 40, told(r, false)}, {32, 5, told(r, true)}, {63, 63, told(r, true)}} {
					if got := at(p.y, p.x); got != p.want {
						t.Fatalf("%s, %s: image %d of %v: %v at row %d, column %d, want %v", side, part.name, i, r, got, p.y, p.x, p.want)
					}
				}
			}
		}
		want := domains.LockedFile{Name: "shapes3d/3dshapes.h5", Bytes: int64(len(data)), SHA256: domains.SHA256Of(data)}
		if diff := cmp.Diff([]domains.LockedFile{want}, d.Lock.Files); diff != "" || d.Name != "shapes3d/"+side.String() || d.Render != nil {
			t.Errorf("%s: %s", d.Name, diff)
		}
		if want := "64x64, Catmull-Rom to 64x64, x/127.5-1 -> [-1, 1]"; d.Lock.Transform != want {
			t.Errorf("%q, want %q", d.Lock.Transform, want)
		}
	}
}

// Another size and one channel: halves have the luma of what they tell, away from their edge.
func TestFileFits(t *testing.T) {
	d, err := fromFile(t, kept(t, "rooms.h5"), domains.Request{Side: domains.B, Limit: 3, Options: option.Values{"train": 20, "test": 5}, Shape: domains.Shape{Channels: 1, Height: 16, Width: 12}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Images.Len() != 3 || d.Test.Images.Len() != 5 || !strings.HasSuffix(d.Lock.Transform, "to 12x16, x/127.5-1 -> [-1, 1], luma 0.299 R + 0.587 G + 0.114 B") {
		t.Errorf("%d and %d images, %s", d.Train.Images.Len(), d.Test.Images.Len(), d.Lock.Transform)
	}
	for i := range 5 {
		r := plain
		r.take(varying(domains.B), d.Test.Factors, i)
		for y, lower := range map[int]bool{4: false, 12: true} {
			c := told(r, lower)
			want := (0.299*float64(c[0])+0.587*float64(c[1])+0.114*float64(c[2]))/127.5 - 1
			if got := float64(d.Test.Images.At(i)[y*12+8]); !(math.Abs(got-want) <= 0.01) {
				t.Errorf("image %d, row %d: %g, want %g", i, y, got, want)
			}
		}
	}
}

// Files of other layouts, and rooms in another order than that of the file, or twice.
func TestReadRooms(t *testing.T) {
	few := []room{{9, 9, 9, 5, 3, 0}, {0, 0, 0, 5, 0, 0}, {3, 4, 5, 5, 2, 0}, {0, 7, 2, 7, 1, 14}, {9, 9, 9, 5, 3, 0}}
	for name, of := range map[string][]room{"few.h5": few, "plain.h5": few[:2]} {
		got, err := readRooms(kept(t, name), of)
		if err != nil || len(got) != len(of) {
			t.Fatalf("%s: %d, %v", name, len(got), err)
		}
		for i, r := range of {
			upper, lower := told(r, false), told(r, true)
			if p, q := got[i][3:6], got[i][63*64*3:]; int(p[0]) != upper[0] || int(p[1]) != upper[1] || int(p[2]) != upper[2] || int(q[0]) != lower[0] || int(q[1]) != lower[1] || int(q[2]) != lower[2] || len(got[i]) != 64*64*3 {
				t.Errorf("%s: room %v is %v and %v", name, r, p, q[:3])
			}
		}
	}
}

func TestFileRefuses(t *testing.T) {
	shape := domains.Shape{Channels: 3, Height: 16, Width: 16}
	few := kept(t, "few.h5")
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"another format", []byte("PNG"), "no signature of HDF5 in 3 bytes"},
		{"cut short", few[:9000], "the file is cut short; copy it again"},
		{"no labels", kept(t, "no-labels.h5"), "no labels, want images and labels"},
		{"floats", kept(t, "floats.h5"), "images of shape [1 64 64 3] with 4 bytes a number, want n x [64 64 3] with 1"},
		{"more labels", kept(t, "more-labels.h5"), "1 images and 3 rows of labels, want as many"},
		{"off", kept(t, "off.h5"), "labels: row 0: size is 1.13, want one of 8 values from 0.75 to 1.25"},
		{"few", few, "(levels of [floor_hue wall_hue object_hue size shape orientation]) among 4: not the whole dataset"},
	} {
		_, err := fromFile(t, tt.data, domains.Request{Shape: shape})
		if err == nil || !strings.HasPrefix(err.Error(), "domains: shapes3d: 3dshapes.h5: ") || !strings.Contains(err.Error(), tt.want) || !errors.As(err, new(*domains.DamagedError)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, tt := range []struct {
		r    domains.Request
		want string
	}{
		{domains.Request{DataDir: "nowhere", Shape: shape}, "domains: shapes3d: nowhere/shapes3d/3dshapes.h5 is missing; `venn data fetch shapes3d` gets it from https://storage.googleapis.com/3d-shapes/3dshapes.h5, or put it there"},
		{domains.Request{Shape: shape}, "domains: shapes3d: no folder for data, as this system names no cache folder; give --data or set VENN_DATA"},
	} {
		if _, err := domains.Load(context.Background(), dataName, tt.r); fmt.Sprint(err) != tt.want || !errors.As(err, new(*domains.MissingError)) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	for want, r := range map[string]domains.Request{
		"domains: shapes3d: 4 channels, want 1 or 3":             {Shape: domains.Shape{Channels: 4, Height: 16, Width: 16}},
		"domains: shapes3d: train: 3500, and test 900: want at ": {Shape: shape, Options: option.Values{"train": 3500}},
	} {
		if _, err := domains.Load(context.Background(), dataName, r); !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Whatever bytes a file has, there is an error or there are images of the right size.
func FuzzReadRooms(f *testing.F) {
	for _, name := range []string{"few.h5", "plain.h5", "no-labels.h5", "more-labels.h5", "floats.h5", "off.h5"} {
		f.Add(kept(f, name))
	}
	of := []room{{0, 0, 0, 5, 0, 0}, {9, 9, 9, 5, 3, 0}, {0, 0, 0, 5, 0, 0}}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readRooms(bytes.Clone(data), of)
		if err != nil {
			return
		}
		if len(got) != len(of) || !bytes.Equal(got[0], got[2]) {
			t.Errorf("%d images of %d", len(got), len(of))
		}
		for _, image := range got {
			if len(image) != 64*64*3 {
				t.Errorf("an image of %d bytes", len(image))
			}
		}
	})
}
