package reports

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/disentanglement"
)

// A Run is all that reports read of one finished job: its results, its training
// curves and the texts of its run directory. Everything that is shown is made from
// runs, so a figure can be redrawn from the files alone.
type Run struct {
	Dir         string // of the run, for provenance and for grid files
	Results     Results
	Curves      []Curve
	Spec        string // resolved.yaml
	Environment string // env.json
	Lock        string // data.lock.json
	// Seconds are those of the training, by the clock on the wall of Environment; 0 where the run does
	// not say.
	Seconds float64 `json:",omitempty"`
	Trial   *Trial  `json:",omitempty"` // of a search
	// Pictures are the grids that a reference, which has no directory, keeps by name: PNGs of render.PackGrid.
	Pictures map[string][]byte `json:",omitempty"`
}

// Image says how images came to the networks, as the spec has it: pixels a side, and by what
// training images were varied ("shift 2, noise 0.1", "none"). Both are empty without a spec.
func (r Run) Image() (side, varied string) {
	var s struct {
		Image struct {
			Size    int
			Augment yaml.MapSlice
		}
	}
	if err := yaml.Unmarshal([]byte(r.Spec), &s); err != nil || s.Image.Size == 0 {
		return "", ""
	}
	var by []string
	for _, a := range s.Image.Augment {
		if text := fmt.Sprint(a.Value); text != "0" {
			by = append(by, fmt.Sprintf("%v %s", a.Key, text))
		}
	}
	return strconv.Itoa(s.Image.Size), cmp.Or(strings.Join(by, ", "), "none")
}

// A Curve is one quantity of the training over its logged steps.
type Curve struct {
	Name   string
	Steps  []int
	Values []float64
}

