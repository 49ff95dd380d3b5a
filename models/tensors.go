package models

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// SaveParameters writes parameters, with a text for each of some keys, to a
// safetensors file at path, atomically. Equal parameters and texts give equal bytes.
func SaveParameters(path string, info map[string]string, ps *Parameters) error {
	if err := writeTensors(path, info, eachParameter(ps)); err != nil {
		return fmt.Errorf("models: %s: %w", path, err)
	}
	return nil
}

// LoadParameters restores ps from a file that SaveParameters wrote. It fails, wrapping
// ErrCheckpoint and leaving ps as it was, when the file is damaged, holds other
// tensors than ps, or other texts than info.
func LoadParameters(path string, info map[string]string, ps *Parameters) error {
	have, tensors, err := readTensors(path)
	if err == nil {
		for _, key := range slices.Sorted(maps.Keys(info)) {
			if have[key] != info[key] && err == nil {
				err = fmt.Errorf("%s is %q, want %q", key, have[key], info[key])
			}
		}
	}
	if err == nil {
		err = restore(eachParameter(ps), tensors)
	}
	if err != nil {
		return fmt.Errorf("models: %s: %w: %w", path, ErrCheckpoint, err)
	}
	return nil
}

// A tensorWalk visits named tensors in a fixed order.
type tensorWalk func(visit func(name string, p *Parameter))

func eachParameter(ps *Parameters) tensorWalk {
	return func(visit func(name string, p *Parameter)) {
		for _, p := range ps.All() {
			visit("parameter/"+p.Name, p)
		}
	}
}

// writeTensors writes a safetensors file atomically. The library orders tensors by
// type and name, so equal tensors give equal bytes.
func writeTensors(path string, info map[string]string, walk tensorWalk) error {
	views := map[string]safetensors.TensorView{}
	var err error
	walk(func(name string, p *Parameter) {
		dims := make([]uint64, len(p.Shape))
		for i, d := range p.Shape {
			dims[i] = uint64(d)
		}
		raw := make([]byte, 4*len(p.Data))
		for i, v := range p.Data {
			binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
		}
		view, e := safetensors.NewTensorView(safetensors.F32, dims, raw)
		if e != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
		views[name] = view
	})
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return safetensors.SerializeToWriter(views, info, w) })
}

// readTensors reads a safetensors file. The library checks that the shapes, the places and
// the bytes of its tensors agree.
func readTensors(path string) (info map[string]string, tensors safetensors.SafeTensors, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, tensors, err
	}
	_, meta, err := safetensors.ReadMetadata(raw)
	if err != nil {
		return nil, tensors, err
	}
	tensors, err = safetensors.Deserialize(raw)
	return meta.Metadata(), tensors, err
}

// restore copies the file's tensors into those of the walk, after checking that the
// file holds exactly these.
func restore(walk tensorWalk, tensors safetensors.SafeTensors) error {
	var fault error
	count := 0
	walk(func(name string, p *Parameter) {
		count++
		view, ok := tensors.Tensor(name)
		switch {
		case fault != nil:
		case !ok:
			fault = fmt.Errorf("tensor %s is missing", name)
		case view.DType() != safetensors.F32 || !p.takes(view.Shape()):
			fault = fmt.Errorf("tensor %s is %v of %v, want F32 of %v", name, view.Shape(), view.DType(), p.Shape)
		}
	})
	if fault == nil && tensors.Len() != count {
		fault = fmt.Errorf("%d tensors, want %d", tensors.Len(), count)
	}
	if fault != nil {
		return fault
	}
	walk(func(name string, p *Parameter) {
		view, _ := tensors.Tensor(name)
		if p.Rows {
			p.Resize(int(view.Shape()[0]))
		}
		for i := range p.Data {
			p.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(view.Data()[4*i:]))
		}
	})
	return nil
}

// takes says whether the parameter can hold a tensor of a shape: its own, but for the number
// of rows where they are those of a training set.
func (p *Parameter) takes(shape []uint64) bool {
	own := make([]uint64, len(p.Shape))
	for i, d := range p.Shape {
		own[i] = uint64(d)
	}
	if p.Rows && len(shape) == len(own) {
		own[0] = shape[0]
	}
	return slices.Equal(shape, own)
}
