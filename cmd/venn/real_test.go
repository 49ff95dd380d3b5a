package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments"
)

// realSpec is a small experiment that goes through every room in a few seconds.
const realSpec = `name: real
domains:
  a: {dataset: faces-schematic, labelled: true, train: 60, test: 40}
  b: {dataset: faces-schematic, train: 60, test: 40}
image: {size: 16, channels: 3}
model:
  method: didd
  base: 4
  separate: 2
  train: {iterations: 120, batch: 8, log_every: 1, checkpoint_every: 20}
adapt: {classifiers: [logistic, centroid]}
metrics:
  independence: {tests: [hsic, dcor-u], permutations: 19, rows: 40}
  discrepancy: {tests: [mmd2, a-distance], permutations: 19, rows: 40}
translate: {pairs: 10, grid: 2, steps: 3}
report: {formats: [html, md, csv, tex, png]}
`

// limitFiles makes writes beyond VENN_TEST_FILE_BYTES fail, as a full disk does.
func limitFiles() {
	n, err := strconv.ParseUint(os.Getenv("VENN_TEST_FILE_BYTES"), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}

// program prepares a command line of the program as a process of its own.
func program(dir string, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(env, "VENN_TEST_MAIN=real", "HOME="+dir, "XDG_CONFIG_HOME="+dir, "VENN_THREADS=")...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// finish runs a command line to its end and checks the exit code.
func finish(t *testing.T, dir string, env []string, want int, args ...string) string {
	t.Helper()
	cmd, out := program(dir, env, args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Fatalf("venn %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, want, out)
	}
	return out.String()
}

func realDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real.yaml"), realSpec)
	return dir
}

// runDir is the one run directory below dir.
func runDir(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "runs", "real", "*", "status.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("run directories %v, %v", found, err)
	}
	return filepath.Dir(found[0])
}

// products reads what must be the same bytes: results, records, codes, grids, the
// checkpoints and the data lock.
func products(t *testing.T, dir string) map[string]string {
	t.Helper()
	run, out := runDir(t, dir), map[string]string{}
	for _, pattern := range []string{"results.json", "metrics.jsonl", "data.lock.json", "status.json", "resolved.yaml", "codes/*", "grids/*", "checkpoints/*"} {
		paths, err := filepath.Glob(filepath.Join(run, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", pattern, paths, err)
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel(run, p)
			out[name] = string(data)
		}
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %s has other bytes", what, name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d files, want %d", what, len(got), len(want))
	}
}

// waitForRecords waits until a run has logged so many steps.
func waitForRecords(t *testing.T, dir string, records int) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		found, _ := filepath.Glob(filepath.Join(dir, "runs", "real", "*", "metrics.jsonl"))
		if len(found) == 1 {
			if data, _ := os.ReadFile(found[0]); bytes.Count(data, []byte{'\n'}) >= records {
				return
			}
		}
	}
	t.Fatalf("no %d records after a minute", records)
}