// Results is results.json: every figure of a job with its uncertainty, what chose
// it and what it was computed from. It holds no times.
type Results struct {
	Format     int       `json:"format"`
	Name       string    `json:"name"` // of the spec
	Title      string    `json:"title,omitempty"`
	Question   string    `json:"question,omitempty"`
	Source     string    `json:"source,omitempty"`
	Job        string    `json:"job"`
	Evaluation string    `json:"evaluation"`
	Label      string    `json:"label"` // the job's point of the grid, without its seed
	Seed       uint64    `json:"seed"`
	Method     string    `json:"method"`
	Kernels    string    `json:"kernels"` // "avx512", "avx2" or "go": bits depend on it
	Steps      int       `json:"steps"`
	Parameters int       `json:"parameters"`
	Network    string    `json:"network,omitempty"` // by the name that the method's options give it
	Domains    [2]Domain `json:"domains"`           // a, b
	Classes    []string  `json:"classes"`

	// Task and Protocol say what the adaptation methods worked on: "A->B", and how
	// its rows came about.
	Task     string            `json:"task,omitempty"`
	Protocol map[string]string `json:"protocol,omitempty"`

	Accuracy     []Accuracy    `json:"accuracy"`
	ClassScores  []ClassScores `json:"class_scores,omitempty"`
	Adaptation   []Adaptation  `json:"adaptation,omitempty"`
	Selection    []Selection   `json:"selection,omitempty"`
	Independence []Measured    `json:"independence"`
	Discrepancy  []Measured    `json:"discrepancy"`
	// Leakage says which block of code tells of which known factor; empty where none is known.
	Leakage     []disentanglement.Cell `json:"leakage,omitempty"`
	Translation []Translation          `json:"translation,omitempty"`
	// Contrast says which code tells the subtypes of a domain; empty where none is known.
	Contrast []Contrast `json:"contrast,omitempty"`
	// Correctness says which factors guided translations moved: means first, then by factor.
	Correctness []correctness.Score `json:"correctness,omitempty"`
	// Reconstructed is the same of what reconstructions show: about the best that can be had.
	Reconstructed  []correctness.Score `json:"reconstructed,omitempty"`
	Reconstruction []Reconstruction    `json:"reconstruction,omitempty"`
	Faces          *Faces              `json:"faces,omitempty"` // needs attributes
	Diagnosis      []Check             `json:"diagnosis"`
	// System is of models that make images.
	System  *System  `json:"system,omitempty"`
	Scatter *Scatter `json:"scatter,omitempty"`
	Grids   []Grid   `json:"grids,omitempty"`
	// Values are of evaluations that have no table of their own.
	Values   []Value  `json:"values,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Skipped says what was not evaluated, and why.
	Skipped []Skipped `json:"skipped,omitempty"`
	study   string    // before the job's name, where there are several
}

// A Value is a number that an evaluation found.
type Value struct {
	Evaluation string  `json:"evaluation"`
	Name       string  `json:"name"`
	Value      float64 `json:"value"`
	N          int     `json:"n"` // of what it was found
}

// A Skipped is an evaluation, or a part of one, that does not apply to a job.
type Skipped struct {
	Evaluation string `json:"evaluation"`
	Reason     string `json:"reason"`
}

// A Domain says what played a side.
type Domain struct {
	Dataset   string `json:"dataset"`
	Labelled  bool   `json:"labelled"` // the source
	Train     int    `json:"train"`
	Test      int    `json:"test"`
	Transform string `json:"transform"`     // how samples came to the model's size
	Fit       string `json:"fit,omitempty"` // the option of the dataset that says so: "pad", "stretch"
}

// NetworkRow and OwnClassifier name the row of a model's own classifier.
const (
	NetworkRow    = "network"
	OwnClassifier = "own"
)

// An Accuracy is one row of the adaptation table with one classifier: fitted on
// source training data (or, for oracle rows, on the target's), chosen on source
// validation data, scored on both test splits.
type Accuracy struct {
	Row        string         `json:"row"` // NetworkRow, "common", "features", "separate", "source-only", "untrained", "target-oracle"
	Features   string         `json:"features"`
	Classifier string         `json:"classifier"`
	Settings   map[string]any `json:"settings"`
	Selector   string         `json:"selector"`
	Oracle     bool           `json:"oracle,omitempty"` // used target labels
	// Transductive says that Target is of images that the training saw without their labels. It
	// is false of every row here: test images take no part in any training.
	Transductive bool `json:"transductive"`
	// Validation is the accuracy that chose the settings; nil where nothing was chosen.
	Validation *float64 `json:"validation,omitempty"`
	Source     *Score   `json:"source,omitempty"`
	Target     *Score   `json:"target,omitempty"`
	GapClosed  *float64 `json:"gap_closed,omitempty"`
	// GapInterval is the 95% bootstrap interval of GapClosed over test rows.
	GapInterval *[2]float64       `json:"gap_interval,omitempty"`
	Notes       map[string]string `json:"notes,omitempty"` // e.g. why gap_closed is not reported
}

// An Adaptation is one adaptation method on one task. Transductive is scored on the
// target rows that adaptation saw without their labels, Inductive on target rows that
// it did not see; nil where it was not scored so.
type Adaptation struct {
	Name         string         `json:"name"` // in the spec
	Adapter      string         `json:"adapter"`
	Settings     map[string]any `json:"settings"`
	Classifier   string         `json:"classifier,omitempty"` // empty: the adapter's own
	Head         map[string]any `json:"head,omitempty"`       // settings of the classifier
	Selector     string         `json:"selector"`
	Transductive *Score         `json:"transductive,omitempty"`
	Inductive    *Score         `json:"inductive,omitempty"`
	Warnings     []string       `json:"warnings,omitempty"`
	Error        string         `json:"error,omitempty"` // why the method could not be fitted
}

// A Selection is a method under several settings on one task: what every validator,
// which sees no target label, says of each, beside the truth.
type Selection struct {
	Name       string      `json:"name"`
	Candidates []Candidate `json:"candidates"`
}

// A Candidate is one setting of a selection, or one step of a network's training.
type Candidate struct {
	Settings map[string]any `json:"settings"`       // what differs between candidates
	Step     int            `json:"step,omitempty"` // of a training; 0: it is a setting
	// Scores of the validators, higher is better; one that does not apply is absent.
	Scores map[string]float64 `json:"scores"`
	// Oracle is the true accuracy on the target, for comparison alone.
	Oracle *float64 `json:"oracle,omitempty"`
	Error  string   `json:"error,omitempty"`
}

// A Score is an accuracy on one test split.
type Score struct {
	Accuracy float64    `json:"accuracy"`
	Interval [2]float64 `json:"interval"` // Wilson, 95%, over test rows
	Balanced float64    `json:"balanced"`
	N        int        `json:"n"`
	// Confusion has one row a true class, one column a predicted one.
	Confusion [][]int   `json:"confusion"`
	Recall    []float64 `json:"recall"` // -1 for a class without test rows
	Hits      []bool    `json:"-"`      // rows predicted right, for paired comparisons at evaluation
}

// ClassScores are what the predictions of a row of the table of accuracy are worth class by
// class, and how far its probabilities can be believed, on the target's test images.
type ClassScores struct {
	Row        string `json:"row"`
	Classifier string `json:"classifier"`
	N          int    `json:"n"`
	// Balanced is the mean recall; the F1 are the mean over classes and that weighted by their rows.
	Balanced   float64 `json:"balanced"`
	MacroF1    float64 `json:"macro_f1"`
	WeightedF1 float64 `json:"weighted_f1"`
	Kappa      float64 `json:"kappa"` // Cohen's
	Matthews   float64 `json:"matthews"`
	LogLoss    float64 `json:"log_loss"` // nats
	Brier      float64 `json:"brier"`    // summed over classes, in [0, 2]
	// ECE is the expected calibration error of the top label over bins of equal width, ECEFloor
	// what a perfectly calibrated classifier of the same confidences would show.
	ECE           float64 `json:"ece"`
	ECEFloor      float64 `json:"ece_floor"`
	EqualCountECE float64 `json:"equal_count_ece"`
	ClasswiseECE  float64 `json:"classwise_ece"`
}

// A Measured is a statistic between two blocks of code or two domains.
type Measured struct {
	Of string `json:"of"` // for people: "common code and separate code a, on a"
	// Between is what the statistic compares; by it and the measure's name runs are joined.
	// Records of versions before it leave it empty.
	Between [2]Sample `json:"between"`
	metrics.Result
}

// A Sample is images of a domain in a representation.
type Sample struct {
	Block  string `json:"block"`  // the role of codes, SeparateBlock or PixelBlock
	Domain string `json:"domain"` // "a", "b"
}

// SeparateBlock are both separate codes side by side, PixelBlock raw images.
const (
	SeparateBlock = "separate"
	PixelBlock    = "pixels"
)

// A Check is one diagnosis of the trained codes.
type Check struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Want  string  `json:"want"` // "below 0.05"
	OK    bool    `json:"ok"`
	Note  string  `json:"note,omitempty"` // what it means, when not OK
}

// CommonCode is the representation that figures show where a record names no other.
const CommonCode = "common code"

// A Scatter holds the first two principal components of a representation before
// (raw pixels) and after training, of the same test images.
type Scatter struct {
	Before, After []Point `json:",omitempty"`
	// Of is what After shows; empty: the common code.
	Of string `json:"of,omitempty"`
}

// A Point is one image.
type Point struct {
	X, Y   float64
	Domain int // 0: a, 1: b
	Class  int // -1 when unknown
}

// A Grid is a rectangle of images kept in the run directory.
type Grid struct {
	Name    string `json:"name"` // "translate-a-b", "removal", "union", "interpolate-separate", ...
	Title   string `json:"title"`
	Caption string `json:"caption"`
	File    string `json:"file"` // .npy below the run directory: rows x columns x C x H x W float32 in [-1, 1]
	Rows    int    `json:"rows"`
	Columns int    `json:"columns"`
	// Header says that the first row holds the contents, the first column the
	// guides and the corner nothing.
	Header bool `json:"header"`
	// RowLabels and ColumnLabels may be empty.
	RowLabels    []string `json:"row_labels,omitempty"`
	ColumnLabels []string `json:"column_labels,omitempty"`
}
