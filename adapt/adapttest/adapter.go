package adapttest

import (
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
)

// AdapterOptions are allowances; the zero value grants none.
type AdapterOptions struct {
	// Settings that are not the defaults. An option "dim" is 4 where nothing is said.
	Settings option.Values
	// Quiet are options of which no change shows on the walk's task, each with the reason.
	Quiet map[string]string
	// Moved is how many of 80 target rows may be predicted otherwise when they come
	// again, as new rows.
	Moved int
}

// Adapter checks that a method finds the classes of a target that is turned a little
// against its source, gives probabilities, leaves its task as it is and computes the same
// bytes whatever the number of threads; that it serves further rows just where it says so;
// that every option changes something; and that of odd tasks it gives probabilities or one
// line that names it. (What no task may be, adapt.Method refuses for all of them.)
func Adapter(info adapt.AdapterInfo, o AdapterOptions) error {
	r := &report{what: "adapter " + info.Name}
	r.descriptor(info.Name, info.Doc, info.Options, info.Grid)
	if info.Adapt == nil {
		r.addf("no Adapt")
		return r.err()
	}
	w := adapterWalk{r, info, o}
	r.guard("adapting", w.adapts)
	r.guard("changing options", w.options)
	r.guard("an odd task", w.odd)
	return r.err()
}

type adapterWalk struct {
	*report
	info adapt.AdapterInfo
	o    AdapterOptions
}

// shifted is a task whose target is turned and stretched a little against its source,
// both with their means at the origin, with the labels that the target keeps to itself.
func shifted(seed uint64, n, m int) (adapt.Task, []int) {
	source, target := blobs(seed, n, 6, 3, 0.8), blobs(seed+100, m, 6, 3, 0.8)
	turn := mat.NewDense(6, 6, nil)
	for j := range 6 {
		turn.Set(j, j, 1.1)
		turn.Set(j, (j+1)%6, 0.3)
	}
	var moved mat.Dense
	moved.Mul(target.X, turn)
	centre(source.X)
	centre(&moved)
	return adapt.Task{Source: source, Target: &moved, Seed: seed}, target.Labels
}

// centre takes the mean off each column.
func centre(x *mat.Dense) {
	n, d := x.Dims()
	for j := range d {
		mean := mat.Sum(x.ColView(j)) / float64(n)
		for i := range n {
			x.Set(i, j, x.At(i, j)-mean)
		}
	}
}

// method is the adapter with small dimensions and a classifier that serves every kind.
func (w adapterWalk) method(changes option.Values) adapt.Method {
	m := adapt.Method{Adapter: w.info, Settings: option.Defaults(w.info.Options)}
	if _, ok := m.Settings["dim"]; ok {
		m.Settings["dim"] = 4
	}
	for _, from := range []option.Values{w.o.Settings, changes} {
		for k, v := range from {
			m.Settings[k] = v
		}
	}
	if !w.info.Own {
		m.Head = head("logistic")
	}
	return m
}

// head is a registered classifier as it is by default.
func head(name string) adapt.Head {
	c, err := adapt.Classifiers.Get(name)
	if err != nil {
		panic(err) // the package that this one tests registers it
	}
	return adapt.Head{Info: c, Settings: option.Defaults(c.Options)}
}

func (w adapterWalk) adapts() {
	task, truth := shifted(1, 90, 80)
	kept, target := clone(task.Source), mat.DenseCopyOf(task.Target)
	a, err := w.method(nil).Fit(task)
	if err != nil {
		w.addf("a small shift: %v", err)
		return
	}
	if !same(kept, task.Source) || !mat.Equal(target, task.Target) {
		w.addf("adapting changes the task that it was given")
	}
	if !w.distributions("a small shift", a.Probabilities, 80, 3) {
		return
	}
	if acc := accuracy(a.Probabilities, truth); acc < 0.9 {
		w.addf("accuracy %v on a small shift, want 0.9", acc)
	}
	w.further(a, task)
	threads(func(n int) {
		if b, err := w.method(nil).Fit(task); err != nil || !mat.Equal(a.Probabilities, b.Probabilities) {
			w.addf("%d threads, or a second time, give other bits (%v)", n, err)
		}
	})
}

