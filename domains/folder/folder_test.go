package folder

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
)

func folder(root string, side domains.Side, shape domains.Shape, limit int) (*domains.Domain, error) {
	return domains.Load(context.Background(), "folder", domains.Request{Side: side, Shape: shape, Limit: limit, Seed: 1, Options: option.Values{"path": root}})
}

func TestFolderAsThePaperHasIt(t *testing.T) {
	root := t.TempDir()
	for i, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for k := range 3 {
			domainstest.WriteFile(t, filepath.Join(root, split, fmt.Sprintf("%d.png", k)), domainstest.Flat(t, 9, 7, domainstest.Grey(uint8(60*i+k)), png.Encode))
		}
	}
	domainstest.WriteFile(t, filepath.Join(root, "trainA", ".hidden"), []byte("x"))
	for side, want := range map[domains.Side]float32{domains.A: 0, domains.B: 60} {
		d, err := folder(root, side, domains.Shape{Channels: 3, Height: 4, Width: 4}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if d.Train.Images.Len() != 3 || d.Test.Images.Len() != 3 || d.Train.Truth.Known() {
			t.Errorf("%s: %d and %d images, labels %v", side, d.Train.Images.Len(), d.Test.Images.Len(), d.Train.Truth.Known())
		}
		for k := range 3 {
			if got, want := d.Train.Images.At(k)[5], (want+float32(k))/127.5-1; !(math.Abs(float64(got-want)) <= 1e-6) {
				t.Errorf("%s: image %d is %g, want %g", side, k, got, want)
			}
		}
		if _, err := d.Train.Labelled(); err == nil {
			t.Errorf("%s: images without classes open as labelled", side)
		}
		if len(d.Lock.Files) != 6 || d.Lock.Files[5].SHA256 == "" || !strings.HasPrefix(d.Lock.Files[5].Name, "test") {
			t.Errorf("%s: locked %+v", side, d.Lock.Files)
		}
	}
}

// A class has one number in all splits of both sides, even where it is absent.
func TestFolderClasses(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"trainA/cat", "trainA/dog", "testA/dog", "trainB/dog", "trainB/emu", "testB/emu"} {
		domainstest.WriteFile(t, filepath.Join(root, name, "x.jpg"), domainstest.Flat(t, 8, 8, domainstest.Grey(99), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }))
	}
	for _, tt := range []struct {
		side        domains.Side
		train, test []int
	}{{domains.A, []int{0, 1}, []int{1}}, {domains.B, []int{1, 2}, []int{2}}} {
		d, err := folder(root, tt.side, domains.Shape{Channels: 1, Height: 8, Width: 8}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Train.Truth.Reveal(), tt.train) || !slices.Equal(d.Test.Truth.Reveal(), tt.test) || !slices.Equal(d.Test.Truth.Classes(), []string{"cat", "dog", "emu"}) {
			t.Errorf("%s: labels %v and %v of %v", tt.side, d.Train.Truth.Reveal(), d.Test.Truth.Reveal(), d.Test.Truth.Classes())
		}
	}
}

func TestFolderHoldsOut(t *testing.T) {
	root := t.TempDir()
	for k := range 10 {
		domainstest.WriteFile(t, filepath.Join(root, "one", fmt.Sprintf("%d.gif", k)), domainstest.Flat(t, 4, 4, domainstest.Grey(uint8(k)), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }))
	}
	d, err := folder(filepath.Join(root, "one"), domains.A, domains.Shape{Channels: 1, Height: 4, Width: 4}, 0)
	if err != nil || d.Lock.Splits["train"] != 8 || d.Lock.Splits["test"] != 2 {
		t.Fatalf("%v, %v; want 8 and 2", d, err)
	}
	few, err := folder(filepath.Join(root, "one"), domains.A, domains.Shape{Channels: 1, Height: 4, Width: 4}, 3)
	if err != nil || few.Lock.Splits["train"] != 3 || few.Lock.Samples["test"] != d.Lock.Samples["test"] {
		t.Errorf("a limit of 3 gives %v (%v), or moves the test images", few.Lock.Splits, err)
	}
	if classes, err := folder(root, domains.A, domains.Shape{Channels: 1, Height: 4, Width: 4}, 0); err != nil || !slices.Equal(classes.Train.Truth.Classes(), []string{"one"}) {
		t.Errorf("the folder above: %v, %v; want one class", classes, err)
	}
}

