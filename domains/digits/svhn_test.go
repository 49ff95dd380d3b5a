package digits

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
)

// matOf is a MATLAB v5 file of a matrix of bytes and one of labels, bytes or (double) eight
// bytes each.
func matOf(shape []int, pixels []byte, labels []float64, double bool) []byte {
	order := binary.LittleEndian
	element := func(kind uint32, data []byte) []byte {
		out := order.AppendUint32(order.AppendUint32(nil, kind), uint32(len(data)))
		out = append(out, data...)
		return append(out, make([]byte, (8-len(data)%8)%8)...)
	}
	matrix := func(class uint32, name string, shape []int, kind uint32, data []byte) []byte {
		flags := order.AppendUint32(order.AppendUint32(nil, class), 0)
		var size []byte
		for _, n := range shape {
			size = order.AppendUint32(size, uint32(n))
		}
		return element(14, slices.Concat(element(6, flags), element(5, size), element(1, []byte(name)), element(kind, data)))
	}
	head := append([]byte(fmt.Sprintf("%-124s", "MATLAB 5.0 MAT-file")), 0, 1, 'I', 'M')
	var y []byte
	class, kind := uint32(9), uint32(2)
	for _, v := range labels {
		if double {
			y = order.AppendUint64(y, math.Float64bits(v))
			class, kind = 6, 9
			continue
		}
		y = append(y, byte(v))
	}
	return slices.Concat(head, matrix(9, "X", shape, 2, pixels), matrix(class, "y", []int{len(labels), 1}, kind, y))
}

// street is n images whose pixel at row y, column x and channel c of image i is
// 100c + 2y + x + i, and their labels 1, 2, ..., 10, 1, ...
func street(n int, double bool) []byte {
	var pixels []byte
	var labels []float64
	for i := range n {
		for c := range 3 {
			for x := range 32 {
				for y := range 32 {
					pixels = append(pixels, byte(50*c+2*y+x+i))
				}
			}
		}
		labels = append(labels, float64(i%10+1))
	}
	return matOf([]int{32, 32, 3, n}, pixels, labels, double)
}

func TestSVHN(t *testing.T) {
	dir := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(dir, "svhn", "train_32x32.mat"), street(12, false))
	domainstest.WriteFile(t, filepath.Join(dir, "svhn", "test_32x32.mat"), street(3, true))
	load := func(r domains.Request) *domains.Domain {
		t.Helper()
		r.DataDir = dir
		d, err := domains.Load(context.Background(), "svhn", r)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := load(domains.Request{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}})
	if got := fmt.Sprint(d.Train.Truth.Reveal(), d.Test.Truth.Reveal(), d.Train.Truth.Classes()[1]); got != "[1 2 3 4 5 6 7 8 9 0 1 2] [1 2 3]1" {
		t.Errorf("labels %s", got)
	}
	for i := range 12 {
		for k, v := range d.Train.Images.At(i) {
			c, y, x := k/1024, k/32%32, k%32
			if want := float32(float64(50*c+2*y+x+i)/127.5 - 1); v != want {
				t.Fatalf("image %d, channel %d, row %d, column %d: %v, want %v", i, c, y, x, v, want)
			}
		}
	}
	if want := "32x32, bytes, x/127.5-1 -> [-1, 1]"; d.Lock.Transform != want || d.Lock.Files[0].Name != "svhn/train_32x32.mat" || d.Lock.Files[0].Published {
		t.Errorf("locked %+v, transform %q, want %q", d.Lock.Files, d.Lock.Transform, want)
	}
	// In grey, at another size: a plane keeps its slopes, twice as wide apart.
	grey := load(domains.Request{Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}, Limit: 4, Seed: 3})
	rows := domains.Subset(3, "svhn", domains.A, 12, 4)
	for i, row := range rows {
		for k, v := range grey.Train.Images.At(i) {
			y, x := float64(k/16), float64(k%16)
			want := 50*0.587 + 100*0.114 + 2*(2*y+0.5) + 2*x + 0.5 + float64(row)
			if inside := x > 0 && x < 15 && y > 0 && y < 15; inside && !(math.Abs((float64(v)+1)*127.5-want) <= 0.51) {
				t.Fatalf("image %d at %v, %v: %v, want %v", row, x, y, (float64(v)+1)*127.5, want)
			}
		}
	}
}

func TestSVHNFaults(t *testing.T) {
	good := street(2, false)
	for _, tt := range []struct {
		what string
		data []byte
		want string
	}{
		{"missing", nil, "train_32x32.mat is missing; `venn data fetch svhn` gets it"},
		{"cut short", good[:3000], "domains: svhn: train_32x32.mat: byte 128: an element of"},
		{"other images", matOf([]int{2, 2, 3, 1}, make([]byte, 12), []float64{1}, false), "shape [2 2 3 1] of X, want bytes of 32 x 32 x 3 x images"},
		{"too few labels", matOf([]int{32, 32, 3, 2}, make([]byte, 6144), []float64{1}, false), "1 labels y for 2 images X"},
		{"a label of 0", matOf([]int{32, 32, 3, 2}, make([]byte, 6144), []float64{1, 0}, false), "image 2: label 0, want from 1 to 10"},
		{"a label between two", matOf([]int{32, 32, 3, 1}, make([]byte, 3072), []float64{1.5}, true), "image 1: label 1.5, want from 1 to 10"},
		{"a page", []byte("<html>"), "6 bytes, a MATLAB file has at least 128"},
	} {
		dir := t.TempDir()
		if tt.data != nil {
			domainstest.WriteFile(t, filepath.Join(dir, "svhn", "train_32x32.mat"), tt.data)
			domainstest.WriteFile(t, filepath.Join(dir, "svhn", "test_32x32.mat"), good)
		}
		_, err := domains.Load(context.Background(), "svhn", domains.Request{DataDir: dir, Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}})
		var damage *domains.DamagedError
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, &damage) == (tt.data == nil) {
			t.Errorf("%s: %v, want %q", tt.what, err, tt.want)
		}
	}
}

func FuzzParseSVHN(f *testing.F) {
	f.Add(street(1, false))
	f.Add(street(1, true)[:400])
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := parseSVHN(data)
		if err == nil && len(set.pixels) != len(set.labels)*3*svhnSide*svhnSide {
			t.Errorf("%d bytes for %d labels", len(set.pixels), len(set.labels))
		}
	})
}
