package attributes

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	xdraw "golang.org/x/image/draw"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// Options of datasets that choose images by their attributes.
var tableOptions = []option.Option{
	{Name: "where", Kind: option.String, Doc: "which images are in the domain: attributes joined by & | ! and parentheses, as in \"Smiling & !Eyeglasses\"; a name with spaces stands in quotes"},
	{Name: "label", Kind: option.String, Default: "", Doc: "what the class of an image is: an expression over the attributes, whose classes are no and yes; empty: no labels"},
	{Name: "subtype", Kind: option.String, Default: "", Later: true, Doc: "what only evaluation is told of test images, to see which code tells it: an expression over the attributes, whose levels are no and yes; empty: nothing"},
	{Name: "crop", Kind: option.Int, Default: 0, Min: 0, Max: 1 << 14, Doc: "side in pixels of the central square that is used; 0: the largest"},
	{Name: "mirror", Kind: option.Bool, Default: true, Doc: "show training images mirrored half of the time"},
	{Name: "vary", Kind: option.Float, Default: 0.0, Min: 0, Max: 2, Doc: "how far each training image is turned, zoomed, moved and coloured at random; 1 is up to 10 degrees, 10%, 4% of the side and 20% of the contrast; 0, as the paper's code, leaves it as it is"},
	{Name: "test_fraction", Kind: option.Float, Default: 0.1, Min: 0.001, Max: 0.9, Doc: "share of the images held out by a seeded split"},
	{Name: "test_first", Kind: option.Int, Default: 64, Min: 1, Max: 1e6, Doc: "images of each domain held out by the split `first`"},
	{Name: "skip_damaged", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.5, Doc: "share of images that may be damaged, and are then left out; 0: any damaged image is an error"},
}

// checkTable finds faults of the expressions before any file is read; attributes is
// nil where they are not known yet.
func checkTable(attributes []string) func(option.Values) []option.Error {
	return func(o option.Values) []option.Error {
		var out []option.Error
		for _, name := range []string{"where", "label", "subtype"} {
			text := o.String(name)
			if name != "where" && text == "" {
				continue
			}
			if _, err := parseExpression(text, attributes); err != nil {
				out = append(out, option.Error{Option: name, Problem: fmt.Sprintf("%.100q: %v", text, err)})
			}
		}
		return out
	}
}

// A tableDomain is a domain chosen out of a table of attributes.
type tableDomain struct {
	dataset   string
	request   domains.Request
	table     *attributeTable
	tableFile domains.LockedFile
	images    string         // path of the folder or the archive
	split     string         // "official", "seeded" or "first"
	partition map[string]int // of the official split
}

// load decodes, or takes from the cache, the images that the expression selects.
func (t *tableDomain) load(ctx context.Context) (*domains.Domain, error) {
	d := &domains.Domain{Name: t.dataset, Population: population{t}}
	chosen, labels, err := t.choose()
	if err != nil {
		return nil, fmt.Errorf("domains: %s: %w", t.dataset, err)
	}
	store, err := openStore(t.images)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &domains.MissingError{Err: fmt.Errorf("domains: %s: %w", t.dataset, err)}
	}
	if err != nil {
		return nil, fmt.Errorf("domains: %s: %w", t.dataset, err)
	}
	defer store.close()
	train, test := t.parts(chosen)
	if limited := domains.Subset(t.request.Seed, t.dataset, t.request.Side, len(train), t.request.Limit); len(limited) < len(train) {
		train = picked(train, limited)
	}
	d.Lock.Files = []domains.LockedFile{t.tableFile}
	for _, part := range []struct {
		name    string
		indices []int
		split   *domains.Split
	}{{"train", train, &d.Train}, {"test", test, &d.Test}} {
		if len(part.indices) == 0 {
			return nil, fmt.Errorf("domains: %s: the split leaves no %s images of the %d that where %q selects", t.dataset, part.name, len(chosen), t.request.Options.String("where"))
		}
		if err := t.read(ctx, store, d, part.name, part.indices, labels, part.split); err != nil {
			return nil, fmt.Errorf("domains: %s: %w", t.dataset, err)
		}
	}
	if d.Test.Factors, err = t.subtypes(d.Test.Names); err != nil {
		return nil, fmt.Errorf("domains: %s: %w", t.dataset, err)
	}
	d.Train.Images.Mirror = t.request.Options.Bool("mirror")
	d.Train.Images.Vary = t.request.Options.Float("vary")
	d.Lock.Transform = t.transform() + d.Lock.Transform
	return d, nil
}

// choose lists the images of the domain and, by table index, their labels.
func (t *tableDomain) choose() (chosen, labels []int, err error) {
	o := t.request.Options
	where, err := parseExpression(o.String("where"), t.table.attributes)
	if err != nil {
		return nil, nil, fmt.Errorf("where %q: %w", o.String("where"), err)
	}
	if chosen = t.table.selected(where); len(chosen) == 0 {
		return nil, nil, fmt.Errorf("where %q selects none of %d images", o.String("where"), len(t.table.images))
	}
	if o.String("label") == "" {
		return chosen, nil, nil
	}
	label, err := parseExpression(o.String("label"), t.table.attributes)
	if err != nil {
		return nil, nil, fmt.Errorf("label %q: %w", o.String("label"), err)
	}
	labels = make([]int, len(t.table.images))
	for _, i := range t.table.selected(label) {
		labels[i] = 1
	}
	return chosen, labels, nil
}