// Training images may be mirrored where the spec says so, test images never are.
func TestFolderMirror(t *testing.T) {
	root := t.TempDir()
	for _, split := range []string{"trainA", "testA"} {
		domainstest.WriteFile(t, filepath.Join(root, split, "a.png"), domainstest.Flat(t, 4, 4, domainstest.Grey(9), png.Encode))
	}
	for _, mirror := range []bool{false, true} {
		d, err := domains.Load(context.Background(), "folder", domains.Request{Shape: domains.Shape{Channels: 3, Height: 4, Width: 4}, Options: option.Values{"path": root, "mirror": mirror}})
		if err != nil || d.Train.Images.Mirror != mirror || d.Test.Images.Mirror {
			t.Errorf("mirror %v: %v", mirror, err)
		}
	}
}

func TestFolderRefuses(t *testing.T) {
	good := domainstest.Flat(t, 8, 8, domainstest.Grey(9), png.Encode)
	for _, tt := range []struct {
		name    string
		files   map[string][]byte
		err     string // %s is the root
		damaged bool
	}{
		{"empty file", map[string][]byte{"trainA/a.png": {}, "testA/a.png": good}, "domains: folder: %s/trainA/a.png is empty (0 bytes)", true},
		{"not an image", map[string][]byte{"trainA/a.png": []byte("hello"), "testA/a.png": good}, "domains: folder: %s/trainA/a.png (5 bytes): not a readable image: image: unknown format", true},
		{"truncated", map[string][]byte{"trainA/a.png": good[:60], "testA/a.png": good}, "domains: folder: %s/trainA/a.png (60 bytes): damaged png of 8x8 pixels: png: invalid format: unexpected EOF", true},
		{"text file", map[string][]byte{"trainA/notes.txt": good, "testA/a.png": good}, "domains: folder: %s/trainA/notes.txt is not an image (want .png .jpg .jpeg .gif .webp .bmp); move it elsewhere", false},
		{"no test", map[string][]byte{"trainA/a.png": good}, "domains: folder: %s has trainA but no testA", false},
		{"no training", map[string][]byte{"testA/a.png": good}, "domains: folder: %s has testA but no trainA", false},
		{"other side only", map[string][]byte{"trainB/a.png": good, "testB/a.png": good}, "domains: folder: %s has no trainA", false},
		{"mixed", map[string][]byte{"trainA/a.png": good, "trainA/cat/a.png": good, "testA/a.png": good}, "domains: folder: %s/trainA holds both images (a.png) and class folders (cat), want one or the other", false},
		{"half labelled", map[string][]byte{"trainA/cat/a.png": good, "testA/a.png": good}, "domains: folder: trainA/cat/a.png has a class, testA/a.png has none; want class folders in both splits or in neither", false},
		{"nothing", nil, "domains: folder: no images in %s", false},
	} {
		root := t.TempDir()
		for name, data := range tt.files {
			domainstest.WriteFile(t, filepath.Join(root, name), data)
		}
		_, err := folder(root, domains.A, domains.Shape{Channels: 3, Height: 8, Width: 8}, 0)
		want := strings.ReplaceAll(tt.err, "%s", root)
		var damage *domains.DamagedError
		if err == nil || err.Error() != want || errors.As(err, &damage) != tt.damaged {
			t.Errorf("%s: got %v, want %s (damaged: %v)", tt.name, err, want, tt.damaged)
		}
	}
	if _, err := folder("nowhere", domains.A, domains.Shape{Channels: 3, Height: 8, Width: 8}, 0); err == nil || err.Error() != "domains: folder: nowhere is not a folder" {
		t.Errorf("absent: %v", err)
	}
	if _, err := folder("", domains.A, domains.Shape{Channels: 3, Height: 8, Width: 8}, 0); err == nil || err.Error() != "domains: folder: option path is empty, want the folder of images" {
		t.Errorf("empty: %v", err)
	}
	_, err := domains.Load(t.Context(), "folder", domains.Request{Shape: domains.Shape{Channels: 3, Height: 8, Width: 8}})
	if want := "domains: folder: option path is not set: the folder; relative to where venn runs"; err == nil || err.Error() != want {
		t.Errorf("unset: %v, want %s", err, want)
	}
}
