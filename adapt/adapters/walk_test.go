package adapters_test

import (
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/adapt/adapttest"
)

// quiet are options of which no change shows on the walk's task.
var quiet = map[string]map[string]string{
	"kliep":    {"centres": "80 target rows are fewer than 100 centres"},
	"ulsif":    {"centres": "80 target rows are fewer than 100 centres"},
	"kmm":      {"bound": "no weight of this task comes near it", "iterations": "the weights settle before", "epsilon": "the mean weight of this task is 1 anyway"},
	"tca":      {"gamma": "counts under the kernel rbf"},
	"jda":      {"gamma": "counts under the kernel rbf", "iterations": "the labels stay after a pass"},
	"bda":      {"gamma": "counts under the kernel rbf", "iterations": "the labels stay after a pass", "weighted": "the classes of this task are balanced"},
	"tjm":      {"gamma": "counts under the kernel rbf"},
	"sinkhorn": {"eta": "counts with classes", "iterations": "the plan converges before"},
	"jgsa":     {"iterations": "the labels stay after a pass"},
	"meda":     {"iterations": "the labels stay after a pass"},
	"jdot":     {"iterations": "the plan settles before"},
	"dasvm":    {"rounds": "the margin is empty before", "step": "every way of this task ends on the same labels"},
}

func TestAdapters(t *testing.T) {
	for _, info := range adapt.Adapters.All() {
		t.Run(info.Name, func(t *testing.T) {
			o := adapttest.AdapterOptions{Quiet: quiet[info.Name]}
			if info.Name == "easytl" {
				o.Moved = 2 // it may hand a row over to a starving class
			}
			if err := adapttest.Adapter(info, o); err != nil {
				t.Error(err)
			}
		})
	}
}
