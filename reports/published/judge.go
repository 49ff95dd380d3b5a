package published

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/metrics/inference"
)

// A Verdict is the outcome of a comparison with a published figure.
type Verdict string

// The verdicts on a figure that was made under the same protocol, as far as the source states it: Reproduced differs by
// no more than the noise of both figures, Near by no more than the tolerance, Better and Worse by more. NotComparable was
// made under another protocol; NotRun was not made, by these runs or by a program that has no such method.
const (
	Reproduced    Verdict = "reproduced"
	Near          Verdict = "near"
	Better        Verdict = "better"
	Worse         Verdict = "worse"
	NotComparable Verdict = "not comparable"
	NotRun        Verdict = "not run"
)

// Verdicts are all of them, in the order in which they are counted.
var Verdicts = []Verdict{Reproduced, Near, Better, Worse, NotComparable, NotRun}

// Compared says that two figures stood side by side.
func (v Verdict) Compared() bool { return v != NotComparable && v != NotRun }

// taskTolerance in points is allowed on a single task, where the average is allowed
// less: pseudo-labels amplify numerical detail. A claim with a smaller tolerance than
// exactTolerance is held to it on every task, in both directions.
const (
	taskTolerance  = 3.0
	exactTolerance = 0.2
	taskReason     = "a single task: pseudo-labels amplify numerical detail, which averages out over tasks"
)

// exact says that the claim was made on the same rows without a draw.
func (c Claim) exact() bool { return c.Tolerance <= exactTolerance }

// onTask is the tolerance on a single task, and its reason.
func (c Claim) onTask() (float64, string) {
	if c.exact() || c.Tolerance >= taskTolerance {
		return c.Tolerance, c.Reason
	}
	return taskTolerance, taskReason
}

// rounding is half a unit of the last digit that the source prints.
func (c Claim) rounding() float64 { return 0.5 * math.Pow(10, -float64(c.Decimals)) }

// Noise is by how much two figures of the same method may differ, in points.
type Noise struct {
	Rounding float64 // half a unit of the last printed digit
	Seeds    float64 // half of the 95% t-interval over seeds here; 0 of one seed
	Interval float64 // half of the 95% interval over the test rows; 0 where the claim's rows are the same and nothing is drawn
}

// Points add up the noise: draws by their squares, and rounding, which has no law, on top.
func (n Noise) Points() float64 { return n.Rounding + math.Hypot(n.Seeds, n.Interval) }

func noiseOf(c Claim, seeds inference.Interval, halves []float64) Noise {
	out := Noise{Rounding: c.rounding()}
	if c.exact() {
		return out
	}
	if seeds.N > 1 {
		out.Seeds = (seeds.High - seeds.Low) / 2
	}
	out.Interval = floats.Sum(halves) / float64(len(halves))
	return out
}

// meanNoise is that of a mean over tasks, whose draws are taken for independent.
func meanNoise(c Claim, tasks []Noise) Noise {
	out := Noise{Rounding: c.rounding()}
	for _, n := range tasks {
		out.Seeds = math.Hypot(out.Seeds, n.Seeds)
		out.Interval = math.Hypot(out.Interval, n.Interval)
	}
	out.Seeds /= float64(len(tasks))
	out.Interval /= float64(len(tasks))
	return out
}

// judge compares the difference with the noise and the tolerance, beyond which no noise excuses; a figure is never held to
// more than its printed digits.
func (c Comparison) judge() Verdict {
	const slack = 1e-9 // what adding up percentages leaves
	limit := c.Tolerance + c.Noise.Rounding
	size := math.Abs(c.Difference()) - slack
	switch {
	case size <= math.Min(c.Noise.Points(), limit):
		return Reproduced
	case size <= limit:
		return Near
	case c.Here > c.Claim.Percent:
		return Better
	}
	return Worse
}

// A Tally counts verdicts, over published rows and over their single tasks.
type Tally struct {
	Averages map[Verdict]int `json:"averages"`
	Tasks    map[Verdict]int `json:"tasks"`
}

// Count tallies comparisons; every verdict has its number.
func Count(compared []ComparedTable) Tally {
	out := Tally{map[Verdict]int{}, map[Verdict]int{}}
	for _, v := range Verdicts {
		out.Averages[v], out.Tasks[v] = 0, 0
	}
	for _, t := range compared {
		out.Averages[t.Average.Verdict]++
		for _, c := range t.Tasks {
			out.Tasks[c.Verdict]++
		}
	}
	return out
}

// counted prints one of the counts.
func counted(counts map[Verdict]int) string {
	total := 0
	var words []string
	for _, v := range Verdicts {
		total += counts[v]
		words = append(words, fmt.Sprintf("%d %s", counts[v], v))
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(words, ", "))
}
