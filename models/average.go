package models

import "github.com/venn-adapt/venn/internal/kernels"

// averagePrefix is put before the names of the parameters that an Average follows.
const averagePrefix = "average/"

// An Average is an exponential moving average of the parameters of a network, which
// evaluation may use in place of the parameters themselves: it is steadier than the
// last step. It is kept and saved as state. Polyak and Juditsky, "Acceleration of
// stochastic approximation by averaging", SIAM J. Control Optim. 30 (1992).
type Average struct {
	decay    float64
	from, to []*Parameter
}

// NewAverage adds the averages of all parameters below the prefix ("decoder/") to
// ps, equal to them at first. decay is in [0, 1).
func NewAverage(ps *Parameters, prefix string, decay float64) *Average {
	return NewAverageAs(averagePrefix, ps, prefix, decay)
}

// NewAverageAs is NewAverage with another name ("cycle/") before the names of the averages, for a
// second average of the same parameters.
func NewAverageAs(name string, ps *Parameters, prefix string, decay float64) *Average {
	a := &Average{decay: decay}
	for _, p := range ps.Below(prefix) {
		to := ps.Add(name+p.Name, true, p.Shape...)
		copy(to.Data, p.Data)
		a.from, a.to = append(a.from, p), append(a.to, to)
	}
	return a
}

// Averaged is a network with the averaged parameters in place of its own.
func Averaged(n Network) Network {
	n.Name = averagePrefix + n.Name
	return n
}

// Update moves the averages towards the parameters after the given number of steps:
// by 1 − decay of the difference, and by more in the first steps, whose parameters
// are forgotten at min(decay, (1+steps)/(10+steps)). The vectors of power iterations
// are copied: they belong to the weights of the day, from which the average differs
// little.
func (a *Average) Update(steps int) {
	decay := min(a.decay, float64(1+steps)/float64(10+steps))
	for i, p := range a.from {
		if p.State {
			copy(a.to[i].Data, p.Data)
		} else {
			kernels.Approach(a.to[i].Data, p.Data, float32(1-decay))
		}
	}
}
