package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// facesStages checks what a person saw of the judging.
func facesStages(t *testing.T, shown *told) {
	t.Helper()
	var judging []string
	for _, s := range shown.stages {
		if strings.HasPrefix(s, "judg") {
			head, steps, _ := strings.Cut(s, ":")
			if strings.HasPrefix(s, "judge:") {
				name, rest, _ := strings.Cut(strings.TrimSpace(steps), ":")
				head, steps = head+": "+name, rest
			}
			words := strings.Fields(steps)
			judging = append(judging, fmt.Sprintf("%s to %s", head, words[len(words)-1]))
		}
	}
	equal(t, "stages of judging", strings.Join(judging, ", "), "judge: attribute 0/80 to 80, judge: second attribute 0/80 to 80, judge: content 0/80 to 80, judging 0/1 to 1")
}

// facesJudged checks what is said of the judges on the held-out images of the population,
// and counts the real images of every kind that a translation can be of.
func facesJudged(t *testing.T, sets [2]*domains.Domain, f *reports.Faces) (references map[string]int) {
	t.Helper()
	_, test, err := domains.SamePopulation(sets[0], sets[1]).Load(context.Background(), sets[0], sets[1])
	if err != nil {
		t.Fatal(err)
	}
	references = map[string]int{"a->b": sets[1].Test.Images.Len(), "b->a": sets[0].Test.Images.Len()}
	n, with := test.Images.Len(), map[string]int{}
	for i := range n {
		face := readFace(test.Images.At(i))
		for name, has := range map[string]bool{"Smiling": face.smile, "Eyeglasses": face.glasses, "Warm": face.warm} {
			if has {
				with[name]++
			}
		}
		switch {
		case face.smile && face.glasses:
			references["union"]++
		case !face.smile && !face.glasses:
			references["removal-a"]++
			references["removal-b"]++
		}
	}
	var judged []string
	for _, j := range f.Judged {
		what := j.Judge + ":" + j.Attribute
		judged = append(judged, what)
		closeTo(t, what, j.Accuracy.Value, 1, 0)
		equal(t, what+" images", j.Accuracy.N, n)
		closeTo(t, what+" balanced", j.Balanced, 1, 0)
		closeTo(t, what+" share", j.Share, float64(with[j.Attribute])/float64(n), 1e-12)
		low, high := wilsonByHand(n, n)
		closeTo(t, what+" low", j.Accuracy.Interval[0], low, 1e-12)
		closeTo(t, what+" high", j.Accuracy.Interval[1], high, 1e-12)
	}
	equal(t, "judges", judged, "[attribute:Smiling attribute:Eyeglasses second attribute:Smiling second attribute:Eyeglasses content:Warm]")
	equal(t, "images of the agreement", f.Agreement.N, n)
	return references
}

// A judged run that is evaluated again takes its judges from the run, and they say the
// same; so does a job of another seed, whose judges are these; judges of other settings are
// trained anew.
func TestJudgesAreKept(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	writePopulation(t, dir)
	var first string
	for _, tt := range []struct {
		steps, classifier, seed string
		taken, other, lent      int
	}{{"1", "centroid", "0", 0, 0, 0}, {"1", "knn", "0", 3, 0, 0}, {"1", "knn", "5", 0, 0, 3}, {"2", "knn", "0", 0, 3, 0}} {
		what := "judges of " + tt.steps + " and " + tt.classifier + ", seed " + tt.seed
		plan := facesPlan(t, dir, "translate.judge.steps="+tt.steps, "adapt.classifiers=["+tt.classifier+"]", "translate.pairs=10", "seeds=["+tt.seed+"]")
		out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: filepath.Join(dir, "runs"), Job: RunJob})[0]
		if out.State != runs.Done {
			t.Fatal(out.Err)
		}
		log, err := os.ReadFile(filepath.Join(out.Dir, "log.txt"))
		if err != nil {
			t.Fatal(err)
		}
		last := string(log)[strings.LastIndex(string(log), "msg=begun"):]
		equal(t, what, fmt.Sprint(strings.Count(last, "judge taken from the run"), strings.Count(last, "the run's judge does not fit"), strings.Count(last, "judge taken from another run")), fmt.Sprint(tt.taken, tt.other, tt.lent))
		data, err := os.ReadFile(filepath.Join(out.Dir, "results.json"))
		if err != nil {
			t.Fatal(err)
		}
		var results reports.Results
		if err := json.Unmarshal(data, &results); err != nil {
			t.Fatal(err)
		}
		var judged []string
		for _, j := range results.Faces.Judged {
			judged = append(judged, j.Judge+":"+j.Attribute)
		}
		equal(t, "judges", judged, "[attribute:Smiling attribute:Eyeglasses second attribute:Smiling second attribute:Eyeglasses content:Warm]")
		faces, err := json.Marshal(results.Faces)
		if err != nil {
			t.Fatal(err)
		}
		if tt.taken > 0 {
			equal(t, "what judges from the run say", string(faces), first)
		}
		if tt.lent > 0 {
			told, err := json.Marshal(results.Faces.Judged)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(first, string(told)) {
				t.Errorf("what judges from another run say of real images is %s, want as in %s", told, first)
			}
		}
		first = string(faces)
	}
}

