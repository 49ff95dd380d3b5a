package adapt

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
)

// shifted is a task whose target is turned and stretched a little against its source,
// both with their means at the origin.
func shifted(seed uint64, n, m int) (Task, []int) {
	source, target := blobs(seed, n, 6, 3, 0.8), blobs(seed+100, m, 6, 3, 0.8)
	turn := mat.NewDense(6, 6, nil)
	for j := range 6 {
		turn.Set(j, j, 1.1)
		turn.Set(j, (j+1)%6, 0.3)
	}
	var moved mat.Dense
	moved.Mul(target.X, turn)
	source.X = less(source.X, columnMeans(source.X))
	return Task{Source: source, Target: less(&moved, columnMeans(&moved)), Seed: seed}, target.Labels
}

// methodOf is an adapter with defaults, small dimensions and a classifier that serves
// every kind of it.
func methodOf(t testing.TB, info AdapterInfo, changes option.Values) Method {
	t.Helper()
	m := Method{Adapter: info, Settings: option.Defaults(info.Options)}
	if _, ok := m.Settings["dim"]; ok {
		m.Settings["dim"] = 4
	}
	for k, v := range changes {
		m.Settings[k] = v
	}
	if !info.Own {
		m.Head = headOf(t, "logistic", nil)
	}
	return m
}

func headOf(t testing.TB, name string, changes option.Values) Head {
	t.Helper()
	c, err := Classifiers.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	h := Head{c, option.Defaults(c.Options)}
	for k, v := range changes {
		h.Settings[k] = v
	}
	return h
}

func adaptTo(t testing.TB, m Method, task Task) *Adaptation {
	t.Helper()
	a, err := m.Fit(task)
	if err != nil {
		t.Fatalf("%s: %v", m.Adapter.Name, err)
	}
	return a
}