// further predicts rows after the fit, the task's own, where the method can.
func (w adapterWalk) further(a *adapt.Adaptation, task adapt.Task) {
	if w.info.Transductive == a.Inductive() {
		w.addf("says transductive %v and is inductive %v", w.info.Transductive, a.Inductive())
	}
	if a.Inductive() {
		w.again(a, task)
	}
	if a.MapSource == nil {
		return
	}
	switch p, err := a.PredictSource(task.Source.X); {
	case err != nil:
		w.addf("further source rows: %v", err)
	case w.distributions("further source rows", p, 90, 3):
		if acc := accuracy(p, task.Source.Labels); acc < 0.8 {
			w.addf("accuracy %v on the source, want 0.8", acc)
		}
	}
}

// again predicts the target rows that were adapted to, as new ones.
func (w adapterWalk) again(a *adapt.Adaptation, task adapt.Task) {
	p, err := a.PredictTarget(task.Target)
	switch {
	case err != nil:
		w.addf("further target rows: %v", err)
	case w.distributions("further target rows", p, 80, 3):
		before, moved := adapt.Predict(a.Probabilities), 0
		for i, c := range adapt.Predict(p) {
			if c != before[i] {
				moved++
			}
		}
		if moved > w.o.Moved {
			w.addf("%d of 80 target rows are predicted otherwise when they come again, want %d at most", moved, w.o.Moved)
		}
	}
}

// options changes one setting at a time.
func (w adapterWalk) options() {
	task, _ := shifted(3, 60, 50)
	base, err := w.method(nil).Fit(task)
	if err != nil {
		w.addf("60 and 50 rows: %v", err)
		return
	}
	for name := range w.o.Quiet {
		if !slices.ContainsFunc(w.info.Options, func(o option.Option) bool { return o.Name == name }) {
			w.addf("quiet names option %q, which is none", name)
		}
	}
	for _, o := range w.info.Options {
		if w.o.Quiet[o.Name] != "" {
			continue
		}
		value := o.Another()
		if o.Name == "dim" {
			value = 3
		}
		got, err := w.method(option.Values{o.Name: value}).Fit(task)
		switch {
		case err != nil:
			w.addf("%s = %v: %v", o.Name, value, err)
		case mat.Equal(got.Probabilities, base.Probabilities):
			w.addf("%s = %v changes nothing; want an effect, or a reason in Quiet", o.Name, value)
		}
	}
}

// changed is a small task, altered.
func changed(f func(t *adapt.Task)) adapt.Task {
	t, _ := shifted(1, 30, 24)
	f(&t)
	return t
}

// odd tasks are usable, or refused by one line that names the method.
func (w adapterWalk) odd() {
	for _, tt := range []struct {
		name   string
		change func(t *adapt.Task)
	}{
		{"a constant column", func(c *adapt.Task) {
			for i := range 30 {
				c.Source.X.Set(i, 2, 7)
			}
			for i := range 24 {
				c.Target.Set(i, 2, 7)
			}
		}},
		{"a class of one row", func(c *adapt.Task) {
			for i, l := range c.Source.Labels {
				if l == 2 && i > 2 {
					c.Source.Labels[i] = 1
				}
			}
		}},
		{"an absent class", func(c *adapt.Task) {
			for i, l := range c.Source.Labels {
				if l == 2 {
					c.Source.Labels[i] = 0
				}
			}
		}},
		{"equal target rows", func(c *adapt.Task) {
			for i := range 24 {
				c.Target.SetRow(i, c.Target.RawRowView(0))
			}
		}},
		{"equal domains", func(c *adapt.Task) { c.Target = mat.DenseCopyOf(c.Source.X) }},
	} {
		task := changed(tt.change)
		a, err := w.method(nil).Fit(task)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "adapt: "+w.info.Name+": ") || strings.Contains(err.Error(), "\n") {
				w.addf("%s: error %q, want one line that begins with the method's name", tt.name, err)
			}
			continue
		}
		m, _ := task.Target.Dims()
		w.distributions(tt.name, a.Probabilities, m, 3)
	}
}
