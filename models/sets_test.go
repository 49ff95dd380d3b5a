package models

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// A counter encodes an image as its first value and, apart, twice that, and notes how many it
// was given at a time.
type counter struct {
	asked []int
	fails int // the so manieth time; 0: never
}

func (c *counter) Encode(x *domains.Images) (Codes, error) {
	if c.asked = append(c.asked, x.Len()); len(c.asked) == c.fails {
		return nil, errors.New("no more")
	}
	common, own := NewBlock(Common, x.Len(), 1, 1), NewBlock(SeparateA, x.Len(), 2, 1)
	for i := range x.Len() {
		v := x.At(i)[0]
		common.Row(i)[0] = v
		copy(own.Row(i), []float32{2 * v, -v})
	}
	return Codes{common, own}, nil
}

// Classify gives an image its second value and, of the second class, minus that.
func (c *counter) Classify(x *domains.Images) (*Block, error) {
	if c.asked = append(c.asked, x.Len()); len(c.asked) == c.fails {
		return nil, errors.New("no more")
	}
	logits := NewBlock("", x.Len(), 2, 1)
	for i := range x.Len() {
		copy(logits.Row(i), []float32{x.At(i)[1], -x.At(i)[1]})
	}
	return logits, nil
}

// A both is a counter that does both at once, and codes the tenfold to show it.
type both struct{ counter }

func (c *both) Read(x *domains.Images) (features, logits *Block, err error) {
	if logits, err = c.Classify(x); err != nil {
		return nil, nil, err
	}
	features = NewBlock(Features, x.Len(), 1, 1)
	for i := range x.Len() {
		features.Row(i)[0] = 10 * x.At(i)[0]
	}
	return features, logits, nil
}

// Codes and logits of a set, so many images at a time: in one pass where the model has one, else in two.
func TestReadAll(t *testing.T) {
	for _, n := range []int{1, AtOnce, 2*AtOnce + 3} {
		x := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 2}, Data: make([]float32, 2*n)}
		for i := range n {
			x.Data[2*i], x.Data[2*i+1] = float32(i), float32(3*i+1)
		}
		passes := (n + AtOnce - 1) / AtOnce
		two, one := &counter{}, &both{}
		for _, tt := range []struct {
			encoder    Encoder
			classifier Classifier
			asked      *[]int
			times      int
			factor     float32
		}{{two, two, &two.asked, 2 * passes, 1}, {one, one, &one.asked, passes, 10}} {
			codes, logits, err := ReadAll(tt.encoder, tt.classifier, x)
			if err != nil || codes.N != n || len(codes.Data) != n || logits.N != n || len(logits.Data) != 2*n {
				t.Fatalf("%d images: %+v, %+v, %v", n, codes, logits, err)
			}
			for i := range n {
				if told := float32(3*i + 1); codes.Row(i)[0] != tt.factor*float32(i) || !slices.Equal(logits.Row(i), []float32{told, -told}) {
					t.Fatalf("%d images: row %d is %v and %v", n, i, codes.Row(i), logits.Row(i))
				}
			}
			if len(*tt.asked) != tt.times {
				t.Errorf("%d images: asked for %v images, want %d times", n, *tt.asked, tt.times)
			}
		}
		for fails := range 2 * passes {
			m := &counter{fails: fails + 1}
			if _, _, err := ReadAll(m, m, x); err == nil {
				t.Errorf("%d images: the failure of pass %d is lost", n, fails+1)
			}
		}
		m := &both{counter{fails: passes}}
		if _, _, err := ReadAll(m, m, x); err == nil {
			t.Errorf("%d images: the failure of the last pass is lost", n)
		}
	}
}

// A set is encoded so many images at a time, each once and in order.
func TestEncodeAll(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 1, Width: 2}
	for _, n := range []int{1, AtOnce, AtOnce + 1, 2 * AtOnce, 2*AtOnce + 3} {
		x := &domains.Images{Shape: shape, Data: make([]float32, 2*n)}
		for i := range n {
			x.Data[2*i] = float32(i)
		}
		m := &counter{}
		codes, err := EncodeAll(m, x)
		if err != nil || len(codes) != 2 {
			t.Fatalf("%d images: %d blocks, %v", n, len(codes), err)
		}
		for _, b := range codes {
			if b.N != n || len(b.Data) != n*b.D || b.D != b.Channels {
				t.Fatalf("%d images: %s of %d x %d", n, b.Role, b.N, b.D)
			}
		}
		for i := range n {
			if v := float32(i); codes.Of(Common).Row(i)[0] != v || !slices.Equal(codes.Of(SeparateA).Row(i), []float32{2 * v, -v}) {
				t.Fatalf("%d images: row %d is %v and %v", n, i, codes[0].Row(i), codes[1].Row(i))
			}
		}
		sum, most := 0, 0
		for _, k := range m.asked {
			sum, most = sum+k, max(most, k)
		}
		if sum != n || most > AtOnce || len(m.asked) != (n+AtOnce-1)/AtOnce {
			t.Errorf("%d images were asked for as %v", n, m.asked)
		}
	}
	long := &domains.Images{Shape: shape, Data: make([]float32, 2*(AtOnce+1))}
	for fails := 1; fails <= 2; fails++ {
		if codes, err := EncodeAll(&counter{fails: fails}, long); codes != nil || err == nil || err.Error() != "no more" {
			t.Errorf("failing at call %d: %v, %v", fails, codes, err)
		}
	}
}

