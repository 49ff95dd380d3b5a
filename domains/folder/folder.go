package folder

import (
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

const folderName = "folder"

func init() {
	domains.Datasets.Add(folderName, domains.Dataset{
		Name:     folderName,
		Doc:      "your own images: trainA, trainB, testA, testB, or train and test, or one folder; subfolders are classes",
		Citation: "layout of S. Benaim et al., \"Domain Intersection and Domain Difference\", ICCV 2019, code",
		Options: []option.Option{
			{Name: "path", Doc: "the folder; relative to where venn runs", Kind: option.String},
			{Name: "test_fraction", Doc: "share held out for testing where there is one folder, by class; the same images for every seed", Kind: option.Float, Default: 0.2, Min: 0.01, Max: 0.9},
			{Name: "mirror", Doc: "show training images mirrored half of the time, as the paper's code does with faces", Kind: option.Bool, Default: false},
		},
		Load: loadFolder,
	})
}

// loadFolder reads one side of a folder of images. The splits are, whichever is
// there first:
//
//	path/trainA and path/testA (for side a; B for b), as the paper's code has them
//	path/train and path/test
//	path itself, of which test_fraction is held out
//
// A split holds images (then there are no labels) or one subfolder a class. The
// classes are those of all the splits, of both sides, in alphabetical order, so
// that a class has one number everywhere. Names that begin with a dot are passed
// over; any other file that is not an image is an error.
func loadFolder(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if r.Shape.Channels != 1 && r.Shape.Channels != 3 {
		return nil, fmt.Errorf("domains: %s: %d channels, want 1 or 3", folderName, r.Shape.Channels)
	}
	root := r.Options.String("path")
	if root == "" {
		return nil, fmt.Errorf("domains: %s: option path is empty, want the folder of images", folderName)
	}
	train, test, classes, err := findSplits(root, r)
	if err != nil {
		return nil, err
	}
	var kept []entry
	for _, i := range domains.Subset(r.Seed, folderName, r.Side, len(train), r.Limit) {
		kept = append(kept, train[i])
	}
	d := &domains.Domain{Name: filepath.Base(root)}
	if d.Train, err = readSplit(ctx, d, root, kept, classes, r.Shape); err != nil {
		return nil, err
	}
	if d.Test, err = readSplit(ctx, d, root, test, classes, r.Shape); err != nil {
		return nil, err
	}
	d.Train.Images.Mirror = r.Options.Bool("mirror")
	d.Lock.Transform = fmt.Sprintf("over white, centre-cropped to %d:%d, Catmull-Rom to %dx%d, x/127.5-1 -> [-1, 1]",
		r.Shape.Width, r.Shape.Height, r.Shape.Width, r.Shape.Height)
	if r.Shape.Channels == 1 {
		d.Lock.Transform += ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	return d, nil
}

// An entry is an image file of a split.
type entry struct {
	name  string // below the root, with slashes
	class string // name of its subfolder; "" without labels
}

// findSplits lists both splits of the side and the classes, nil without labels.
func findSplits(root string, r domains.Request) (train, test []entry, classes []string, err error) {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return nil, nil, nil, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s is not a folder", folderName, root)}
	}
	letter := strings.ToUpper(r.Side.String())
	layouts := [][2]string{{"train" + letter, "test" + letter}, {"train", "test"}}
	for _, l := range layouts {
		hasTrain, hasTest := isDir(filepath.Join(root, l[0])), isDir(filepath.Join(root, l[1]))
		if hasTrain != hasTest {
			there, absent := l[0], l[1]
			if hasTest {
				there, absent = l[1], l[0]
			}
			return nil, nil, nil, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s has %s but no %s", folderName, root, there, absent)}
		}
		if !hasTrain {
			continue
		}
		if train, _, err = listSplit(root, l[0]); err == nil {
			test, _, err = listSplit(root, l[1])
		}
		if err == nil {
			classes, err = shareClasses(root, train[0], test[0])
		}
		return train, test, classes, err
	}
	if isDir(filepath.Join(root, "trainA")) || isDir(filepath.Join(root, "trainB")) {
		return nil, nil, nil, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s has no %s", folderName, root, layouts[0][0])}
	}
	all, classes, err := listSplit(root, ".")
	if err == nil {
		train, test, err = holdOut(root, all, r.Options.Float("test_fraction"))
	}
	return train, test, classes, err
}

// listSplit lists the images of a split, by class and name, and its classes.
func listSplit(root, split string) (out []entry, classes []string, err error) {
	files, folders, err := list(root, split)
	if err != nil {
		return nil, nil, err
	}
	if len(files) > 0 && len(folders) > 0 {
		return nil, nil, fmt.Errorf("domains: %s: %s holds both images (%s) and class folders (%s), want one or the other",
			folderName, filepath.Join(root, split), files[0], folders[0])
	}
	for _, f := range files {
		out = append(out, entry{name: path.Join(split, f)})
	}
	for _, class := range folders {
		files, deeper, err := list(root, path.Join(split, class))
		if err != nil {
			return nil, nil, err
		}
		if len(deeper) > 0 || len(files) == 0 {
			return nil, nil, fmt.Errorf("domains: %s: class folder %s holds %d images and %d folders, want images only",
				folderName, filepath.Join(root, split, class), len(files), len(deeper))
		}
		for _, f := range files {
			out = append(out, entry{name: path.Join(split, class, f), class: class})
		}
	}
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("domains: %s: no images in %s", folderName, filepath.Join(root, split))
	}
	return out, folders, nil
}