// One run at GOMAXPROCS 1 and 2, killed at three random moments and resumed,
// interrupted and resumed, and with a disk that is full in between: always the
// same bytes.
func TestSameBytesWhateverHappens(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program several times")
	}
	base := realDir(t)
	out := finish(t, base, []string{"GOMAXPROCS=1"}, exitOK, "run", "real.yaml")
	want := products(t, base)
	for _, text := range []string{"Adaptation accuracy", "target-oracle", "Translation against exact renders", "a->b", "report: "} {
		if !strings.Contains(out, text) {
			t.Errorf("the output lacks %q:\n%s", text, out)
		}
	}
	if _, err := os.Stat(filepath.Join(base, "runs", "real", "report", "index.html")); err != nil {
		t.Error(err)
	}

	t.Run("two processors", func(t *testing.T) {
		dir := realDir(t)
		finish(t, dir, []string{"GOMAXPROCS=2"}, exitOK, "run", "real.yaml")
		same(t, "GOMAXPROCS 2", products(t, dir), want)
	})
	t.Run("killed", func(t *testing.T) {
		dir := realDir(t)
		r := rand.New(rand.NewPCG(11, 1))
		at := 0
		for range 3 {
			at = min(115, at+5+r.IntN(35))
			cmd, _ := program(dir, nil, "run", "real.yaml")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForRecords(t, dir, at)
			_ = cmd.Process.Kill() // it may have ended, which the comparison allows
			_ = cmd.Wait()
		}
		finish(t, dir, nil, exitOK, "verify", "real") // a kill is not damage
		finish(t, dir, nil, exitOK, "resume", "real")
		finish(t, dir, nil, exitOK, "verify", "real")
		same(t, "killed and resumed", products(t, dir), want)
	})
	t.Run("interrupted", func(t *testing.T) {
		dir := realDir(t)
		cmd, text := program(dir, nil, "run", "real.yaml")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitForRecords(t, dir, 10)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Fatalf("exit code %d, want %d:\n%s", code, exitInterrupted, text)
		}
		status, _ := os.ReadFile(filepath.Join(runDir(t, dir), "status.json"))
		if !strings.Contains(string(status), `"interrupted"`) {
			t.Errorf("status %s", status)
		}
		finish(t, dir, nil, exitOK, "resume", "real")
		same(t, "interrupted and resumed", products(t, dir), want)
	})
	t.Run("disk full", func(t *testing.T) {
		dir := realDir(t)
		text := finish(t, dir, []string{"VENN_TEST_FILE_BYTES=20000"}, exitFailed, "run", "real.yaml")
		if !strings.Contains(text, "models: checkpoint: ") || !strings.Contains(text, "free some space and run `venn resume`") {
			t.Errorf("output %s", text)
		}
		if left, _ := filepath.Glob(filepath.Join(runDir(t, dir), "checkpoints", "*")); len(left) != 0 {
			t.Errorf("a failed checkpoint leaves %v", left)
		}
		finish(t, dir, nil, exitOK, "resume", "real")
		same(t, "full disk and resumed", products(t, dir), want)
	})
}

// Changing only classifiers retrains and re-encodes nothing.
func TestCodesAreCached(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole program twice")
	}
	dir := realDir(t)
	finish(t, dir, nil, exitOK, "run", "real.yaml")
	before := products(t, dir)
	finish(t, dir, nil, exitOK, "run", "real.yaml", "adapt.classifiers=[lda]")
	after := products(t, dir)
	if after["results.json"] == before["results.json"] || !strings.Contains(after["results.json"], `"lda"`) {
		t.Error("the new classifier is not in the results")
	}
	log, err := os.ReadFile(filepath.Join(runDir(t, dir), "log.txt"))
	if err != nil || !strings.Contains(string(log), "codes taken from the cache") {
		t.Errorf("the log does not say that codes were taken from the cache: %v", err)
	}
	for name := range before {
		if strings.HasPrefix(name, "codes") || strings.HasPrefix(name, "checkpoints") || name == "metrics.jsonl" {
			if after[name] != before[name] {
				t.Errorf("%s changed", name)
			}
		}
	}
}