// What is judged, of which attributes, or why nothing is.
func TestNewJudging(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	writePopulation(t, dir)
	judging := func(overrides ...string) (*evaluate.Judging, error) {
		t.Helper()
		plan := facesPlan(t, dir, overrides...)
		w := &job{Job: plan.Jobs[0], domains: loadFaces(t, plan)}
		return evaluate.NewJudging(&w.Spec, w.domains)
	}
	j, err := judging()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "own", fmt.Sprint(j.Own, j.Read, j.Named), "[Smiling Eyeglasses] [0 1] [0 1 5]")
	judgedOf(t, j, loadFaces(t, facesPlan(t, dir)))
	if j, err = judging("translate.judge.b=Warm & Rare"); err != nil {
		t.Fatal(err)
	}
	equal(t, "given", fmt.Sprint(j.Own, j.Read, j.Named), "[Smiling Warm & Rare] [0 2 3] [0 1 2 3 5]")
	for _, none := range []string{"translate.pairs=0", "translate.judge.steps=0"} {
		if j, err := judging(none); j != nil || err != nil {
			t.Errorf("%s: %v, %v", none, j, err)
		}
	}
	for override, want := range map[string]string{
		"domains.a.where=Smiling & !Hidden":    "experiments: translate.judge.b: the expression of b asks for nothing that that of a negates; say there what only b has, or judge nothing with translate.judge.steps: 0",
		"domains.b.where=Eyeglasses & !Hidden": "experiments: translate.judge.a: the expression of a asks for nothing that that of b negates; say there what only a has, or judge nothing with translate.judge.steps: 0",
		"translate.judge.a=Bearded":            `experiments: translate.judge.a: "Bearded": `,
		"translate.judge.b=Warm & Bearded":     `experiments: translate.judge.b: "Warm & Bearded": `,
	} {
		if _, err := judging(override); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", override, err, want)
		}
	}
	elsewhere := t.TempDir()
	writePopulation(t, elsewhere)
	for side := range 2 { // each domain out of a population of its own
		w := &job{Job: facesPlan(t, dir).Jobs[0], domains: loadFaces(t, facesPlan(t, dir))}
		w.domains[side] = loadFaces(t, facesPlan(t, elsewhere))[side]
		if j, err := evaluate.NewJudging(&w.Spec, w.domains); j != nil || err != nil {
			t.Errorf("domains of two populations: %v, %v", j, err)
		}
	}
	plain := &job{Job: facesPlan(t, dir).Jobs[0], domains: [2]*domains.Domain{{}, {}}}
	if j, err := evaluate.NewJudging(&plain.Spec, plain.domains); j != nil || err != nil {
		t.Errorf("domains of no population: %v, %v", j, err)
	}
	plain.Spec.Translate.Judge.Own[1] = "Smiling"
	if _, err := evaluate.NewJudging(&plain.Spec, plain.domains); err == nil || !strings.Contains(err.Error(), "nothing can be judged; leave out a and b") {
		t.Errorf("own of no population: %v", err)
	}
}

