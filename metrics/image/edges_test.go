package image

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// slanted are images of two channels and unequal sides, unlike in every direction.
func slanted(channels, height, width int, shift float64) []float32 {
	out := make([]float32, channels*height*width)
	for c := range channels {
		for i := range height {
			for j := range width {
				out[(c*height+i)*width+j] = float32(math.Sin(0.7*float64(i)+shift) + 0.3*math.Cos(float64(j*(c+1))) + float64(c) + 0.05*float64(i*j%7))
			}
		}
	}
	return out
}

// windowed is the similarity and the structure about each window centre, in the plainest way.
func windowed(a, b []float32, height, width int, span float64) (whole, structure map[[2]int]float64) {
	whole, structure = map[[2]int]float64{}, map[[2]int]float64{}
	for i := 5; i < height-5; i++ {
		for j := 5; j < width-5; j++ {
			var total, ma, mb, va, vb, ab float64
			each := func(use func(w, u, v float64)) {
				for k := -5; k <= 5; k++ {
					for l := -5; l <= 5; l++ {
						use(math.Exp(-float64(k*k+l*l)/(2*1.5*1.5)), float64(a[(i+k)*width+j+l]), float64(b[(i+k)*width+j+l]))
					}
				}
			}
			each(func(w, u, v float64) { total += w; ma += w * u; mb += w * v })
			ma, mb = ma/total, mb/total
			each(func(w, u, v float64) {
				va, vb, ab = va+w*(u-ma)*(u-ma)/total, vb+w*(v-mb)*(v-mb)/total, ab+w*(u-ma)*(v-mb)/total
			})
			c1, c2 := math.Pow(0.01*span, 2), math.Pow(0.03*span, 2)
			s := (2*ab + c2) / (va + vb + c2)
			structure[[2]int{i, j}] = s
			whole[[2]int{i, j}] = s * (2*ma*mb + c1) / (ma*ma + mb*mb + c1)
		}
	}
	return whole, structure
}

// SSIM of images that are higher than wide and wider than high, with and without a mask, against the plain windows.
func TestSSIMAgainstPlainWindows(t *testing.T) {
	for _, side := range [][2]int{{13, 18}, {17, 12}} {
		h, w := side[0], side[1]
		a, b := slanted(2, h, w, 0), slanted(2, h, w, 0.4)
		mask := make([]bool, h*w)
		for i := range mask {
			mask[i] = i%7 < 4
		}
		var all, kept, n, k float64
		for c := range 2 {
			whole, _ := windowed(a[c*h*w:(c+1)*h*w], b[c*h*w:(c+1)*h*w], h, w, 2)
			for at, v := range whole {
				all, n = all+v, n+1
				if mask[at[0]*w+at[1]] {
					kept, k = kept+v, k+1
				}
			}
		}
		if got, err := SSIM(a, b, 2, h, w, 2, nil); err != nil || !(math.Abs(got-all/n) <= 1e-12) {
			t.Errorf("%v: %v, %v, want %v", side, got, err, all/n)
		}
		if got, err := SSIM(a, b, 2, h, w, 2, mask); err != nil || !(math.Abs(got-kept/k) <= 1e-12) {
			t.Errorf("%v under a mask: %v, %v, want %v", side, got, err, kept/k)
		}
	}
}