// Data that is missing or damaged ends a run before its training with one line that
// names the file, and with the exit code of its kind.
func TestBadData(t *testing.T) {
	dir := realDir(t)
	gz := func(data ...byte) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	idx := func(dimensions byte, count byte, values int, more ...byte) string {
		head := append([]byte{0, 0, 8, dimensions, 0, 0, 0, count}, more...)
		return gz(append(head, make([]byte, values)...)...)
	}
	images, labels := idx(3, 2, 2*28*28, 0, 0, 0, 28, 0, 0, 0, 28), idx(1, 2, 2)
	usps := "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xf0\x3f\x6b\x96\x00\x00\x03\xd8\x00\x00\x10\x40\x02\x30\x10\x20\x00\x21\x29\xa3\x6a\x0c\x03\xb2\xa3\x52\x27\x8b\xb9\x22\x9c\x28\x48\x78\x1f\xb5\xcb\x00"
	var face bytes.Buffer
	if err := png.Encode(&face, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, a, file, content string
		code                   int
		want                   string
	}{
		{"missing", "mnist", "", "", exitFailed, "is missing; `venn data fetch mnist` gets it"},
		{"truncated gzip", "mnist", "mnist/train-images-idx3-ubyte.gz", images[:len(images)-9], exitDamaged, "train-images-idx3-ubyte.gz: truncated"},
		{"not gzip", "mnist", "mnist/train-images-idx3-ubyte.gz", "hello", exitDamaged, "train-images-idx3-ubyte.gz: not a gzip file (5 bytes)"},
		{"magic", "mnist", "mnist/train-labels-idx1-ubyte.gz", idx(2, 2, 2), exitDamaged, "train-labels-idx1-ubyte.gz: byte 0: magic number 0x00000802, want 0x00000801"},
		{"count", "mnist", "mnist/train-labels-idx1-ubyte.gz", idx(1, 3, 3), exitDamaged, "train-labels-idx1-ubyte.gz: 3 labels for 2 images"},
		{"bytes", "mnist", "mnist/t10k-labels-idx1-ubyte.gz", idx(1, 2, 1), exitDamaged, "t10k-labels-idx1-ubyte.gz: 1 bytes after the header, which promises 2"},
		{"index 257", "usps", "usps/usps.bz2", "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xff\x48\xbc\xa3\x00\x00\x02\xd8\x00\x00\x10\x40\x02\x32\x90\x20\x00\x31\x0c\x08\x1a\x68\xc2\x76\x51\xa9\x07\x25\xf1\x77\x24\x53\x85\x09\x0f\xf4\x8b\xca\x30", exitDamaged, "usps.bz2: line 1: index 257, want from 1 to 256"},
		{"NaN", "usps", "usps/usps.t.bz2", "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xcd\x5f\x9d\x8c\x00\x00\x02\x59\x00\x00\x10\x40\x02\x30\x10\x20\x01\x20\x00\x21\xa6\x8c\x21\x0c\x08\xa8\x4e\x6c\x29\x2d\xf1\x77\x24\x53\x85\x09\x0c\xd5\xf9\xd8\xc0", exitDamaged, `usps.t.bz2: line 1: index 2: value "nan", want a number from -1 to 1`},
		{"truncated bzip2", "usps", "usps/usps.bz2", usps[:20], exitDamaged, "usps.bz2: truncated"},
		{"empty image", "folder, path: data/own", "own/trainA/0.png", "", exitDamaged, "own/trainA/0.png is empty (0 bytes)"},
		{"unreadable image", "folder, path: data/own", "own/testA/0.png", "hello", exitDamaged, "own/testA/0.png (5 bytes): not a readable image"},
		{"truncated image", "folder, path: data/own", "own/trainA/0.png", face.String()[:50], exitDamaged, "own/trainA/0.png (50 bytes): damaged png of 8x8 pixels"},
		{"truncated zip", `celeba, where: "Male", label: "Male"`, "celeba/img_align_celeba.zip", "PK\x03\x04", exitDamaged, "img_align_celeba.zip (4 bytes): not a whole zip archive"},
	} {
		if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string]string{
			"mnist/train-images-idx3-ubyte.gz": images, "mnist/train-labels-idx1-ubyte.gz": labels,
			"mnist/t10k-images-idx3-ubyte.gz": images, "mnist/t10k-labels-idx1-ubyte.gz": labels,
			"usps/usps.bz2": usps, "usps/usps.t.bz2": usps, "own/trainA/0.png": face.String(), "own/testA/0.png": face.String(),
			"celeba/list_attr_celeba.txt": "1\nMale\n000001.jpg 1\n",
		} {
			if tt.file == "" {
				continue
			}
			write(t, filepath.Join(dir, "data", name), content)
		}
		if tt.file != "" {
			write(t, filepath.Join(dir, "data", tt.file), tt.content)
		}
		write(t, filepath.Join(dir, "bad.yaml"), strings.NewReplacer("faces-schematic, labelled: true, train: 60, test: 40", tt.a+", labelled: true", "size: 16", "size: 32").Replace(realSpec))
		text := finish(t, dir, nil, tt.code, "run", "bad.yaml", "--data", "data")
		line := ""
		for _, l := range strings.Split(text, "\n") {
			if strings.Contains(l, "failed: ") {
				line = l
			}
		}
		if !strings.Contains(line, "[1/1] seed=0: failed: experiments: domain a: ") || !strings.Contains(line, tt.want) || strings.Contains(text, "train: 0/") {
			t.Errorf("%s: %s\nwant one line with %s", tt.name, text, tt.want)
		}
	}
}