// judgedOf checks who has what, and which attributes are judged: those of the expressions of
// own, and of the others those that tell people apart.
func judgedOf(t *testing.T, j *evaluate.Judging, sets [2]*domains.Domain) {
	t.Helper()
	train, _, err := j.Population.Load(context.Background(), sets[0], sets[1])
	if err != nil {
		t.Fatal(err)
	}
	own := [2][]bool{j.Has(domains.A, train.Attributes), j.Has(domains.B, train.Attributes)}
	for i := range train.Images.Len() {
		f := readFace(train.Images.At(i))
		equal(t, fmt.Sprint("own of ", i), fmt.Sprint(own[0][i], own[1][i]), fmt.Sprint(f.smile, f.glasses))
	}
	named, content := j.Split(train.Attributes)
	equal(t, "judged", fmt.Sprint(named, content), "[0 1] [2]")
	j.Named = []int{0, 1, 2, 5} // as in expressions of the domains that say warm
	named, content = j.Split(train.Attributes)
	equal(t, "judged where warm is named", fmt.Sprint(named, content), "[0 1 2] []")
}

// Where every attribute that tells people apart is in an expression, content is not judged,
// and a person is told.
func TestNoContentJudge(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	writePopulation(t, dir)
	plan := facesPlan(t, dir, "translate.judge.b=Eyeglasses | Warm", "translate.judge.steps=1", "translate.pairs=4")
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: filepath.Join(dir, "runs"), Job: RunJob})[0]
	if out.State != runs.Done {
		t.Fatal(out.Err)
	}
	found, _, err := runs.Collect([]string{out.Dir})
	if err != nil {
		t.Fatal(err)
	}
	r := found[0].Results
	warnings := strings.Join(r.Warnings, "\n")
	for _, want := range []string{"no attribute but the domains' own is had by 0.05 to 0.95 of the images: content is not judged",
		"faces: a->b: 4 outputs and ", " real images of the kind, fewer than 10: no distance between them is given"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning %q in\n%s", want, warnings)
		}
	}
	for _, row := range r.Faces.Rows {
		if row.Content != nil || row.Preservation != nil || row.Target == nil || row.Frechet != nil || row.References != 0 {
			t.Errorf("%s %s: %+v", row.Direction, row.System, row)
		}
	}
	if len(r.Faces.Judged) != 6 {
		t.Errorf("judged %v", r.Faces.Judged)
	}
}

// An evenReader takes faces of an even grey for smiling and warm ones for those with glasses.
type evenReader struct{}

func (evenReader) Read(images *domains.Images) (*judge.Reading, error) {
	r := &judge.Reading{Probabilities: models.NewBlock(models.Features, images.Len(), 2, 1), Embedding: models.NewBlock(models.Features, images.Len(), 1, 1)}
	for i := range images.Len() {
		f := readFace(images.At(i))
		row := r.Probabilities.Row(i)
		row[0], row[1] = 0.5, 0.4
		if f.grey%2 == 0 {
			row[0] = 0.51
		}
		if f.warm {
			row[1] = 0.9
		}
		r.Embedding.Data[i] = float32(f.grey)
	}
	return r, nil
}

// A judge that is often wrong, counted face by face.
func TestJudgeAccuracy(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	writePopulation(t, dir)
	sets := loadFaces(t, facesPlan(t, dir))
	_, test, err := domains.SamePopulation(sets[0], sets[1]).Load(context.Background(), sets[0], sets[1])
	if err != nil {
		t.Fatal(err)
	}
	got, err := evaluate.JudgeAccuracy("even", evenReader{}, []int{0, 1}, test)
	if err != nil {
		t.Fatal(err)
	}
	n := test.Images.Len()
	var right, with [2]int
	var recalled [2][2]int // [attribute][without, with]
	for i := range n {
		f := readFace(test.Images.At(i))
		for c, pair := range [2][2]bool{{f.smile, f.grey%2 == 0}, {f.glasses, f.warm}} {
			has := 0
			if pair[0] {
				has = 1
				with[c]++
			}
			if pair[0] == pair[1] {
				right[c]++
				recalled[c][has]++
			}
		}
	}
	for c, name := range []string{"Smiling", "Eyeglasses"} {
		equal(t, "attribute", got[c].Judge+" "+got[c].Attribute, "even "+name)
		closeTo(t, name+" accuracy", got[c].Accuracy.Value, float64(right[c])/float64(n), 1e-12)
		equal(t, name+" images", got[c].Accuracy.N, n)
		closeTo(t, name+" share", got[c].Share, float64(with[c])/float64(n), 1e-12)
		closeTo(t, name+" balanced", got[c].Balanced, (float64(recalled[c][0])/float64(n-with[c])+float64(recalled[c][1])/float64(with[c]))/2, 1e-12)
	}
}