// The walk over every adapter: what the contract promises.
func TestAdapters(t *testing.T) {
	for _, info := range Adapters.All() {
		t.Run(info.Name, func(t *testing.T) {
			task, truth := shifted(1, 90, 80)
			source, target := mat.DenseCopyOf(task.Source.X), mat.DenseCopyOf(task.Target)
			m := methodOf(t, info, nil)
			a := adaptTo(t, m, task)
			if acc := accuracy(Predict(a.Probabilities), truth); acc < 0.9 {
				t.Errorf("accuracy %v on a small shift", acc)
			}
			for i := range 80 {
				if s := mat.Sum(a.Probabilities.RowView(i)); math.Abs(s-1) > 1e-9 {
					t.Fatalf("row %d of the probabilities sums to %v", i, s)
				}
			}
			if !mat.Equal(source, task.Source.X) || !mat.Equal(target, task.Target) {
				t.Error("adapting changed its input")
			}
			if info.Transductive == a.Inductive() {
				t.Errorf("transductive %v, inductive %v", info.Transductive, a.Inductive())
			}
			if a.Inductive() {
				p, err := a.PredictTarget(task.Target)
				if err != nil {
					t.Fatal(err)
				}
				moved := 0
				for i, c := range Predict(p) {
					if c != Predict(a.Probabilities)[i] {
						moved++
					}
				}
				if moved > 2 { // EasyTL may hand a row over to a starving class
					t.Errorf("%d of 80 rows are predicted otherwise when they come again", moved)
				}
			} else if _, err := a.PredictTarget(task.Target); err == nil || !strings.Contains(err.Error(), "use it transductively") {
				t.Errorf("a transductive method predicts further rows: %v", err)
			}
			if a.MapSource != nil {
				p, err := a.PredictSource(task.Source.X)
				if err != nil {
					t.Fatal(err)
				}
				if acc := accuracy(Predict(p), task.Source.Labels); acc < 0.8 {
					t.Errorf("accuracy %v on the source", acc)
				}
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if b := adaptTo(t, m, task); !mat.Equal(a.Probabilities, b.Probabilities) {
				t.Error("GOMAXPROCS 1 gives other bits")
			}
		})
	}
}

// Every option of every adapter has a setting that changes what comes out, or is
// named here with its reason.
func TestEveryOptionCounts(t *testing.T) {
	quiet := map[string]string{
		"kliep/centres":       "80 target rows are fewer than 100 centres",
		"ulsif/centres":       "80 target rows are fewer than 100 centres",
		"kmm/bound":           "no weight of this task comes near it",
		"kmm/iterations":      "the weights settle before",
		"tca/gamma":           "counts under the kernel rbf",
		"jda/gamma":           "counts under the kernel rbf",
		"bda/gamma":           "counts under the kernel rbf",
		"tjm/gamma":           "counts under the kernel rbf",
		"sinkhorn/eta":        "counts with classes",
		"jda/iterations":      "the labels stay after a pass",
		"bda/iterations":      "the labels stay after a pass",
		"bda/weighted":        "the classes of this task are balanced",
		"jgsa/iterations":     "the labels stay after a pass",
		"meda/iterations":     "the labels stay after a pass",
		"kmm/epsilon":         "the mean weight of this task is 1 anyway",
		"sinkhorn/iterations": "the plan converges before",
		"jdot/iterations":     "the plan settles before",
		"dasvm/rounds":        "the margin is empty before",
		"dasvm/step":          "every way of this task ends on the same labels",
	}
	for _, info := range Adapters.All() {
		task, _ := shifted(3, 60, 50)
		base := adaptTo(t, methodOf(t, info, nil), task)
		for _, o := range info.Options {
			if _, ok := quiet[info.Name+"/"+o.Name]; ok {
				continue
			}
			var changed any
			switch o.Kind {
			case option.Bool:
				changed = !o.Default.(bool)
			case option.Int:
				if changed = o.Default.(int) / 2; changed.(int) < int(o.Min) {
					changed = o.Default.(int) + 4
				}
				if o.Name == "dim" {
					changed = 3
				}
			case option.Float:
				if changed = o.Default.(float64) / 2; changed == 0.0 {
					changed = 0.3
				}
			case option.Choice:
				changed = o.Choices[len(o.Choices)-1]
				if changed == o.Default {
					changed = o.Choices[0]
				}
			}
			if got := adaptTo(t, methodOf(t, info, option.Values{o.Name: changed}), task); mat.Equal(got.Probabilities, base.Probabilities) {
				t.Errorf("%s: %s = %v changes nothing", info.Name, o.Name, changed)
			}
		}
	}
}

func TestAdaptersRefuse(t *testing.T) {
	for _, info := range Adapters.All() {
		good, _ := shifted(1, 30, 24)
		change := func(f func(t *Task)) Task {
			c := good
			c.Source.X, c.Target = mat.DenseCopyOf(good.Source.X), mat.DenseCopyOf(good.Target)
			c.Source.Labels = append([]int(nil), good.Source.Labels...)
			f(&c)
			return c
		}
		for _, tt := range []struct {
			name string
			task Task
			want string
		}{
			{"width", change(func(c *Task) { c.Target = mat.NewDense(24, 5, nil) }), "the source has 6 columns, the target 5"},
			{"one target row", change(func(c *Task) { c.Target = takeRows(good.Target, []int{0}) }), "30 source and 1 target rows, want at least 2 of each"},
			{"NaN in the target", change(func(c *Task) { c.Target.Set(3, 1, math.NaN()) }), "target: row 3, column 1 is NaN"},
			{"infinite source", change(func(c *Task) { c.Source.X.Set(2, 0, math.Inf(1)) }), "source: row 2, column 0 is +Inf"},
			{"one class", change(func(c *Task) { clear(c.Source.Labels) }), "1 of 3 classes present in the source, want at least 2"},
			{"label", change(func(c *Task) { c.Source.Labels[4] = 9 }), "label 9 of row 4, want 0 to 2"},
			{"zero weights", change(func(c *Task) { c.Source.Weights = make([]float64, 30) }), "the weights of all 30 rows are zero"},
		} {
			if _, err := methodOf(t, info, nil).Fit(tt.task); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %s: error %v, want %q", info.Name, tt.name, err, tt.want)
			}
		}
		// What is odd but usable gives probabilities that are numbers, or one clear line.
		for _, tt := range []struct {
			name string
			task Task
		}{
			{"constant feature", change(func(c *Task) {
				for i := range 30 {
					c.Source.X.Set(i, 2, 7)
				}
				for i := range 24 {
					c.Target.Set(i, 2, 7)
				}
			})},
			{"a class of one row", change(func(c *Task) {
				for i, l := range c.Source.Labels {
					if l == 2 && i > 2 {
						c.Source.Labels[i] = 1
					}
				}
			})},
			{"an absent class", change(func(c *Task) {
				for i, l := range c.Source.Labels {
					if l == 2 {
						c.Source.Labels[i] = 0
					}
				}
			})},
			{"all target rows equal", change(func(c *Task) {
				for i := range 24 {
					c.Target.SetRow(i, good.Target.RawRowView(0))
				}
			})},
			{"equal domains", change(func(c *Task) { c.Target = mat.DenseCopyOf(c.Source.X) })},
		} {
			a, err := methodOf(t, info, nil).Fit(tt.task)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "adapt: "+info.Name+": ") || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: %s: error %q", info.Name, tt.name, err)
				}
				t.Logf("%s: %s: %v", info.Name, tt.name, err)
				continue
			}
			if err := finite("test", a.Probabilities); err != nil {
				t.Errorf("%s: %s: %v", info.Name, tt.name, err)
			}
		}
	}
}
