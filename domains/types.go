// Package domains answers what the samples are: it reads or draws images, brings
// them to the size that a model wants, keeps labels away from training, and
// locks what was read by checksum. It knows nothing of models or metrics.
package domains

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/venn-adapt/venn/internal/mapped"
)

// A Shape is the size of one image: channels, height and width in pixels.
type Shape struct{ Channels, Height, Width int }

// Len is the number of values of one image.
func (s Shape) Len() int { return s.Channels * s.Height * s.Width }

// String prints the shape as "3x32x32".
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.Channels, s.Height, s.Width) }

// Images are unlabelled images of one shape: n x C x H x W values in [-1, 1],
// row-major. This is all that training code is ever given of a target domain, and
// the type has no room for labels.
//
// Most sets hold float32 in Data. A large set holds bytes in a mapped file instead
// (Data is nil then) and makes float32 of what is taken from it.
type Images struct {
	Shape Shape
	Data  []float32
	// Mirror says that a training may show each image mirrored left to right.
	Mirror bool
	// Vary says how far a training changes each image: an amount of Vary, 0 for not
	// at all.
	Vary float64

	file  *mapped.File // keeps bytes mapped
	bytes []byte       // v stands for v/127.5 - 1
}

// OfBytes is a set of images whose values lie as bytes, n x C x H x W, in a mapped file that
// is kept open as long as the set.
func OfBytes(s Shape, file *mapped.File, bytes []byte) *Images {
	return &Images{Shape: s, file: file, bytes: bytes}
}

// Len is the number of images.
func (im *Images) Len() int {
	if im.Shape.Len() == 0 {
		return 0
	}
	return (len(im.Data) + len(im.bytes)) / im.Shape.Len()
}

// At is image i: a slice of Data, or a copy where the set holds bytes.
func (im *Images) At(i int) []float32 {
	n := im.Shape.Len()
	if im.bytes != nil {
		return im.appendAt(make([]float32, 0, n), i)
	}
	return im.Data[i*n : (i+1)*n : (i+1)*n]
}

// appendAt appends image i to dst.
func (im *Images) appendAt(dst []float32, i int) []float32 {
	n := im.Shape.Len()
	if im.bytes == nil {
		return append(dst, im.Data[i*n:(i+1)*n]...)
	}
	for _, v := range im.bytes[i*n : (i+1)*n] {
		dst = append(dst, intensities[v])
	}
	runtime.KeepAlive(im.file)
	return dst
}

// intensities are the values that bytes stand for.
var intensities = func() (out [256]float32) {
	for v := range out {
		out[v] = float32(float64(v)/127.5 - 1)
	}
	return out
}()

// Take copies the images of the given indices into a new set that holds float32.
func (im *Images) Take(indices []int) *Images {
	out := &Images{Data: make([]float32, 0, len(indices)*im.Shape.Len())}
	im.TakeInto(out, indices)
	return out
}

// TakeInto is Take into memory that dst has, where it has enough.
func (im *Images) TakeInto(dst *Images, indices []int) {
	*dst = Images{Shape: im.Shape, Data: dst.Data[:0], Mirror: im.Mirror, Vary: im.Vary}
	for _, i := range indices {
		dst.Data = im.appendAt(dst.Data, i)
	}
}

// Range is images lo to hi-1 as a set that holds float32: a view of Data where
// there is one, else a copy.
func (im *Images) Range(lo, hi int) *Images {
	n := im.Shape.Len()
	if im.bytes == nil {
		return &Images{Shape: im.Shape, Data: im.Data[lo*n : hi*n : hi*n], Mirror: im.Mirror, Vary: im.Vary}
	}
	indices := make([]int, hi-lo)
	for i := range indices {
		indices[i] = lo + i
	}
	return im.Take(indices)
}

// MirrorSome mirrors each image of a batch left to right with probability one half,
// drawn from r in the order of the batch.
func (im *Images) MirrorSome(r *rand.Rand) {
	for i := range im.Len() {
		if r.Uint64()&1 == 0 {
			continue
		}
		data, w := im.At(i), im.Shape.Width
		for row := 0; row < len(data); row += w {
			slices.Reverse(data[row : row+w])
		}
	}
}

// Labelled is a set of images with their classes, as a source domain has them.
// Labels[i] indexes Classes.
type Labelled struct {
	Images  *Images
	Labels  []int
	Classes []string
}

