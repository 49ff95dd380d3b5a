package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/models"
)

// EvaluationVersion is raised when results move that no single evaluation computes. It,
// the versions of the evaluations, of the method and of the engine are part of a job's
// hashes, so that results of two versions never share a directory unseen.
const EvaluationVersion = 6

// Evaluations are the versions of the evaluations by name: whoever evaluates adds them.
var Evaluations = registry.New[int]("evaluation")

// evaluationVersions are those versions in one text.
func evaluationVersions() string {
	var parts []string
	for _, name := range Evaluations.Names() {
		version, _ := Evaluations.Get(name) // it is there
		parts = append(parts, fmt.Sprintf("%s %d", name, version))
	}
	return strings.Join(parts, ", ")
}

// A Job is one training and its evaluation: one point of the grid with one seed.
type Job struct {
	Spec Spec
	Seed uint64
	// ID names the run directory. It is a hash of what is trained: domains, image,
	// model but for what only logs, seed and the versions of engine and method. Jobs that differ in classifiers, metrics or
	// translations alone share it, and with it the trained codes.
	ID string
	// Evaluation is a hash of everything that results depend on: ID, adapt,
	// metrics, translate and the versions of the evaluations. A run is done when its status says
	// so for this evaluation.
	Evaluation string
	// Point holds the values that the grid gave, in the grid's order.
	Point []Parameter
	// DataDir is where data files lie. It is not part of the job's identity.
	DataDir string

	label string // of a resumed run, whose grid is not in its resolved spec
}

// Label names the job for people: its seed and what the grid varies.
func (j *Job) Label() string {
	if j.label != "" {
		return j.label
	}
	return strings.TrimSpace(pointText(j.Point) + fmt.Sprintf(" seed=%d", j.Seed))
}

// pointText names a point of the grid.
func pointText(point []Parameter) string {
	var parts []string
	for _, p := range point {
		value := compact(p.Value)
		if name, ok := p.Value.(string); ok && p.Path == methodPath {
			value = name
		}
		parts = append(parts, p.Path+"="+value)
	}
	return strings.Join(parts, " ")
}

// PointLabel is the label without the seed.
func (j *Job) PointLabel() string {
	return strings.TrimSpace(strings.TrimSuffix(j.Label(), fmt.Sprintf("seed=%d", j.Seed)))
}

// Rename gives the job of a resumed run, whose grid is not in its resolved spec, the label
// that it had.
func (j *Job) Rename(label string) { j.label = label }

// Dir is the job's run directory below the folder of all runs.
func (j *Job) Dir(runs string) string { return filepath.Join(runs, j.Spec.Name, j.ID) }

// A Plan is a spec fully expanded.
type Plan struct {
	Name string
	Text []byte // of the spec as given; nil when the plan resumes runs
	Jobs []Job  // method by method, grid point by grid point, seeds in their order
	// Notice says what an override changed beyond its own key; empty where nothing.
	Notice string
}

// Only keeps the jobs of methods of these names, as the spec lists them, in the plan's order. It
// fails, naming what there is, on a name that is not among them and on a plan of one method.
func (p *Plan) Only(names []string) error {
	method := func(j Job) string {
		for _, at := range j.Point {
			if name, ok := at.Value.(string); ok && at.Path == methodPath {
				return name
			}
		}
		return ""
	}
	var listed []string
	for _, j := range p.Jobs {
		if name := method(j); name != "" && !slices.Contains(listed, name) {
			listed = append(listed, name)
		}
	}
	if len(listed) == 0 {
		return fmt.Errorf("%s lists no methods to choose from, want some below its key methods", p.Name)
	}
	for _, name := range names {
		if !slices.Contains(listed, name) {
			return fmt.Errorf("%q is no method of %s%s", name, p.Name, registry.DidYouMean(name, listed))
		}
	}
	p.Jobs = slices.DeleteFunc(p.Jobs, func(j Job) bool { return !slices.Contains(names, method(j)) })
	return nil
}

