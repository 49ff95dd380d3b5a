// Package npy writes and reads float32 arrays of any rank as NumPy's .npy files, and
// writes archives of them.
package npy

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Write writes data, row-major of the given shape, to path atomically.
func Write(path string, shape []int, data []float32) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Array{Shape: shape, Data: data}.write(w) })
}

// An Array is a named array of an archive: values of a shape, in row-major order, or texts.
type Array struct {
	Name  string
	Shape []int
	Data  []float32
	Wide  []float64 // instead of Data
	Texts []string  // instead of Shape and Data
}

// WriteArchive writes arrays as a NumPy .npz archive to path atomically. Its bytes
// depend on the arrays alone.
func WriteArchive(path string, arrays ...Array) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, a := range arrays {
			h := &zip.FileHeader{Name: a.Name + ".npy", Method: zip.Deflate} // without a time
			if a.Wide != nil {
				h.Method = zip.Store // large, and mantissas hardly shrink
			}
			member, err := z.CreateHeader(h)
			if err != nil {
				return err
			}
			if err := a.write(member); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

func (a Array) write(w io.Writer) error {
	if a.Texts != nil {
		return a.writeTexts(w)
	}
	values := len(a.Data) + len(a.Wide)
	if n, err := Count(a.Shape, values); err != nil || n != values || a.Data != nil && a.Wide != nil {
		return fmt.Errorf("npy: %d values for shape %v", values, a.Shape)
	}
	kind := "<f4"
	if a.Wide != nil {
		kind = "<f8"
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(appendHeader(nil, kind, a.Shape))
	var word [8]byte
	for _, v := range a.Data {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
		b.Write(word[:4])
	}
	for _, v := range a.Wide {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		b.Write(word[:])
	}
	return b.Flush()
}

// writeTexts writes texts as NumPy's arrays of Unicode of one length, padded with
// zeros.
func (a Array) writeTexts(w io.Writer) error {
	longest := 1
	for _, s := range a.Texts {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(appendHeader(nil, fmt.Sprintf("<U%d", longest), []int{len(a.Texts)}))
	var word [4]byte
	for _, s := range a.Texts {
		runes := []rune(s)
		for i := range longest {
			binary.LittleEndian.PutUint32(word[:], 0)
			if i < len(runes) {
				binary.LittleEndian.PutUint32(word[:], uint32(runes[i]))
			}
			b.Write(word[:])
		}
	}
	return b.Flush()
}

// appendHeader appends magic, length and dictionary, padded to a multiple of 64.
func appendHeader(to []byte, kind string, shape []int) []byte {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = fmt.Sprint(d)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", kind, strings.Join(dims, ", "))
	pad := 64 - (10+len(header)+1)%64
	header += strings.Repeat(" ", pad%64) + "\n"
	to = binary.LittleEndian.AppendUint16(append(to, magic+"\x01\x00"...), uint16(len(header)))
	return append(to, header...)
}
