package labelled

import (
	"slices"

	"github.com/venn-adapt/venn/models"
)

// An Update is one part of a step, for tests: what it is shown, its losses, its gradients in the
// order of the optimiser's parameters.
type Update struct {
	Images, Own, Wanted, Shares []float32
	Losses                      []models.Loss
	Gradients                   [][]float32
}

// Updates makes one of the critic and one of the generator.
func (m *Model) Updates(critic, generator *Update) error {
	p, err := m.newPrograms(len(critic.Shares))
	if err != nil {
		return err
	}
	m.step = p
	m.setRates(0)
	show := func(u *Update) {
		copy(p.real, u.Images)
		copy(p.own, u.Own)
		copy(p.wanted, u.Wanted)
		copy(p.shares, u.Shares)
	}
	show(critic)
	if critic.Losses, err = m.judge(p, 0, 0); err != nil {
		return err
	}
	for i := range m.critic.Parameters() {
		critic.Gradients = append(critic.Gradients, slices.Clone(p.critic.Gradient(i).Data().([]float32)))
	}
	show(generator)
	if generator.Losses, err = m.generate(p, 0); err != nil {
		return err
	}
	for i := range m.generator.Parameters() {
		generator.Gradients = append(generator.Gradients, slices.Clone(p.generator.Gradient(i).Data().([]float32)))
	}
	return nil
}

// Shown is what the updates of a step see: images, own and wanted labels, shares.
func (m *Model) Shown(b *models.Batch, step int) (out []Update, err error) {
	p, err := m.prepare(b)
	if err != nil {
		return nil, err
	}
	for k := range m.parts() {
		m.show(p, b, step, k)
		out = append(out, Update{Images: slices.Clone(p.real), Own: slices.Clone(p.own), Wanted: slices.Clone(p.wanted), Shares: slices.Clone(p.shares)})
	}
	return out, nil
}