// NewPlan decodes a spec strictly and expands it. The error is Faults, all of
// them, when the spec is at fault.
func NewPlan(r Request) (*Plan, error) {
	top := Position{r.Source, 1, 1}
	root, notice, faults := r.tree()
	if root == nil {
		return nil, faults.ordered()
	}
	manyAt, many := top, "grid" // what makes several jobs
	for _, section := range []string{"methods", "search", "grid"} {
		if f := root.field(section); f != nil {
			manyAt, many = f.at, section
		}
	}
	root, choices, gridFaults := grid(root)
	faults = append(faults, gridFaults...)
	if len(gridFaults) > 0 { // one point shows what else is wrong
		for i := range choices {
			choices[i].values = choices[i].values[:1]
		}
	}
	root, search, searchFaults := searchOf(root, choices)
	faults = append(faults, searchFaults...)
	methods, methodFaults := variants(root)
	faults = append(faults, methodFaults...)
	faults = append(faults, search.missing(methods)...)
	plan := &Plan{Text: r.Text, Notice: notice}
	seen := map[string]string{}
	add := func(root *node, values []Parameter) {
		spec, fs := resolve(forOracle(root), top)
		if faults = append(faults, fs...); spec == nil {
			return
		}
		plan.Name = spec.Name
		for _, seed := range spec.Seeds {
			j := newJob(*spec, seed, values)
			if other, ok := seen[j.ID]; ok && seed == spec.Seeds[0] {
				faults = append(faults, Fault{At: manyAt, Path: many, Problem: fmt.Sprintf("%s and %s are one job; want each once", other, j.Label())})
			}
			seen[j.ID] = j.Label()
			plan.Jobs = append(plan.Jobs, j)
		}
	}
	points(methods, choices, func(root *node, values []Parameter) {
		faults = append(faults, search.each(root, values, top, add)...)
	})
	setRivals(plan.Jobs)
	if len(plan.Jobs) > maxJobs {
		faults = append(faults, Fault{At: top, Problem: fmt.Sprintf("%d jobs, want at most %d", len(plan.Jobs), maxJobs)})
	}
	if len(faults) > 0 {
		return nil, faults.ordered()
	}
	return plan, nil
}

func newJob(spec Spec, seed uint64, point []Parameter) Job {
	spec.Seeds = []uint64{seed}
	j := Job{Spec: spec, Seed: seed, Point: point}
	j.ID = j.hash(fmt.Sprintf("training %s seed %d", trainingVersion(spec.Model.Method), seed), "domains.", "image.", "model.", "features.")
	j.Evaluation = j.hash(fmt.Sprintf("evaluation %d (%s) of %s", EvaluationVersion, evaluationVersions(), j.ID), "adapt.", "metrics.", "translate.")
	return j
}

// onlyLogs are keys of the training that change nothing in what is trained.
var onlyLogs = []string{"model.train.log_every", "model.train.checkpoint_every"}

// trainingVersion is that of the engine and of a method; a study on features has none.
func trainingVersion(method string) string {
	m, err := models.Methods.Get(method)
	if err != nil {
		return fmt.Sprint(models.EngineVersion)
	}
	return fmt.Sprintf("%d of method %d", models.EngineVersion, m.Version)
}

// unsaid are the options of the model and of the datasets, by path, that came when there were runs
// without them, each with the value at which a run is as those are.
func unsaid(s *Spec) map[string]string {
	out := map[string]string{}
	later := func(prefix string, options []option.Option) {
		for _, o := range options {
			if o.Later {
				out[prefix+o.Name] = compact(o.Default)
			}
		}
	}
	if m, err := models.Methods.Get(s.Model.Method); err == nil { // a study on features has none
		later("model.", m.Options)
	}
	for side, d := range s.Domains {
		if dataset, err := domains.Datasets.Get(d.Dataset); err == nil {
			later("domains."+domains.Side(side).String()+".", dataset.Options)
		}
	}
	return out
}

// CostKey is one for jobs whose steps cost the same: of what is trained it leaves out the seed
// and numbers that are not integers, as learning rates are.
func (j *Job) CostKey() string {
	var parts []string
	for _, p := range j.Spec.Parameters {
		section, _, _ := strings.Cut(p.Path, ".")
		if _, fraction := p.Value.(float64); !fraction && contains(gridSections, section) {
			parts = append(parts, p.Path+"="+compact(p.Value))
		}
	}
	return strings.Join(parts, "\n")
}

// hash is the head, twelve hexadecimal digits, of SHA-256 over the heading and one
// line "path=value" for every parameter below the prefixes, in the schema's order, less those
// that the runs before them did without.
func (j *Job) hash(heading string, prefixes ...string) string {
	h := sha256.New()
	fmt.Fprintln(h, heading)
	without := unsaid(&j.Spec)
	for _, p := range j.Spec.Parameters {
		if usual, later := without[p.Path]; later && compact(p.Value) == usual {
			continue
		}
		for _, prefix := range prefixes {
			if strings.HasPrefix(p.Path, prefix) && !contains(onlyLogs, p.Path) {
				fmt.Fprintf(h, "%s=%s\n", p.Path, compact(p.Value))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// compact prints a value as JSON, which is one fixed text for every value that a
// spec can hold.
func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // A->B stays readable
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
