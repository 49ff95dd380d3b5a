package attributes

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// A small CelebA: n images of 12x16 pixels, image i grey of level 7i mod 256 with a
// dark left half. Every second smiles, every third wears glasses, every fifth is male.
const smallFaces = 60

func smallAttributes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n%s\n", smallFaces, strings.Join(celebaAttributes, " "))
	for i := range smallFaces {
		b.WriteString(smallName(i))
		for _, a := range celebaAttributes {
			every := map[string]int{"Smiling": 2, "Eyeglasses": 3, "Male": 5}[a]
			if every > 0 && i%every == 0 {
				b.WriteString("  1")
			} else {
				b.WriteString(" -1")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func smallName(i int) string { return fmt.Sprintf("%06d.jpg", i+1) }

func smallFace(t testing.TB, i int) []byte {
	im := image.NewGray(image.Rect(0, 0, 12, 16))
	for y := range 16 {
		for x := 6; x < 12; x++ {
			im.SetGray(x, y, color.Gray{Y: uint8(7 * i)})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smallZip packs images; change, if any, alters a file before it is packed.
func smallZip(t testing.TB, change func(i int, data []byte) []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range smallFaces {
		data := smallFace(t, i)
		if change != nil {
			data = change(i, data)
		}
		if data == nil {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: "img_align_celeba/" + smallName(i), Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// small is a data folder with the small CelebA as an archive and a cache of its own.
func small(t testing.TB) domains.Request {
	dir := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(dir, "celeba", "list_attr_celeba.txt"), []byte(smallAttributes()))
	domainstest.WriteFile(t, filepath.Join(dir, "celeba", "img_align_celeba.zip"), smallZip(t, nil))
	return domains.Request{DataDir: dir, CacheDir: filepath.Join(dir, "cache"), Shape: domains.Shape{Channels: 3, Height: 8, Width: 8}, Options: option.Values{"where": "Smiling & !Eyeglasses"}}
}

// with is the request with one more option.
func with(r domains.Request, name string, value any) domains.Request {
	r.Options = maps.Clone(r.Options)
	r.Options[name] = value
	return r
}

func TestCelebA(t *testing.T) {
	r := small(t)
	d, err := domains.Load(context.Background(), "celeba", with(r, "label", "Male"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range []domains.Split{d.Train, d.Test} {
		if s.Images.Len() != len(s.Names) || s.Images.Len() != len(s.Truth.Reveal()) {
			t.Fatalf("%d images, %d names, %d labels", s.Images.Len(), len(s.Names), len(s.Truth.Reveal()))
		}
		for k, name := range s.Names {
			var i int
			if _, err := fmt.Sscanf(name, "%06d.jpg", &i); err != nil {
				t.Fatal(err)
			}
			i--
			if i%2 != 0 || i%3 == 0 || seen[name] {
				t.Errorf("%s is not in the domain, or twice", name)
			}
			seen[name] = true
			if male := i%5 == 0; (s.Truth.Reveal()[k] == 1) != male {
				t.Errorf("%s: label %d", name, s.Truth.Reveal()[k])
			}
			// The right edge of the crop has the image's level, within JPEG's error.
			if got, want := s.Images.At(k)[7], float32(uint8(7*i))/127.5-1; got < want-0.08 || got > want+0.08 {
				t.Errorf("%s: level %v, want about %v", name, got, want)
			}
		}
	}
	if len(seen) != 20 { // even, not a multiple of three, below 60
		t.Errorf("%d images, want 20", len(seen))
	}
	if !d.Train.Images.Mirror || d.Test.Images.Mirror {
		t.Error("training images are mirrored, test images are not")
	}
	if len(d.Lock.Files) != 2 || !strings.Contains(d.Lock.Transform, "split seeded") {
		t.Errorf("lock %+v", d.Lock)
	}
}

// A folder and an archive of the same files give the same samples.
func TestCelebAFolder(t *testing.T) {
	r := small(t)
	want, err := domains.Load(context.Background(), "celeba", r)
	if err != nil {
		t.Fatal(err)
	}
	for i := range smallFaces {
		domainstest.WriteFile(t, filepath.Join(r.DataDir, "celeba", "img_align_celeba", smallName(i)), smallFace(t, i))
	}
	got, err := domains.Load(context.Background(), "celeba", r)
	if err != nil || !maps.Equal(got.Lock.Samples, want.Lock.Samples) {
		t.Errorf("samples %v, want %v (%v)", got.Lock.Samples, want.Lock.Samples, err)
	}
}

// The same bytes for any number of workers, at one channel too; and images are those
// of the plain path but for rounding to bytes.
func TestDecodingWorkers(t *testing.T) {
	defer parallel.SetThreads(0)
	for _, shape := range []domains.Shape{{Channels: 3, Height: 8, Width: 8}, {Channels: 1, Height: 8, Width: 8}} {
		var samples map[string]string
		for _, threads := range []int{1, 2, 8} {
			parallel.SetThreads(threads)
			r := small(t)
			r.Shape = shape
			d, err := domains.Load(context.Background(), "celeba", r)
			if err != nil {
				t.Fatal(err)
			}
			if samples == nil {
				samples = d.Lock.Samples
			}
			if !maps.Equal(samples, d.Lock.Samples) {
				t.Errorf("%v with %d workers: other samples", shape, threads)
			}
		}
	}
}

// Which split an image is in does not depend on the expression that selects it.
func TestSeededSplit(t *testing.T) {
	r := small(t)
	split := map[string]string{}
	for _, where := range []string{"Smiling", "Eyeglasses", "Male", "!Male", "!Smiling & !Eyeglasses"} {
		d, err := domains.Load(context.Background(), "celeba", with(with(r, "where", where), "test_fraction", 0.3))
		if err != nil {
			t.Fatal(err)
		}
		for part, names := range map[string][]string{"train": d.Train.Names, "test": d.Test.Names} {
			for _, name := range names {
				if was, ok := split[name]; ok && was != part {
					t.Errorf("%s is in %s and in %s", name, was, part)
				}
				split[name] = part
			}
		}
	}
	if len(split) != smallFaces {
		t.Errorf("%d images, want all", len(split))
	}
}

func TestOfficialAndFirstSplit(t *testing.T) {
	r := small(t)
	var b strings.Builder
	for i := range smallFaces {
		fmt.Fprintf(&b, "%s %d\n", smallName(i), i%3)
	}
	domainstest.WriteFile(t, filepath.Join(r.DataDir, "celeba", "list_eval_partition.txt"), []byte(b.String()))
	d, err := domains.Load(context.Background(), "celeba", with(r, "where", "Smiling | !Smiling"))
	if err != nil || len(d.Train.Names) != 20 || len(d.Test.Names) != 20 || d.Test.Names[0] != smallName(2) {
		t.Errorf("official: %d and %d images, %v", len(d.Train.Names), len(d.Test.Names), err)
	}
	d, err = domains.Load(context.Background(), "celeba", with(with(r, "split", "first"), "test_first", 7))
	if err != nil || len(d.Test.Names) != 7 || d.Test.Names[0] != smallName(2) || !slices.IsSorted(append(slices.Clone(d.Test.Names), d.Train.Names...)) {
		t.Errorf("first: %v, %v", d.Test.Names, err)
	}
	r.Limit = 5
	if d, err = domains.Load(context.Background(), "celeba", with(with(r, "split", "first"), "test_first", 7)); err != nil || d.Train.Images.Len() != 5 || d.Test.Images.Len() != 7 {
		t.Errorf("limit: %v, %v", d.Lock.Splits, err)
	}
}

func TestCelebARefuses(t *testing.T) {
	damage := func(i int, data []byte) []byte {
		if i == 2 || i == 4 {
			return data[:len(data)/2]
		}
		return data
	}
	attr := smallAttributes()
	for _, tt := range []struct {
		name    string
		change  func(t *testing.T, dir string) // below celeba
		option  [2]any                         // one more
		want    string                         // %s is the folder
		damaged bool
	}{
		{"truncated archive", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/img_align_celeba.zip", smallZip(t, nil)[:3000])
		}, [2]any{}, "domains: celeba: %s/img_align_celeba.zip (3000 bytes): not a whole zip archive: zip: not a valid zip file", true},
		{"empty archive file", func(t *testing.T, dir string) { domainstest.WriteFile(t, dir+"/img_align_celeba.zip", nil) }, [2]any{},
			"domains: celeba: %s/img_align_celeba.zip (0 bytes): not a whole zip archive: zip: not a valid zip file", true},
		{"damaged images", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/img_align_celeba.zip", smallZip(t, damage))
		}, [2]any{"test_fraction", 0.001},
			"domains: celeba: %s/img_align_celeba.zip: 2 of 20 images are damaged (skip_damaged allows a share of 0), the first 000003.jpg (", true},
		{"too many damaged", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/img_align_celeba.zip", smallZip(t, damage))
		}, [2]any{"skip_damaged", 0.05},
			"are damaged (skip_damaged allows a share of 0.05), the first 000003.jpg (", true},
		{"wrong count", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/list_attr_celeba.txt", []byte(strings.Replace(attr, "60", "61", 1)))
		}, [2]any{}, "domains: celeba: %s/list_attr_celeba.txt: line 1 promises 61 images, 60 follow", true},
		{"no attributes", func(t *testing.T, dir string) { os.Remove(dir + "/list_attr_celeba.txt") }, [2]any{},
			"domains: celeba: %s/list_attr_celeba.txt is missing; `venn data fetch celeba` says how to get it", false},
		{"no images", func(t *testing.T, dir string) { os.Remove(dir + "/img_align_celeba.zip") }, [2]any{},
			"domains: celeba: %s has neither a folder img_align_celeba nor img_align_celeba.zip; `venn data fetch celeba` says how to get it", false},
		{"image missing", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/img_align_celeba.zip", smallZip(t, func(i int, data []byte) []byte {
				if i == 4 {
					return nil
				}
				return data
			}))
		}, [2]any{}, "domains: celeba: 000005.jpg is listed, but is not in %s/img_align_celeba.zip", false},
		{"crop", nil, [2]any{"crop", 14}, "domains: celeba: 000003.jpg: 12x16 pixels, smaller than the crop of 14", false},
		{"unknown attribute", nil, [2]any{"where", "Smilling"}, `domains: celeba: where "Smilling": column 1: unknown attribute "Smilling"; did you mean "Smiling"?`, false},
		{"nobody", nil, [2]any{"where", "Bald"}, `domains: celeba: where "Bald" selects none of 60 images`, false},
		{"all in one split", nil, [2]any{"test_fraction", 0.001}, "", false},
		{"no official split", nil, [2]any{"split", "official"}, "domains: celeba: the official split needs %s/list_eval_partition.txt, which is missing", false},
		{"official split without an image", func(t *testing.T, dir string) {
			domainstest.WriteFile(t, dir+"/list_eval_partition.txt", []byte("000001.jpg 0\n"))
		}, [2]any{}, "domains: celeba: %s/list_eval_partition.txt: 000002.jpg is in no split", true},
	} {
		r := small(t)
		dir := filepath.Join(r.DataDir, "celeba")
		if tt.change != nil {
			tt.change(t, dir)
		}
		if name, ok := tt.option[0].(string); ok {
			r = with(r, name, tt.option[1])
		}
		_, err := domains.Load(context.Background(), "celeba", r)
		got := fmt.Sprint(err)
		if tt.name == "all in one split" {
			if err == nil || !strings.Contains(got, `the split leaves no test images of the 20 that where "Smiling & !Eyeglasses" selects`) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		var damage *domains.DamagedError
		if want := strings.ReplaceAll(tt.want, "%s", dir); err == nil || !strings.Contains(got, want) || errors.As(err, &damage) != tt.damaged || strings.Contains(got, "\n") {
			t.Errorf("%s: got %v\nwant %s (damaged: %v)", tt.name, err, want, tt.damaged)
		}
	}
}

// Damaged images within the share that the spec allows are left out and named.
func TestSkipDamaged(t *testing.T) {
	r := small(t)
	domainstest.WriteFile(t, filepath.Join(r.DataDir, "celeba", "img_align_celeba.zip"), smallZip(t, func(i int, data []byte) []byte {
		if i == 2 {
			return []byte("not a picture")
		}
		return data
	}))
	d, err := domains.Load(context.Background(), "celeba", with(r, "skip_damaged", 0.2))
	if err != nil {
		t.Fatal(err)
	}
	names := append(slices.Clone(d.Train.Names), d.Test.Names...)
	if len(names) != 19 || slices.Contains(names, smallName(2)) || !strings.Contains(d.Lock.Transform, "left out as damaged: 000003.jpg") {
		t.Errorf("%d images, lock %q", len(names), d.Lock.Transform)
	}
	if d.Train.Images.Len() != len(d.Train.Names) {
		t.Error("names and images differ")
	}
}

// An archive whose bytes rot below an intact directory is caught by its CRC.
func TestRottenArchive(t *testing.T) {
	r := small(t)
	path := filepath.Join(r.DataDir, "celeba", "img_align_celeba.zip")
	data := smallZip(t, nil)
	at := bytes.Index(data, []byte(smallName(2))) + len(smallName(2)) + 300
	data[at] ^= 0xff
	domainstest.WriteFile(t, path, data)
	_, err := domains.Load(context.Background(), "celeba", r)
	if err == nil || !strings.Contains(err.Error(), "1 of ") || !strings.Contains(err.Error(), "the first 000003.jpg") {
		t.Errorf("got %v", err)
	}
}

func cached(t *testing.T, r domains.Request) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.CacheDir, "*.images"))
	if err != nil || len(found) != 2 {
		t.Fatalf("cache %v, %v", found, err)
	}
	return found
}