// Two scales of images of odd and unequal sides against plain windows of the image and of its means of 2 x 2.
func TestMultiscaleAgainstPlainWindows(t *testing.T) {
	for _, side := range [][2]int{{23, 30}, {27, 22}} {
		h, w := side[0], side[1]
		a, b := slanted(2, h, w, 0), slanted(2, h, w, 0.4)
		half := func(x []float32) []float32 {
			var out []float32
			for i := 0; i+1 < h; i += 2 {
				for j := 0; j+1 < w; j += 2 {
					out = append(out, (x[i*w+j]+x[i*w+j+1]+x[(i+1)*w+j]+x[(i+1)*w+j+1])/4)
				}
			}
			return out
		}
		average := func(m map[[2]int]float64) (mean float64) {
			for _, v := range m {
				mean += v / float64(len(m))
			}
			return mean
		}
		want := 0.0
		for c := range 2 {
			p, q := a[c*h*w:(c+1)*h*w], b[c*h*w:(c+1)*h*w]
			_, fine := windowed(p, q, h, w, 2)
			coarse, _ := windowed(half(p), half(q), h/2, w/2, 2)
			want += math.Pow(average(fine), 0.0448/(0.0448+0.2856)) * math.Pow(average(coarse), 0.2856/(0.0448+0.2856)) / 2
		}
		if got, used, err := MultiscaleSSIM(a, b, 2, h, w, 2, 0); err != nil || used != 2 || !(math.Abs(got-want) <= 1e-6) { // float32 means
			t.Errorf("%v: %v of %d scales, %v; want %v", side, got, used, err, want)
		}
	}
	// 176 pixels a side take five scales, 175 four; images of opposite sign have none of it.
	for _, tt := range []struct{ h, w, scales int }{{176, 176, 5}, {175, 200, 4}, {200, 43, 2}, {11, 50, 1}} {
		a := slanted(1, tt.h, tt.w, 0)
		b := make([]float32, len(a))
		for i, v := range a {
			b[i] = -v
		}
		if v, used, err := MultiscaleSSIM(a, a, 1, tt.h, tt.w, 2, 0); err != nil || used != tt.scales || !(math.Abs(v-1) <= 1e-12) {
			t.Errorf("%d x %d: %v of %d scales, %v", tt.h, tt.w, v, used, err)
		}
		if v, _, err := MultiscaleSSIM(a, b, 1, tt.h, tt.w, 2, 0); tt.scales > 1 && (err != nil || v != 0) {
			t.Errorf("opposite images of %d x %d: %v, %v", tt.h, tt.w, v, err)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	at := func(_ int) []float32 { return make([]float32, 6) }
	x := func(n int) []float32 { return make([]float32, n) }
	inf := x(4)
	inf[1] = float32(math.Inf(1))
	only := func(_ any, err error) error { return err }
	scales := func(_ float64, _ int, err error) error { return err }
	uneven := func(i int) []float32 { return make([]float32, 4+i/5) }
	infinite := func(i int) []float32 { return [][]float32{x(4), inf}[min(1, i/3)] }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{only(Errors(x(4), x(3), 1, 1, nil)), "image error: images of 4 and 3 values"},
		{only(Errors(x(4), x(4), 0, 1, nil)), "image error: 4 values for 0 channels"},
		{only(Errors(x(4), x(4), 3, 1, nil)), "image error: 4 values for 3 channels"},
		{only(Errors(nil, nil, 1, 1, nil)), "image error: 0 values for 1 channels"},
		{only(Errors(x(4), x(4), 1, 0, nil)), "image error: span 0, want a number above 0"},
		{only(Errors(x(4), x(4), 1, math.Inf(1), nil)), "image error: span +Inf, want a number above 0"},
		{only(Errors(x(4), inf, 1, 1, nil)), "image error: value 1 is 0 and +Inf, want finite numbers"},
		{only(Errors(x(4), x(4), 2, 1, make([]bool, 4))), "image error: mask of 4 pixels for images of 2"},
		{only(SSIM(x(130), x(130), 1, 13, 10, 1, nil)), "ssim: image of 13x10, want at least 11x11"},
		{only(SSIM(x(130), x(130), 1, 10, 13, 1, nil)), "ssim: image of 10x13, want at least 11x11"},
		{only(SSIM(x(130), x(130), 2, 11, 12, 1, nil)), "ssim: 130 values for 2x11x12"},
		{only(SSIM(x(132), x(132), 1, 11, 12, 1, make([]bool, 11))), "ssim: mask of 11 pixels for images of 132"},
		{only(SSIM(x(132), x(132), 1, 11, 12, 1, make([]bool, 132))), "ssim: the mask keeps no window"},
		{scales(MultiscaleSSIM(x(4), x(3), 1, 2, 2, 1, 0)), "ms-ssim: images of 4 and 3 values"},
		{scales(MultiscaleSSIM(x(4), inf, 1, 2, 2, 1, 0)), "ms-ssim: value 1 is 0 and +Inf, want finite numbers"},
		{scales(MultiscaleSSIM(x(130), x(130), 2, 11, 12, 1, 0)), "ms-ssim: 130 values for 2x11x12"},
		{scales(MultiscaleSSIM(x(132), x(132), 1, 11, 12, 1, 2)), "ms-ssim: 2 scales of an image of 11x12, want 1 to 1 and at least 11 pixels a side"},
		{scales(MultiscaleSSIM(x(132), x(132), 1, 11, 12, 1, -1)), "ms-ssim: -1 scales of an image of 11x12, want 1 to 1 and at least 11 pixels a side"},
		{scales(MultiscaleSSIM(x(120), x(120), 1, 12, 10, 1, 0)), "ms-ssim: 0 scales of an image of 12x10, want 1 to 0 and at least 11 pixels a side"},
		{only(EffectRegion(at, 1, mat.NewDense(9, 2, nil), 0)), "effect region: 0 of 2 columns for 9 images, want at least one column and 4 images"},
		{only(EffectRegion(at, 1, mat.NewDense(9, 2, nil), 3)), "effect region: 3 of 2 columns for 9 images, want at least one column and 4 images"},
		{only(EffectRegion(at, 4, mat.NewDense(9, 2, nil), 1)), "effect region: images of 6 values for 4 channels"},
		{only(EffectRegion(at, 0, mat.NewDense(9, 2, nil), 1)), "effect region: images of 6 values for 0 channels"},
		{only(EffectRegion(uneven, 1, mat.NewDense(9, 2, nil), 1)), "effect region: image 5 has 5 values, image 0 4"},
		{only(EffectRegion(infinite, 1, mat.NewDense(9, 2, nil), 1)), "effect region: image 3: value 1 is +Inf, want a finite number"},
	} {
		if got := fmt.Sprint(tt.err); got != "metrics: "+tt.want {
			t.Errorf("error %q, want %q", got, "metrics: "+tt.want)
		}
	}
}

// One pixel is the condition x in {-1, 1} times an effect plus a disturbance of deviation 1 that is balanced against it:
// the coefficient is the effect, its standard error 1/sqrt(n). The bound is 0.2 or four errors, whichever is larger.
func TestEffectRegionBounds(t *testing.T) {
	for _, tt := range []struct {
		n      int
		effect float64
		want   bool
	}{
		{1600, 0.21, true}, {1600, 0.19, false}, // four errors are 0.1
		{1600, -0.21, true},
		{100, 0.42, true}, {100, 0.38, false}, // four errors are 0.4
	} {
		design := mat.NewDense(tt.n, 1, nil)
		images := make([][]float32, tt.n)
		for i := range images {
			x, noise := float64(i%2*2-1), float64(i/2%2*2-1)
			design.Set(i, 0, x)
			images[i] = []float32{float32(noise), float32(tt.effect*x + noise)}
		}
		got, err := EffectRegion(func(i int) []float32 { return images[i] }, 1, design, 1)
		if err != nil || !slices.Equal(got, []bool{false, tt.want}) {
			t.Errorf("%d images, effect %v: %v, %v", tt.n, tt.effect, got, err)
		}
	}
}
