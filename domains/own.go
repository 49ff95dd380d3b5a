package domains

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/parallel"
)

// ReadPictures reads the user's own images, of any size and of every format that
// DecodeImage knows, and fits them to the shape. A path is an image or a folder,
// which stands for the images in it in the order of their names; what in a folder is
// no image by its name is passed over. The names are the images' paths.
//
// It fails when a path is missing, when a folder holds no image and on the first
// image that cannot be decoded.
func ReadPictures(paths []string, shape Shape) (images *Images, names []string, err error) {
	if shape.Channels != 1 && shape.Channels != 3 {
		return nil, nil, fmt.Errorf("domains: %d channels, want 1 or 3", shape.Channels)
	}
	for _, p := range paths {
		found, err := pictures(p)
		if err != nil {
			return nil, nil, err
		}
		names = append(names, found...)
	}
	images = &Images{Shape: shape, Data: make([]float32, len(names)*shape.Len())}
	faults := make([]error, len(names))
	parallel.For(len(names), func(i int) { _, faults[i] = FitFile(images.At(i), names[i], shape) })
	for _, err := range faults {
		if err != nil {
			return nil, nil, fmt.Errorf("domains: %w", err)
		}
	}
	return images, names, nil
}

// pictures lists the images that a path stands for.
func pictures(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &MissingError{fmt.Errorf("domains: %s: no such file or folder", path)}
	case err != nil:
		return nil, fmt.Errorf("domains: %w", err)
	case !info.IsDir():
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && slices.Contains(ImageTypes, strings.ToLower(filepath.Ext(e.Name()))) {
			out = append(out, filepath.Join(path, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("domains: no images (%s) in %s", strings.Join(ImageTypes, " "), path)
	}
	return out, nil
}

// FitFile reads an image file and fits it to the shape. It fails with MissingError,
// or with DamagedError on what cannot be decoded, naming the file.
func FitFile(dst []float32, path string, shape Shape) (data []byte, err error) {
	data, err = os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &MissingError{err}
	case err != nil:
		return nil, err
	case len(data) == 0:
		return nil, Damaged("%s is empty (0 bytes)", path)
	}
	img, err := DecodeImage(data)
	if err != nil {
		return nil, Damaged("%s (%d bytes): %w", path, len(data), err)
	}
	FitImage(dst, img, shape)
	return data, nil
}

// ImageTypes are the names of what we can decode.
var ImageTypes = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"}
