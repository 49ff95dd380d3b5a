package domains

import (
	"context"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Dataset describes one source of samples. Each is one file of a room of this
// package that registers itself in Datasets.
type Dataset struct {
	Name     string
	Doc      string // one line
	Citation string
	Options  []option.Option
	Files    []File // what `venn data fetch` gets and `verify` checks; empty for drawn data
	// ByHand says how to get what no program may fetch; it ends before the folder.
	ByHand string
	// Check reports faults of options that single bounds cannot see, before any file
	// is read; may be nil.
	Check func(option.Values) []option.Error
	// CheckPair reports, before any file is read, what is wrong with two domains of one
	// study that are both of this dataset, by an option of the second; may be nil.
	CheckPair func(a, b option.Values) []option.Error
	// Images is how many training images the options give, where that is known before
	// any file is read; may be nil.
	Images func(option.Values) int
	// LabelOption names the option without which the dataset has no labels; empty where
	// there is none such.
	LabelOption string
	// Grant says, before any file is read, why an attribute may not be shown to a training:
	// the dataset does not list it, or what the options call a label reads it. nil where the
	// dataset has no attributes.
	Grant func(o option.Values, attribute string) error
	// Load reads or draws the dataset. It fails with the file and the byte, line
	// or index at fault, and never returns part of a dataset.
	Load func(ctx context.Context, r Request) (*Domain, error)
}

// Datasets holds every dataset by name.
var Datasets = registry.New[Dataset]("dataset")

// A Request says what a spec wants of a dataset.
type Request struct {
	Side     Side
	Options  option.Values // of the dataset's own options
	Shape    Shape         // the model's image size
	Seed     uint64        // of the job: drawn data and random splits depend on it
	DataDir  string        // where files lie: DataDir/<dataset name>/<file name>
	CacheDir string        // of decoded images; empty: the user's cache folder
	// Progress, which may be nil, is told how far a long reading is.
	Progress func(what string, done, total int)
	Limit    int // use at most this many training images, drawn with the seed; 0: all
}

// A File is a file of a dataset and where it can be had.
type File struct {
	Name    string   // below the dataset's folder
	MD5     string   // published checksum, hexadecimal
	SHA256  []string // other accepted checksums: re-compressed copies with the same content
	Bytes   int64    // 0 when unknown
	Mirrors []string // URLs, tried in turn; "gomod:<module>@<version>/<path>" names a file inside a Go module, found through the go command
}
