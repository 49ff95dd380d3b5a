package labelled

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models/modelstest"
)

// What the critic reads carries noise of the spread asked for, other values on every image, update
// and step, for its own updates and for the generator's; nothing else of a step carries it.
func TestNoise(t *testing.T) {
	const sd, off = 0.3, 0.01 // off: five standard errors of a mean, and of a spread
	m := newToy(t, System{}, option.Values{"critic.noise": sd, "train.critic_steps": 1, "loss.classes": 0.0})
	m.setRates(0)
	p, err := m.newPrograms(48)
	if err != nil {
		t.Fatal(err)
	}
	m.step = p
	b := modelstest.Pair(numbered(48, 0), numbered(48, 100))
	var seen [][]float32
	check := func(name string, noise []float32) {
		t.Helper()
		var sum, squares float64
		for _, v := range noise {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		n := float64(len(noise))
		if mean, spread := sum/n, math.Sqrt(squares/n); !(math.Abs(mean) <= off) || !(math.Abs(spread-sd) <= off) {
			t.Errorf("%s: noise of mean %.4f and spread %.4f, want 0 and %v", name, mean, spread, sd)
		}
		seen = append(seen, noise)
	}
	for _, at := range []struct{ step, k int }{{0, 0}, {0, 1}, {1, 0}} {
		m.show(p, b, 0, 0)
		if _, err := m.judge(p, at.step, at.k); err != nil {
			t.Fatal(err)
		}
		noise := slices.Clone(p.critic.images)
		for i := range noise {
			if i < len(p.real) {
				noise[i] -= p.real[i]
			} else {
				noise[i] -= p.fake.requested[(i-len(p.real))/256] // what a toy without weights shows
			}
		}
		check(fmt.Sprint("real, ", at), noise[:len(p.real)])
		check(fmt.Sprint("edited, ", at), noise[len(p.real):])
		if share, got := p.shares[1], p.critic.between[700]; got != p.critic.images[700]+share*(p.critic.images[len(p.real)+700]-p.critic.images[700]) {
			t.Errorf("%v: %v between, want a mix of what the critic reads", at, got)
		}
	}

	// The generator's: a critic that adds up values.
	for _, q := range m.ps.All() {
		q.Fill(0)
	}
	m.ps.Get("critic/real/fc1/weight").Fill(1)
	for step := range 2 {
		m.show(p, b, 0, 0)
		losses, err := m.generate(p, step)
		if err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprint("generator, ", step), slices.Clone(p.generator.noise))
		var want float64
		for i, v := range p.generator.requested {
			want += 256 * float64(v) / 48
			for _, n := range p.generator.noise[256*i : 256*(i+1)] {
				want += float64(n) / 48
			}
		}
		if got := -losses[1].Value; !(math.Abs(got-want) <= 1e-5*math.Abs(want)) {
			t.Errorf("step %d: the critic gives edited images %v, want %v", step, got, want)
		}
		for _, q := range m.generator.Parameters() {
			q.Fill(0)
		}
	}
	for i, a := range seen {
		for j := range i {
			if slices.Equal(a[:8], seen[j][:8]) {
				t.Errorf("noises %d and %d are the same", i, j)
			}
		}
	}
}