// A mixture is the first block at 0, the second at 1, and a straight line between, in the
// first's role.
func TestMix(t *testing.T) {
	x := &Block{Role: Common, N: 3, D: 4, Channels: 2, Data: []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	y := &Block{Role: Features, N: 3, D: 4, Channels: 2, Data: []float32{8, 8, 8, 8, 8, 8, 8, 8, 0, 0, 0, 0}}
	for f, want := range map[float32]string{0: "[0 1 2 3 4 5 6 7 8 9 10 11]", 1: "[8 8 8 8 8 8 8 8 0 0 0 0]", 0.25: "[2 2.75 3.5 4.25 5 5.75 6.5 7.25 6 6.75 7.5 8.25]"} {
		m := Mix(x, y, f)
		if fmt.Sprint(m.Data) != want || m.Role != Common || m.N != 3 || m.D != 4 || m.Channels != 2 {
			t.Errorf("at %v: %+v, want %s", f, m, want)
		}
	}
	if x.Data[0] != 0 || y.Data[0] != 8 {
		t.Error("mixing changes a block")
	}
}

// A long block is read as means over places, again and again until it is short; one that cannot be
// halved stays.
func TestReadable(t *testing.T) {
	fill := func(channels, places int) *Block {
		b := NewBlock(Common, 2, channels, places)
		for i := range b.Data {
			b.Data[i] = float32(i % places)
		}
		return b
	}
	long := fill(80, 16) // 1280 numbers
	got := long.Readable()
	if got.D != 320 || got.Channels != 80 || got.N != 2 || got.Role != Common || fmt.Sprint(got.Row(1)[4:8]) != "[2.5 4.5 10.5 12.5]" {
		t.Errorf("%d numbers, %v", got.D, got.Row(1)[4:8])
	}
	if got := fill(300, 16).Readable(); got.D != 300 || got.Row(0)[0] != 7.5 { // 4800, 1200, 300
		t.Errorf("%d numbers, %v", got.D, got.Row(0)[:2])
	}
	for _, b := range []*Block{fill(64, 16), fill(200, 9), fill(2000, 1), fill(100, 12)} {
		if b.Readable() != b {
			t.Errorf("%d channels of %d places are changed", b.Channels, b.D/b.Channels)
		}
	}
}

// A painter encodes maps and makes images; with codes it decodes them.
type painter struct{ Model }

func (painter) Encode(x *domains.Images) (Codes, error) {
	return Codes{NewBlock(Common, x.Len(), 80, 16)}, nil
}

type translating struct{ painter }

func (translating) Edits() []Edit { return nil }
func (translating) Translate(Edit, *domains.Images, *domains.Images) (*domains.Images, error) {
	return nil, nil
}

type paintingDecoder struct{ translating }

func (paintingDecoder) Decode(int, Codes) (*domains.Images, error) { return nil, nil }

// Only codes that nothing decodes, of what makes images, are shortened.
func TestEncodeReadable(t *testing.T) {
	x := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 1}, Data: make([]float32, 3)}
	for want, m := range map[int]Encoder{1280: painter{}, 320: translating{}} {
		if c, err := EncodeReadable(m, domains.A, x); err != nil || c[0].D != want || c[0].N != 3 {
			t.Errorf("%T: %d numbers, want %d (%v)", m, c[0].D, want, err)
		}
	}
	if c, err := EncodeReadable(paintingDecoder{}, domains.B, x); err != nil || c[0].D != 1280 {
		t.Errorf("a decoder's code has %d numbers (%v)", c[0].D, err)
	}
}

// Fractions of n places go evenly from 0 to 1, both ends included.
func TestFraction(t *testing.T) {
	var got []float32
	for j := range 5 {
		got = append(got, Fraction(j, 5))
	}
	if fmt.Sprint(got) != "[0 0.25 0.5 0.75 1]" {
		t.Errorf("%v", got)
	}
	if Fraction(0, 1) != 0 || Fraction(1, 2) != 1 {
		t.Errorf("one place at %v, the second of two at %v", Fraction(0, 1), Fraction(1, 2))
	}
}

// Probabilities of logits, of large ones too.
func TestSoftmax(t *testing.T) {
	p := make([]float64, 3)
	for _, shift := range []float32{0, 1e4, -1e4} {
		Softmax(p, []float32{shift, shift + 1, shift + 3})
		total := 1 + math.E + math.Exp(3)
		for k, want := range []float64{1 / total, math.E / total, math.Exp(3) / total} {
			if !(math.Abs(p[k]-want) <= 1e-12) { // no NaN either
				t.Errorf("shifted by %v: %v, want %v in place %d", shift, p, want, k)
			}
		}
	}
}