// The cache is used where it is whole and made anew where it is not: cut anywhere,
// changed anywhere, or of another request.
func TestCacheIsCheckedAndMadeAnew(t *testing.T) {
	r := small(t)
	want, err := domains.Load(context.Background(), "celeba", r)
	if err != nil {
		t.Fatal(err)
	}
	files := cached(t, r)
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	decoded := 0
	counting := r
	counting.Progress = func(string, int, int) { decoded++ }
	check := func(what string, anew bool) {
		t.Helper()
		decoded = 0
		got, err := domains.Load(context.Background(), "celeba", counting)
		if err != nil || !maps.Equal(got.Lock.Samples, want.Lock.Samples) || (decoded > 0) != anew {
			t.Errorf("%s: %v, decoded anew: %v, want %v", what, err, decoded > 0, anew)
		}
		if now, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("%s: the cached file is not what it was (%v)", what, err)
		}
	}
	check("whole", false)
	r2 := stream.New(1, "test/cache")
	for range 20 {
		cut := r2.IntN(len(whole))
		domainstest.WriteFile(t, files[0], whole[:cut])
		check(fmt.Sprintf("cut at %d", cut), true)
		flipped := bytes.Clone(whole)
		flipped[r2.IntN(len(whole)-len(decodedMagic))] ^= 1
		domainstest.WriteFile(t, files[0], flipped)
		decoded = 0
		if got, err := domains.Load(context.Background(), "celeba", counting); err != nil || !maps.Equal(got.Lock.Samples, want.Lock.Samples) {
			t.Errorf("a flipped bit: %v", err)
		}
		domainstest.WriteFile(t, files[0], whole)
	}
	domainstest.WriteFile(t, files[0], other)
	check("another file", true)
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	check("removed", true)
}