func list(root, below string) (files, folders []string, err error) {
	dir := filepath.Join(root, filepath.FromSlash(below))
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, nil, fmt.Errorf("domains: %s: %w", folderName, err)
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."):
		case isDir(filepath.Join(dir, name)):
			folders = append(folders, name)
		case slices.Contains(domains.ImageTypes, strings.ToLower(filepath.Ext(name))):
			files = append(files, name)
		default:
			return nil, nil, fmt.Errorf("domains: %s: %s is not an image (want %s); move it elsewhere",
				folderName, filepath.Join(dir, name), strings.Join(domains.ImageTypes, " "))
		}
	}
	return files, folders, nil
}

// shareClasses finds the classes of every split below root, and refuses labels in
// one of this side's splits and none in the other.
func shareClasses(root string, train, test entry) ([]string, error) {
	if (train.class == "") != (test.class == "") {
		with, without := train, test
		if with.class == "" {
			with, without = without, with
		}
		return nil, fmt.Errorf("domains: %s: %s has a class, %s has none; want class folders in both splits or in neither", folderName, with.name, without.name)
	}
	if train.class == "" {
		return nil, nil
	}
	var classes []string
	for _, split := range []string{"trainA", "trainB", "train", "testA", "testB", "test"} {
		if !isDir(filepath.Join(root, split)) {
			continue
		}
		_, folders, err := list(root, split)
		if err != nil {
			return nil, err
		}
		classes = append(classes, folders...)
	}
	slices.Sort(classes)
	return slices.Compact(classes), nil
}

// holdOut splits one folder, class by class, by a draw that no seed changes: the
// test images of a study are one set.
func holdOut(root string, all []entry, fraction float64) (train, test []entry, err error) {
	byClass := map[string][]int{}
	for i, e := range all {
		byClass[e.class] = append(byClass[e.class], i)
	}
	held := make([]bool, len(all))
	for class, members := range byClass { // fills held, in any order alike
		if len(members) < 2 {
			return nil, nil, fmt.Errorf("domains: %s: %s: 1 image in %q, too few to hold one out for testing", folderName, root, class)
		}
		take := min(max(1, int(math.Round(fraction*float64(len(members))))), len(members)-1)
		for _, j := range stream.Permutation(stream.New(0, "folder/test", class), len(members))[:take] {
			held[members[j]] = true
		}
	}
	for i, e := range all {
		if held[i] {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	return train, test, nil
}

// readSplit decodes the images of a split and locks their files.
func readSplit(ctx context.Context, d *domains.Domain, root string, entries []entry, classes []string, shape domains.Shape) (domains.Split, error) {
	images := &domains.Images{Shape: shape, Data: make([]float32, len(entries)*shape.Len())}
	locked, faults := make([]domains.LockedFile, len(entries)), make([]error, len(entries))
	parallel.For(len(entries), func(i int) {
		if faults[i] = ctx.Err(); faults[i] == nil {
			locked[i], faults[i] = readImage(images.At(i), root, entries[i].name, shape)
		}
	})
	for _, err := range faults {
		if err != nil {
			return domains.Split{}, err
		}
	}
	d.Lock.Files = append(d.Lock.Files, locked...)
	split := domains.Split{Images: images}
	if classes != nil {
		labels := make([]int, len(entries))
		for i, e := range entries {
			labels[i] = slices.Index(classes, e.class)
		}
		split.Truth = domains.NewTruth(labels, classes)
	}
	return split, nil
}

func readImage(dst []float32, root, name string, shape domains.Shape) (domains.LockedFile, error) {
	data, err := domains.FitFile(dst, filepath.Join(root, filepath.FromSlash(name)), shape)
	if err != nil {
		return domains.LockedFile{}, fmt.Errorf("domains: %s: %w", folderName, err)
	}
	return domains.LockedFile{Name: name, Bytes: int64(len(data)), SHA256: domains.SHA256Of(data)}, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