// Truth holds labels of a target domain. Only scoring code (and rows that say
// "oracle") may open it; a test of the repository lists the callers of Reveal.
type Truth struct {
	labels  []int
	classes []string
}

// NewTruth seals labels; each indexes classes.
func NewTruth(labels []int, classes []string) Truth {
	return Truth{labels: slices.Clone(labels), classes: classes}
}

// Reveal opens the labels, for scoring predictions or for an oracle row.
func (t Truth) Reveal() []int { return t.labels }

// Classes are the names of the classes; knowing them is not knowing a label.
func (t Truth) Classes() []string { return t.classes }

// Known says whether there are labels at all: a folder of images has none.
func (t Truth) Known() bool { return len(t.labels) > 0 }

// A Split is one part of a domain: its images, its sealed labels and, for drawn
// data, the factors that made each image (nil otherwise).
type Split struct {
	Images  *Images
	Truth   Truth
	Factors *Factors
	// Names are the images' own, such as file names, where they have any: two splits
	// of one dataset that share a name share an image.
	Names []string
}

// Labelled opens a split as labelled source data. It fails when the split has no
// labels.
func (s Split) Labelled() (Labelled, error) {
	if !s.Truth.Known() {
		return Labelled{}, fmt.Errorf("domains: a labelled source was asked for, but the data has no labels")
	}
	return Labelled{Images: s.Images, Labels: s.Truth.labels, Classes: s.Truth.classes}, nil
}

// Factors are the known causes of drawn images: one row an image, one column a
// factor. A categorical factor holds category indices.
type Factors struct {
	Names      []string
	Categories [][]string // nil for a continuous factor
	Values     [][]float64
}

// A Domain is a dataset as a spec asks for it, at the model's size.
type Domain struct {
	Name  string
	Train Split
	Test  Split
	Lock  Lock
	// Render draws exact images of known factors; nil for data that is not drawn.
	Render Renderer
	// Population is the whole dataset that the domain was chosen out of by attributes;
	// nil for other data.
	Population Population
}

// A Side says which of the two domains a dataset plays: faces wear glasses in A
// and smile in B; a folder reads trainA or trainB.
type Side int

// The two sides.
const (
	A Side = iota
	B
)

// String is "a" or "b", as a spec writes it.
func (s Side) String() string { return [...]string{"a", "b"}[s] }

// A Renderer draws exact translations of drawn data, against which a model's
// translations are scored.
type Renderer interface {
	// Render draws the common factors of content row c with the separate factors
	// of A taken from row a and those of B from row b; a negative row leaves that
	// side's separate part out. Rows index the content, A and B factor tables.
	Render(content *Factors, c int, fromA *Factors, a int, fromB *Factors, b int) []float32
}

// A ScaledRenderer draws contents of either domain and also says which values of each factor are
// told apart, so that the factors of any image can be read by comparing it with renders.
type ScaledRenderer interface {
	Renderer
	// Scale is that of a factor of either domain's table.
	Scale(factor string) Scale
}

// A Scale is the values by which a factor is told.
type Scale struct {
	// Levels are all categories, or numbers of which each stands for those that are nearest to it; ascending.
	Levels []float64
	// Constant is the level that a factor of one domain has in the other; NaN where it is a part
	// of something that is not there.
	Constant float64
}

// A Lock states exactly which data a run used: files with their checksums, how
// images were brought to the model's size, and a checksum of the decoded samples.
type Lock struct {
	Dataset   string            `json:"dataset"`
	Options   map[string]any    `json:"options"`
	Files     []LockedFile      `json:"files,omitempty"`
	Transform string            `json:"transform"` // e.g. "16x16 -> bilinear to 22x22 -> zero-padded to 32x32, intensities (x+1)/2 -> [-1,1]"
	Splits    map[string]int    `json:"splits"`    // number of images by split
	Samples   map[string]string `json:"samples"`   // SHA-256 of the decoded float32 samples and labels by split
}

// A LockedFile is a file that was read.
type LockedFile struct {
	Name   string `json:"name"` // relative to the data folder
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Published says that the checksum is one that the dataset's descriptor lists;
	// a folder's own images and copies packed anew have none.
	Published bool `json:"published"`
}