// parts splits the chosen images. Which split an image is in depends, but for
// `first`, on its name alone, so that no image is in two whatever the expressions.
func (t *tableDomain) parts(chosen []int) (train, test []int) {
	for k, i := range chosen {
		held := false
		switch name := t.table.images[i]; t.split {
		case "official":
			if t.partition[name] == 1 {
				continue // validation: nothing of ours looks at it
			}
			held = t.partition[name] == 2
		case "first":
			held = k < t.request.Options.Int("test_first")
		default:
			held = draw01("split/"+t.dataset, name) < t.request.Options.Float("test_fraction")
		}
		if held {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}

// draw01 is a number in [0, 1) that belongs to a name.
func draw01(purpose, name string) float64 {
	hi, _ := stream.Key(0, purpose, name)
	return float64(hi>>11) / (1 << 53)
}

func picked(list, indices []int) []int {
	out := make([]int, len(indices))
	for k, i := range indices {
		out[k] = list[i]
	}
	return out
}

// read fills one split.
func (t *tableDomain) read(ctx context.Context, store imageStore, d *domains.Domain, part string, indices, labels []int, split *domains.Split) error {
	names := make([]string, len(indices))
	for k, i := range indices {
		names[k] = t.table.images[i]
	}
	locked, content, err := store.lock(names)
	if err != nil {
		return err
	}
	if !slices.Contains(d.Lock.Files, locked) {
		d.Lock.Files = append(d.Lock.Files, locked)
	}
	dir, err := cacheDir(t.request)
	if err != nil {
		return err
	}
	shape, crop := t.request.Shape, t.request.Options.Int("crop")
	work := &decoding{dir: dir, names: names, shape: shape, inputs: []string{content, t.transform()},
		decode: func(i int, dst []byte) error { return decodeTo(dst, store, names[i], shape, crop) }}
	if p := t.request.Progress; p != nil {
		work.progress = func(done, total int) { p("decode "+t.request.Side.String()+" "+part, done, total) }
	}
	images, left, err := work.run(ctx)
	if err != nil {
		return err
	}
	if allowed := t.request.Options.Float("skip_damaged"); float64(len(left)) > allowed*float64(len(names)) {
		return domains.Damaged("%s: %d of %d images are damaged (skip_damaged allows a share of %g), the first %s", t.images, len(left), len(names), allowed, left[0].Cause)
	}
	gone := map[int]bool{}
	for _, e := range left {
		gone[e.Index] = true
		d.Lock.Transform += fmt.Sprintf(", left out as damaged: %s", names[e.Index])
	}
	split.Images = images
	var classes []int
	for k, i := range indices {
		if !gone[k] {
			split.Names = append(split.Names, names[k])
			if labels != nil {
				classes = append(classes, labels[i])
			}
		}
	}
	if labels != nil {
		split.Truth = domains.NewTruth(classes, []string{"no", "yes"})
	}
	return nil
}

// decodeTo brings an image of a store to bytes of the shape.
func decodeTo(dst []byte, store imageStore, name string, shape domains.Shape, crop int) error {
	data, err := store.read(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return err
	}
	if err != nil {
		return damagedImage{fmt.Errorf("%s: %w", name, err)}
	}
	img, err := domains.DecodeImage(data)
	if err != nil {
		return damagedImage{fmt.Errorf("%s (%d bytes): %w", name, len(data), err)}
	}
	b := img.Bounds()
	if side := min(b.Dx(), b.Dy()); crop > side {
		return fmt.Errorf("%s: %dx%d pixels, smaller than the crop of %d", name, b.Dx(), b.Dy(), crop)
	}
	if crop > 0 {
		x, y := b.Min.X+(b.Dx()-crop)/2, b.Min.Y+(b.Dy()-crop)/2
		b = image.Rect(x, y, x+crop, y+crop)
	}
	page := image.NewRGBA(image.Rect(0, 0, shape.Width, shape.Height))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	xdraw.BiLinear.Scale(page, page.Bounds(), img, domains.CentreCrop(b, shape), xdraw.Over, nil)
	n := shape.Height * shape.Width
	for i := range n {
		px := page.Pix[4*i : 4*i+3]
		if shape.Channels == 1 {
			dst[i] = byte(math.Round(domains.Luma(float64(px[0]), float64(px[1]), float64(px[2]))))
			continue
		}
		for k, v := range px {
			dst[k*n+i] = v
		}
	}
	return nil
}

func (t *tableDomain) transform() string {
	s := t.request.Shape
	crop := fmt.Sprintf("centre-cropped to %d:%d", s.Width, s.Height)
	if c := t.request.Options.Int("crop"); c > 0 {
		crop = fmt.Sprintf("central %dx%d, ", c, c) + crop
	}
	text := fmt.Sprintf("over white, %s, bilinear with antialiasing to %dx%d, bytes, x/127.5-1 -> [-1, 1]", crop, s.Width, s.Height)
	if s.Channels == 1 {
		text += ", luma 0.299 R + 0.587 G + 0.114 B"
	}
	return text + ", split " + t.split
}

// readTable reads and locks a file of attributes.
func readTable(dataset, where string, parse func([]byte) (*attributeTable, error)) (*attributeTable, domains.LockedFile, error) {
	data, err := os.ReadFile(where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, domains.LockedFile{}, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s is missing", dataset, where)}
	}
	if err != nil {
		return nil, domains.LockedFile{}, fmt.Errorf("domains: %s: %w", dataset, err)
	}
	table, err := parse(data)
	if err != nil {
		return nil, domains.LockedFile{}, domains.Damaged("domains: %s: %s: %w", dataset, where, err)
	}
	return table, domains.LockedFile{Name: filepath.Base(where), Bytes: int64(len(data)), SHA256: domains.SHA256Of(data)}, nil
}
