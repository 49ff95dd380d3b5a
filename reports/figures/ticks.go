package figures

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// roundTicks are ticks at multiples of 1, 2 or 5 times a power of ten, two to six of them, all labelled with as many
// decimals as their step has, so that the panels of a figure read alike.
type roundTicks struct{ whole bool } // whole: no fractions of a count

// fewestSteps is how many steps an axis has at least, or half of it where the next round step is much larger.
const fewestSteps = 4

func (r roundTicks) Ticks(low, high float64) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	power, factor := roundStep((high - low) / fewestSteps)
	if r.whole && power < 0 {
		power, factor = 0, 1
	}
	at := func(i float64) float64 { // exact in its last digit: 3 tenths, not 3 times a tenth
		if power < 0 {
			return i * factor / math.Pow(10, float64(-power))
		}
		return i * factor * math.Pow(10, float64(power))
	}
	const slack = 1e-9
	step := at(1)
	var out []plot.Tick
	first, last := math.Ceil(low/step-slack), math.Floor(high/step+slack)
	for k := range int(last-first) + 1 {
		i := first + float64(k)
		label := strconv.FormatFloat(at(i), 'f', max(0, -power), 64)
		if power < -4 || power > 5 {
			label = strconv.FormatFloat(at(i), 'g', 4, 64)
		}
		if i == 0 {
			label = "0"
		}
		out = append(out, plot.Tick{Value: at(i), Label: label})
	}
	return out
}

// roundStep is the least of 1, 2 and 5 times a power of ten that reaches a size.
func roundStep(size float64) (power int, factor float64) {
	power = int(math.Floor(math.Log10(size)))
	over := size / math.Pow(10, float64(power))
	for _, factor := range []float64{1, 2, 5} {
		if over <= factor*(1+1e-9) {
			return power, factor
		}
	}
	return power + 1, 1
}

// decadeTicks are ticks of a logarithmic axis: the powers of ten, labelled, at most so many
// that their labels have room, with the multiples between them where they are few.
type decadeTicks struct{}

// mostDecades labelled stand on one axis.
const mostDecades = 6

func (decadeTicks) Ticks(low, high float64) []plot.Tick {
	const slack = 1e-9
	first, last := int(math.Ceil(math.Log10(low)-slack)), int(math.Floor(math.Log10(high)+slack))
	every := (last-first)/mostDecades + 1
	var out []plot.Tick
	for k := first - 1; k <= last; k++ {
		power, err := strconv.ParseFloat("1e"+strconv.Itoa(k), 64) // math.Pow is off in the last digit
		if err != nil {
			continue // beyond what a number can hold
		}
		if k >= first && (k-first)%every == 0 {
			out = append(out, plot.Tick{Value: power, Label: strconv.FormatFloat(power, 'g', -1, 64)})
		}
		for i := 2.0; i < 10 && every == 1; i++ {
			if v := i * power; v >= low && v <= high {
				out = append(out, plot.Tick{Value: v})
			}
		}
	}
	return out
}
