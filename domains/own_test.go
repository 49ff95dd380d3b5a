package domains

import (
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains/domainstest"
)

func TestReadPictures(t *testing.T) {
	root := t.TempDir()
	for name, save := range map[string]func(io.Writer, image.Image) error{
		"b.png":  png.Encode,
		"a.GIF":  func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) },
		"c.jpeg": func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) },
	} {
		domainstest.WriteFile(t, filepath.Join(root, "in", name), domainstest.Flat(t, 9, 21, domainstest.Grey(map[string]uint8{"a.GIF": 0, "b.png": 100, "c.jpeg": 255}[name]), save))
	}
	domainstest.WriteFile(t, filepath.Join(root, "in", "notes.txt"), []byte("passed over"))
	domainstest.WriteFile(t, filepath.Join(root, "in", ".hidden.png"), []byte("passed over"))
	domainstest.WriteFile(t, filepath.Join(root, "in", "deeper", "d.png"), domainstest.Flat(t, 3, 3, domainstest.Grey(9), png.Encode))
	one := filepath.Join(root, "in", "deeper", "d.png")
	images, names, err := ReadPictures([]string{one, filepath.Join(root, "in")}, Shape{1, 4, 4})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{one, filepath.Join(root, "in", "a.GIF"), filepath.Join(root, "in", "b.png"), filepath.Join(root, "in", "c.jpeg")}
	if !slices.Equal(names, want) || images.Len() != 4 {
		t.Errorf("read %v (%d), want %v", names, images.Len(), want)
	}
	for i, level := range []float32{9, 0, 100, 255} {
		if d := images.At(i)[5] - (level/127.5 - 1); d > 0.03 || d < -0.03 {
			t.Errorf("%s: value %v, want about %v", names[i], images.At(i)[5], level/127.5-1)
		}
	}
}

func TestReadPicturesRefuses(t *testing.T) {
	root := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(root, "empty.png"), nil)
	domainstest.WriteFile(t, filepath.Join(root, "text.png"), []byte("hello"))
	domainstest.WriteFile(t, filepath.Join(root, "other", "notes.txt"), []byte("hello"))
	if err := os.Mkdir(filepath.Join(root, "nothing"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		err     string
		damaged bool
	}{
		"absent.png": {"domains: " + root + "/absent.png: no such file or folder", false},
		"nothing":    {"domains: no images (.png .jpg .jpeg .gif .webp .bmp) in " + root + "/nothing", false},
		"other":      {"domains: no images (.png .jpg .jpeg .gif .webp .bmp) in " + root + "/other", false},
		"empty.png":  {"domains: " + root + "/empty.png is empty (0 bytes)", true},
		"text.png":   {"domains: " + root + "/text.png (5 bytes): not a readable image: image: unknown format", true},
	} {
		_, _, err := ReadPictures([]string{filepath.Join(root, name)}, Shape{3, 4, 4})
		var damage *DamagedError
		if err == nil || err.Error() != want.err || errors.As(err, &damage) != want.damaged {
			t.Errorf("%s: got %v, want %s", name, err, want.err)
		}
	}
	if _, _, err := ReadPictures(nil, Shape{2, 4, 4}); err == nil || err.Error() != "domains: 2 channels, want 1 or 3" {
		t.Errorf("two channels: %v", err)
	}
}
