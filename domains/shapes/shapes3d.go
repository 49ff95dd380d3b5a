package shapes

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/hdf5"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

const (
	fileName = "3dshapes.h5"
	fileHome = "https://storage.googleapis.com/3d-shapes/3dshapes.h5"
	dataName = "shapes3d"
)

// fileSide is the side of the images in the file.
const fileSide = 64

func init() {
	domains.Datasets.Add(dataName, domains.Dataset{
		Name:     dataName,
		Doc:      "3D Shapes as published, in the domains of shapes-drawn: hues of floor and wall vary in A, size and view in B",
		Citation: "C. Burgess, H. Kim, \"3D Shapes dataset\", github.com/deepmind/3d-shapes, 2018; domains of D. Bashkirova, B. Usman, K. Saenko, \"Evaluation of Correctness in Unsupervised Many-to-Many Image Translation\", WACV 2022",
		Options:  splitOptions,
		Files:    []domains.File{{Name: fileName, MD5: "099a2078d58cec4daad0702c55d06868", Bytes: 267573662, Mirrors: []string{fileHome}}},
		Check:    checkSplit,
		Images:   func(o option.Values) int { return o.Int("train") },
		Load:     loadFile,
	})
}

// loadFile reads one side: the images of both splits, and no others, out of the file.
func loadFile(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := checkShape(dataName, r.Shape); err != nil {
		return nil, err
	}
	train, test, err := split(dataName, r)
	if err != nil {
		return nil, err
	}
	file, locked, err := domains.Mapped(r, dataName, fileName)
	if errors.As(err, new(*domains.MissingError)) && r.DataDir != "" {
		return nil, &domains.MissingError{Err: fmt.Errorf("%w from %s, or put it there", err, fileHome)}
	}
	if err != nil {
		return nil, err
	}
	pixels, err := readRooms(file.Data, slices.Concat(train, test))
	runtime.KeepAlive(file)
	if err != nil {
		return nil, domains.Damaged("domains: %s: %s: %w", dataName, fileName, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("domains: %s: %w", dataName, err)
	}
	d := &domains.Domain{Name: dataName + "/" + r.Side.String()}
	d.Train = splitOf(r.Side, fit(pixels[:len(train)], r.Shape), train)
	d.Test = splitOf(r.Side, fit(pixels[len(train):], r.Shape), test)
	d.Lock.Files = []domains.LockedFile{locked}
	d.Lock.Transform = fmt.Sprintf("64x64, Catmull-Rom to %dx%d, x/127.5-1 -> [-1, 1]", r.Shape.Width, r.Shape.Height) + lumaText(r.Shape)
	return d, nil
}

// readRooms are the images of rooms, 64 x 64 x 3 bytes each, out of a file of the published
// form: images, n x 64 x 64 x 3 bytes, and labels, n x 6 numbers. Of labels all are read, of
// images those asked for.
func readRooms(data []byte, of []room) ([][]byte, error) {
	f, err := hdf5.Open(data)
	if err != nil {
		return nil, err
	}
	images, err := member(f, "images", hdf5.Type{Kind: hdf5.Integer, Size: 1}, fileSide, fileSide, 3)
	if err != nil {
		return nil, err
	}
	labels, err := member(f, "labels", hdf5.Type{Kind: hdf5.Float, Size: 8}, factors)
	if err != nil {
		return nil, err
	}
	if images.Shape[0] != labels.Shape[0] {
		return nil, fmt.Errorf("%d images and %d rows of labels, want as many", images.Shape[0], labels.Shape[0])
	}
	numbers, err := labels.Read()
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	places, err := find(numbers, labels.Type.ByteOrder(), of)
	if err != nil {
		return nil, err
	}
	rows := slices.Compact(slices.Sorted(slices.Values(places)))
	all, err := images.Rows(rows)
	if err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	const each = fileSide * fileSide * 3
	out := make([][]byte, len(of))
	for i, p := range places {
		at, _ := slices.BinarySearch(rows, p)
		out[i] = all[at*each : (at+1)*each]
	}
	return out, nil
}

// member is an array of the outermost group, n x the given axes.
func member(f *hdf5.File, name string, kind hdf5.Type, axes ...int) (*hdf5.Object, error) {
	links, err := f.Root()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(links, func(l hdf5.Link) bool { return l.Name == name })
	if at < 0 {
		return nil, fmt.Errorf("no %s, want images and labels", name)
	}
	o, err := f.Object(links[at].At)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// The order of bytes is the reader's matter.
	if got := o.Type; len(o.Shape) != 1+len(axes) || !slices.Equal(o.Shape[1:], axes) || got.Kind != kind.Kind || got.Size != kind.Size || got.Signed {
		return nil, fmt.Errorf("%s of shape %v with %d bytes a number, want n x %v with %d", name, o.Shape, o.Type.Size, axes, kind.Size)
	}
	return o, nil
}

// find are the rows of labels that rooms have. Each label is a level of its factor, within a
// thousandth of the range.
func find(numbers []byte, order binary.ByteOrder, of []room) ([]int, error) {
	wanted := map[room][]int{}
	for i, r := range of {
		wanted[r] = append(wanted[r], i)
	}
	out := make([]int, len(of))
	const each = 8 * factors
	for row := 0; (row+1)*each <= len(numbers) && len(wanted) > 0; row++ {
		var r room
		for f := range r {
			v := math.Float64frombits(order.Uint64(numbers[row*each+8*f:]))
			low, high := labelRange[f][0], labelRange[f][1]
			level := (v - low) / (high - low) * float64(len(levels[f])-1)
			if r[f] = int(math.Round(level)); !(math.Abs(level-math.Round(level)) <= 1e-3) || r[f] < 0 || r[f] >= len(levels[f]) {
				return nil, fmt.Errorf("labels: row %d: %s is %g, want one of %d values from %g to %g", row, factorNames[f], v, len(levels[f]), low, high)
			}
		}
		for _, i := range wanted[r] {
			out[i] = row
		}
		delete(wanted, r)
	}
	for _, r := range of {
		if wanted[r] != nil {
			return nil, fmt.Errorf("no image of %v (levels of %v) among %d: not the whole dataset", r, factorNames, len(numbers)/each)
		}
	}
	return out, nil
}

// labelRange is the first and the last number of each column of labels.
var labelRange = [factors][2]float64{floorHue: {0, 0.9}, wallHue: {0, 0.9}, objectHue: {0, 0.9}, size: {0.75, 1.25}, shape: {0, 3}, orientation: {-30, 30}}

// fit brings images of the file to a shape.
func fit(pixels [][]byte, s domains.Shape) *domains.Images {
	out := &domains.Images{Shape: s, Data: make([]float32, len(pixels)*s.Len())}
	parallel.Each(len(pixels), func(i int) {
		page := image.NewRGBA(image.Rect(0, 0, fileSide, fileSide))
		for p := range fileSide * fileSide {
			copy(page.Pix[4*p:], pixels[i][3*p:3*p+3])
			page.Pix[4*p+3] = 255
		}
		domains.FitImage(out.At(i), page, s)
	})
	return out
}