// Several that want one file at once: one decodes, all get the same.
func TestTwoWritersOfTheCache(t *testing.T) {
	r := small(t)
	var mutex sync.Mutex
	decoded := map[string]int{}
	r.Progress = func(what string, done, total int) {
		mutex.Lock()
		decoded[what]++
		mutex.Unlock()
	}
	var got [6]*domains.Domain
	var errs [6]error
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], errs[i] = domains.Load(context.Background(), "celeba", r) })
	}
	wg.Wait()
	for i := range got {
		if errs[i] != nil || !maps.Equal(got[i].Lock.Samples, got[0].Lock.Samples) {
			t.Errorf("%d: %v", i, errs[i])
		}
	}
	if decoded["decode a train"] != 1 || decoded["decode a test"] != 1 {
		t.Errorf("decoded %v, want once each", decoded)
	}
}

// A decoding that is stopped leaves no file, and what a kill leaves lying about does
// not matter.
func TestCacheInterrupted(t *testing.T) {
	r := small(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := domains.Load(ctx, "celeba", r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(r.CacheDir, "*.images")); len(found) != 0 {
		t.Errorf("an interrupted decoding left %v", found)
	}
	// What a kill leaves beside a file is cleared away when that file is made.
	if _, err := domains.Load(context.Background(), "celeba", r); err != nil {
		t.Fatal(err)
	}
	for _, file := range cached(t, r) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		domainstest.WriteFile(t, filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+"1234567"), []byte("half"))
	}
	if _, err := domains.Load(context.Background(), "celeba", r); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.CacheDir, ".*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestDisjoint(t *testing.T) {
	r := small(t)
	load := func(where string) *domains.Domain {
		d, err := domains.Load(context.Background(), "celeba", with(r, "where", where))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := load("Smiling & !Eyeglasses"), load("!Smiling & Eyeglasses")
	if err := domains.Disjoint(a, b); err != nil {
		t.Error(err)
	}
	want := `domains: celeba: where "Smiling & !Eyeglasses" and where "Smiling" both select 20 images, the first 000003.jpg; want expressions that exclude each other`
	if err := domains.Disjoint(a, load("Smiling")); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// An image-table is the same with a CSV and a folder of one's own.
func TestImageTable(t *testing.T) {
	r := small(t)
	want, err := domains.Load(context.Background(), "celeba", r)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	var b strings.Builder
	b.WriteString("file,Smiling,Eyeglasses\n")
	for i := range smallFaces {
		fmt.Fprintf(&b, "deep/%s,%v,%d\n", smallName(i), i%2 == 0, map[bool]int{true: 1}[i%3 == 0])
		domainstest.WriteFile(t, filepath.Join(root, "deep", smallName(i)), smallFace(t, i))
	}
	domainstest.WriteFile(t, filepath.Join(root, "table.csv"), []byte(b.String()))
	r.Options = option.Values{"images": root, "attributes": filepath.Join(root, "table.csv"), "where": "Smiling & !Eyeglasses"}
	got, err := domains.Load(context.Background(), "image-table", r)
	if err != nil || got.Train.Images.Len()+got.Test.Images.Len() != want.Train.Images.Len()+want.Test.Images.Len() {
		t.Fatalf("%v, %v", got, err)
	}
	if _, err := domains.Load(context.Background(), "image-table", with(r, "where", "Happy")); err == nil || !strings.Contains(err.Error(), `column 1: unknown attribute "Happy"; want one of Eyeglasses, Smiling`) {
		t.Errorf("got %v", err)
	}
	domainstest.WriteFile(t, filepath.Join(root, "table.csv"), []byte("file,Smiling\n../celeba/x.jpg,1\nb,0\n"))
	if _, err := domains.Load(context.Background(), "image-table", with(with(with(r, "where", "Smiling"), "split", "first"), "test_first", 1)); err == nil {
		t.Error("a name above the folder was read")
	}
}

// An image-table of an archive with folders, its attributes and paths as other programs
// write them, selects the images that it selects of CelebA.
func TestImageTableOfAnArchive(t *testing.T) {
	r := small(t)
	want, err := domains.Load(context.Background(), "celeba", r)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	var b strings.Builder
	b.WriteString("\ufeff;file; Big Smile ;Eyeglasses\n")
	for i := range smallFaces {
		fmt.Fprintf(&b, "%d;.\\img_align_celeba\\%s;%s;%d.0\n", i, smallName(i), map[bool]string{true: "True", false: "False"}[i%2 == 0], map[bool]int{true: 1}[i%3 == 0])
	}
	domainstest.WriteFile(t, filepath.Join(root, "own.zip"), smallZip(t, nil))
	domainstest.WriteFile(t, filepath.Join(root, "own.csv"), []byte(b.String()))
	r.Options = option.Values{"images": filepath.Join(root, "own.zip"), "attributes": filepath.Join(root, "own.csv"), "where": `"Big Smile" & !Eyeglasses`}
	got, err := domains.Load(context.Background(), "image-table", r)
	if err != nil {
		t.Fatal(err)
	}
	names := func(d *domains.Domain) (out []string) {
		for _, name := range append(slices.Clone(d.Train.Names), d.Test.Names...) {
			out = append(out, filepath.Base(name))
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(names(got), names(want)) {
		t.Errorf("%v, want %v", names(got), names(want))
	}
}

// Whatever stands in a cached file, it is opened whole or not at all.
func FuzzDecodedFile(f *testing.F) {
	d := &decoding{names: []string{"a", "b"}, shape: domains.Shape{Channels: 1, Height: 2, Width: 2}}
	d.decode = func(i int, dst []byte) error { copy(dst, []byte{byte(i), 1, 2, 3}); return nil }
	var whole bytes.Buffer
	if err := d.write(context.Background(), &whole, d.key()); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte(decodedMagic))
	f.Add(append(bytes.Repeat([]byte{'9'}, 10), decodedMagic...))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		images, left, ok := d.open(path, d.key())
		if ok && (images.Len()+len(left) != 2 || images.Data != nil) {
			t.Errorf("opened %d images and %d left out", images.Len(), len(left))
		}
	})
}

// The real files: how many faces there are by the attributes, and that they decode.
func TestRealCelebA(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(data, "celeba")); err != nil {
		t.Skip("../shared/data/celeba is not there; it holds the first 8000 images and rows of CelebA")
	}
	// Counted by awk over the columns of the attribute list.
	for where, want := range map[string]int{
		"!Smiling & Eyeglasses": 330, "Smiling & !Eyeglasses": 3623,
		"Male & !5_o_Clock_Shadow & (Mustache | Goatee | !No_Beard) & !Eyeglasses": 614,
	} {
		r := domains.Request{DataDir: data, CacheDir: t.TempDir(), Shape: domains.Shape{Channels: 3, Height: 64, Width: 64}, Options: option.Values{"where": where}}
		d, err := domains.Load(context.Background(), "celeba", r)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Train.Images.Len() + d.Test.Images.Len(); got != want {
			t.Errorf("%s: %d images, want %d", where, got, want)
		}
	}
}