// Watching a training writes pictures of it and changes nothing of what is trained.
func TestWatch(t *testing.T) {
	quick := []string{"run", "real.yaml", "model.train.iterations=30", "adapt.classifiers=[centroid]", "metrics.independence.tests=[]", "metrics.discrepancy.tests=[]", "translate.pairs=0"}
	plain, watched := realDir(t), realDir(t)
	finish(t, plain, nil, exitOK, quick...)
	finish(t, watched, nil, exitOK, append(quick, "report.watch=10")...)
	found, _ := filepath.Glob(filepath.Join(runDir(t, watched), "progress", "translate-*.png"))
	if len(found) != 6 || filepath.Base(found[0]) != "translate-a-b-000000010.png" {
		t.Errorf("pictures %v, want two directions at steps 10, 20 and 30", found)
	}
	drawn, err := os.ReadFile(filepath.Join(runDir(t, watched), "progress", "curves.png"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(drawn)); err != nil {
		t.Errorf("the curves so far: %v", err)
	}
	for _, part := range []string{"checkpoints/*", "codes/*", "metrics.jsonl", "results.json"} {
		a, _ := filepath.Glob(filepath.Join(runDir(t, plain), part))
		b, _ := filepath.Glob(filepath.Join(runDir(t, watched), part))
		if len(a) == 0 || len(a) != len(b) {
			t.Fatalf("%s: %v and %v", part, a, b)
		}
		for i := range a {
			x, err := os.ReadFile(a[i])
			if err != nil {
				t.Fatal(err)
			}
			if y, err := os.ReadFile(b[i]); err != nil || !bytes.Equal(x, y) {
				t.Errorf("%s differs when the training is watched (%v)", b[i], err)
			}
		}
	}
	// The last picture is the one that the report draws.
	last, err := os.ReadFile(found[2])
	if err != nil {
		t.Fatal(err)
	}
	shown, err := os.ReadFile(filepath.Join(watched, "runs/real/report/figures/translate-a-b.png"))
	if err != nil || !bytes.Equal(last, shown) {
		t.Errorf("the picture of the last step is not that of the report (%v)", err)
	}
}

// Images without labels can be split and translated; what needs labels is left out
// and named. A domain that is called labelled without being so fails before any
// training.
func TestWithoutLabels(t *testing.T) {
	dir := realDir(t)
	out := finish(t, dir, nil, exitOK, "run", "real.yaml", "domains.a.labelled=false", "model.train.iterations=20")
	for _, want := range []string{"table accuracy: no run has accuracies, which need a labelled domain", "Translation against exact renders", "report: runs/real/report/index.html"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "Adaptation accuracy") {
		t.Errorf("accuracies without a source:\n%s", out)
	}
	face, err := filepath.Glob(filepath.Join(dir, "runs/real/report/figures/translate-a-b.png"))
	if err != nil || len(face) != 1 {
		t.Fatal("no picture to make a folder of")
	}
	data, err := os.ReadFile(face[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for i := range 8 {
			write(t, filepath.Join(dir, "own", split, fmt.Sprintf("%d.png", i)), string(data))
		}
	}
	write(t, filepath.Join(dir, "real.yaml"), strings.NewReplacer("faces-schematic, labelled: true, train: 60, test: 40", "folder, labelled: true, path: own",
		"faces-schematic, train: 60, test: 40", "folder, path: own").Replace(realSpec))
	out = finish(t, dir, nil, exitFailed, "run", "real.yaml")
	if !strings.Contains(out, "experiments: domain a is labelled, but folder has no labels there; ") || strings.Contains(out, "train: 0/") {
		t.Errorf("a labelled domain without labels:\n%s", out)
	}
}

// A trained model works on images of any size and format, through the program and
// through its package, and what the modes make is what their formulas say.
func TestOwnImages(t *testing.T) {
	dir := realDir(t)
	finish(t, dir, nil, exitOK, "run", "real.yaml", "model.train.iterations=20", "adapt.classifiers=[centroid]", "metrics.independence.tests=[]", "metrics.discrepancy.tests=[]")
	for i := range 3 {
		drawFace(t, filepath.Join(dir, "own", fmt.Sprintf("%d.%s", i, []string{"png", "jpg", "gif"}[i])), 20+7*i, 30-5*i, i)
	}
	write(t, filepath.Join(dir, "own", "notes.txt"), "not an image")
	write(t, filepath.Join(dir, "bad", "cut.png"), "\x89PNG\r\n\x1a\n")
	size := func(name string) (w, h int) {
		t.Helper()
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c, _, err := image.DecodeConfig(f)
		if err != nil {
			t.Fatal(err)
		}
		return c.Width, c.Height
	}
	finish(t, dir, nil, exitOK, "translate", "--model", "real", "--content", "own/0.png", "--guide", "own/1.jpg", "-o", "out/one.png")
	if w, h := size("out/one.png"); w != 16 || h != 16 {
		t.Errorf("one translation is %dx%d, want the model's 16x16", w, h)
	}
	finish(t, dir, nil, exitOK, "translate", "--model", "real", "--content", "own", "--guide", "own/1.jpg", "--guide", "own/2.gif", "--from", "b", "-o", "grid.png")
	if w, h := size("grid.png"); w <= h || h < 3*96 {
		t.Errorf("a grid of 3 contents and 2 guides is %dx%d", w, h)
	}
	finish(t, dir, nil, exitOK, "translate", "--model", "real", "--mode", "remove", "--content", "own", "-o", "removed.pdf")
	finish(t, dir, nil, exitOK, "interpolate", "--model", "real", "--content", "own/0.png", "--a", "own/0.png", "--a", "own/1.jpg", "--b", "own/1.jpg", "--b", "own/2.gif", "--steps", "3", "-o", "plane.svg")
	if out := finish(t, dir, nil, exitOK, "encode", "own", "--model", "real", "-o", "codes.npz"); !strings.Contains(out, "codes.npz: 3 images, common ") {
		t.Errorf("encode said %q", out)
	}
	for want, args := range map[string][]string{
		"venn: translate: --model is missing":                                   {"translate", "--content", "own", "--guide", "own", "-o", "x.png"},
		"venn: translate: --guide is missing; mode translate takes what":        {"translate", "-m", "real", "--content", "own", "-o", "x.png"},
		"venn: translate: mode remove takes no --guide":                         {"translate", "-m", "real", "--content", "own", "--guide", "own", "--mode", "remove", "-o", "x.png"},
		`venn: --out "x.jpg": several images make a grid`:                       {"translate", "-m", "real", "--content", "own", "--guide", "own", "-o", "x.jpg"},
		`venn: --mode: "swap", want one of translate, remove, union, recon`:     {"translate", "-m", "real", "--content", "own", "--mode", "swap", "-o", "x.png"},
		"venn: interpolate: 3 of --content, --a and --b are given twice":        {"interpolate", "-m", "real", "--content", "1", "--content", "2", "--a", "1", "--a", "2", "--b", "1", "--b", "2", "-o", "x.png"},
		"venn: interpolate: --a is given 3 times, want two at most":             {"interpolate", "-m", "real", "--a", "1", "--a", "2", "--a", "3", "-o", "x.png"},
		`venn: encode: --out "x.npy", want a file that ends in .npz`:            {"encode", "own", "-m", "real", "-o", "x.npy"},
		"venn: encode: want an image or a folder of images, as in: venn encode": {"encode", "-m", "real"},
	} {
		if out := finish(t, dir, nil, exitUsage, args...); !strings.HasPrefix(out, want) || strings.Count(out, "\n") != 1 {
			t.Errorf("%v said %q, want %s", args, out, want)
		}
	}
	if out := finish(t, dir, nil, exitDamaged, "encode", "bad", "-m", "real", "-o", "x.npz"); !strings.HasPrefix(out, "venn: domains: bad/cut.png (8 bytes): ") {
		t.Errorf("a damaged image: %q", out)
	}
	finish(t, dir, nil, exitFailed, "encode", "nowhere", "-m", "real", "-o", "x.npz")
	modesAgree(t, runDir(t, dir), filepath.Join(dir, "own"))
}

// drawFace writes an image of w x h pixels: a coloured ramp.
func drawFace(t *testing.T, path string, w, h, hue int) {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8(80 * hue), 255})
		}
	}
	var b bytes.Buffer
	var err error
	switch filepath.Ext(path) {
	case ".png":
		err = png.Encode(&b, im)
	case ".jpg":
		err = jpeg.Encode(&b, im, nil)
	case ".gif":
		err = gif.Encode(&b, im, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}

// modesAgree: both ends of an interpolation between guides are the translations with
// these guides; an empty guide part is removal; own parts kept are reconstruction;
// and a plane's corners are unions.
func modesAgree(t *testing.T, run, folder string) {
	model, err := experiments.OpenTrained(run)
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := domains.ReadPictures([]string{folder}, model.Shape())
	if err != nil || all.Len() != 3 {
		t.Fatalf("%v, %v", all, err)
	}
	content, guides := all.Range(0, 1), all.Range(1, 3)
	must := func(images *domains.Images, err error) *domains.Images {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return images
	}
	row := func(c, a, b *domains.Images) *domains.Images {
		t.Helper()
		images, _, _, err := model.Interpolate(c, a, b, 3)
		return must(images, err)
	}
	same := func(what string, got, want []float32) {
		t.Helper()
		for i := range want {
			if d := got[i] - want[i]; d > 1e-5 || d < -1e-5 {
				t.Errorf("%s: value %d is %v, want %v", what, i, got[i], want[i])
				return
			}
		}
	}
	guided := must(model.Translate(experiments.Guided, domains.A, content, guides))
	between := row(content, nil, guides)
	same("first end", between.At(0), guided.At(0))
	same("last end", between.At(2), guided.At(1))
	union := must(model.Translate(experiments.Union, domains.A, content, guides))
	between = row(content, content, guides)
	same("union, first end", between.At(0), union.At(0))
	same("union, last end", between.At(2), union.At(1))
	contents := row(all.Range(0, 2), nil, nil)
	same("removal", must(model.Translate(experiments.Removal, domains.A, content, nil)).At(0), contents.At(0))
	same("removal is the same from b", must(model.Translate(experiments.Removal, domains.B, content, nil)).At(0), contents.At(0))
	contents = row(all.Range(0, 2), content, nil)
	same("reconstruction", must(model.Translate(experiments.Reconstruction, domains.A, content, nil)).At(0), contents.At(0))
	plane := row(content, guides, guides)
	if plane.Len() != 9 {
		t.Fatalf("a plane of %d images, want 9", plane.Len())
	}
	corner := row(content, all.Range(1, 2), guides)
	same("plane, upper row", plane.At(0), corner.At(0))
	same("plane, right end of the upper row", plane.At(2), corner.At(2))
}
