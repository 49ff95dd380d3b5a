package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// facesSpec chooses two domains out of a table of attributes and judges translations.
const facesSpec = `name: real
domains:
  a: {dataset: image-table, images: own, attributes: own.csv, where: "Smiling & !Eyeglasses", labelled: false, test_fraction: 0.3}
  b: {dataset: image-table, images: own, attributes: own.csv, where: "!Smiling & Eyeglasses", labelled: false, test_fraction: 0.3}
image: {size: 16, channels: 3}
model:
  method: didd
  base: 4
  separate: 2
  train: {iterations: 10, batch: 8, log_every: 1}
adapt: {classifiers: [centroid]}
metrics:
  independence: {tests: []}
  discrepancy: {tests: []}
translate: {pairs: 12, grid: 2, steps: 3, judge: {steps: 120, batch: 16}}
report: {formats: [html, md, csv]}
`

// drawnFaces draws 240 little faces, every combination of smile (a bright bar), glasses
// (two dark squares) and warm colours equally often, with a CSV that says so.
func drawnFaces(t *testing.T, dir string) {
	t.Helper()
	var table strings.Builder
	table.WriteString("file,Smiling,Eyeglasses,Warm\n")
	for i := range 240 {
		smiling, glasses, warm := i&1 != 0, i&2 != 0, i&4 != 0
		im := image.NewRGBA(image.Rect(0, 0, 16, 16))
		for p := range 256 {
			x, y := p%16, p/16
			grey := uint8(120 + i%40)
			c := color.RGBA{grey - 60, grey, grey + 60, 255}
			if warm {
				c = color.RGBA{grey + 60, grey, grey - 60, 255}
			}
			if smiling && y >= 11 && y < 13 && x >= 4 && x < 12 {
				c = color.RGBA{255, 255, 255, 255}
			}
			if glasses && y >= 4 && y < 8 && (x >= 2 && x < 7 || x >= 9 && x < 14) {
				c = color.RGBA{uint8(i % 60), 0, 0, 255}
			}
			im.SetRGBA(x, y, c)
		}
		name := fmt.Sprintf("%03d.png", i)
		if err := os.MkdirAll(filepath.Join(dir, "own"), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, "own", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, im); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&table, "%s,%t,%t,%t\n", name, smiling, glasses, warm)
	}
	write(t, filepath.Join(dir, "own.csv"), table.String())
	write(t, filepath.Join(dir, "real.yaml"), facesSpec)
}

// From a folder of images and a CSV to the tables of judged translations, in seconds; a
// second evaluation takes the judges from the run.
func TestJudgedTranslations(t *testing.T) {
	dir := t.TempDir()
	drawnFaces(t, dir)
	out := finish(t, dir, []string{"XDG_CACHE_HOME=" + dir}, exitOK, "run", "real.yaml")
	for _, text := range []string{"What judges see in translations", "What translations keep and take over", "Reconstruction of held-out images", "copy of the guide",
		"only a has Smiling, only b has Eyeglasses", "1 other attributes (content judge)"} {
		if !strings.Contains(out, text) {
			t.Errorf("the output lacks %q:\n%s", text, out)
		}
	}
	read := func() (r reports.Results) {
		data, err := os.ReadFile(filepath.Join(runDir(t, dir), "results.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	results := read()
	for _, j := range results.Faces.Judged {
		if j.Accuracy.Value < 0.95 {
			t.Errorf("%s judge reads %s right in %v of the held-out images", j.Judge, j.Attribute, j.Accuracy)
		}
	}
	seen := map[string]bool{}
	for _, f := range results.Faces.Rows {
		seen[f.Direction+" "+f.System] = true
		target, source := 0.0, 0.0
		switch {
		case f.System == reports.CopyGuide:
			target = 1
			if f.Content.Value > 0.5 || f.Outside.Value < 0.01 {
				t.Errorf("%s of the guide keeps the content: %+v", f.Direction, f)
			}
		case f.System == reports.CopyContent:
			source = 1
			if f.Content.Value < 0.999 || f.Preservation.Value != 0 || f.Outside.Value != 0 {
				t.Errorf("%s of the content does not keep it: %+v", f.Direction, f)
			}
		case f.System == reports.RealImages:
			source = 1
		default:
			continue
		}
		if f.Target.Value < target-0.1 || f.Target.Value > target+0.1 || f.Source.Value < source-0.1 || f.Source.Value > source+0.1 {
			t.Errorf("%s, %s: target %v, source %v", f.Direction, f.System, f.Target, f.Source)
		}
	}
	if len(seen) != 2*2+5*2+3 || !seen["union didd"] || !seen["a reconstructions"] || !seen["b reconstructions"] {
		t.Errorf("rows %v", seen)
	}
	var grids []string
	for _, g := range results.Grids {
		grids = append(grids, g.Name)
	}
	if !slices.Contains(grids, "neighbours-a") || !slices.Contains(grids, "neighbours-b") {
		t.Errorf("grids %v", grids)
	}
	finish(t, dir, []string{"XDG_CACHE_HOME=" + dir}, exitOK, "run", "real.yaml", "adapt.classifiers=[knn]")
	log, err := os.ReadFile(filepath.Join(runDir(t, dir), "log.txt"))
	if err != nil || strings.Count(string(log), "judge taken from the run") != 3 {
		t.Errorf("the judges were not taken from the run: %v", err)
	}
	if again := read(); again.Evaluation == results.Evaluation || again.Faces == nil || again.Faces.Rows[3].Target.Value != results.Faces.Rows[3].Target.Value {
		t.Error("the second evaluation judges otherwise")
	}
}

// What cannot be judged is said before any training.
func TestJudgingRefuses(t *testing.T) {
	dir := t.TempDir()
	drawnFaces(t, dir)
	env := []string{"XDG_CACHE_HOME=" + dir}
	for want, override := range map[string]string{
		"translate.judge.b: the expression of b asks for nothing that that of a negates; say there what only b has, or judge nothing with translate.judge.steps: 0": "domains.b.where=\"!Smiling\"",
		`translate.judge.a: "Smilling": column 1: unknown attribute "Smilling"; did you mean "Smiling"?`:                                                            "translate.judge.a=Smilling",
	} {
		if out := finish(t, dir, env, exitFailed, "run", "real.yaml", override); !strings.Contains(out, want) {
			t.Errorf("%s said %s", override, out)
		}
	}
	if out := finish(t, dir, env, exitUsage, "run", "real.yaml", "translate.judge.a=(Smiling"); !strings.Contains(out, `translate.judge.a: "(Smiling": column 1: ( is not closed`) {
		t.Errorf("a fault of an expression: %s", out)
	}
	out := finish(t, dir, env, exitOK, "run", "real.yaml", "domains.b.where=\"!Smiling\"", "translate.judge.steps=0")
	if strings.Contains(out, "What judges see") {
		t.Error("judged although it was turned off")
	}
}
