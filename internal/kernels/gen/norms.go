package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// norms writes instance normalisation with its leaky relu, and its gradient: loops
// over planes of n values, n a positive multiple of the lanes; share is 1/n.
func (s set) norms() {
	const scalars = "share, eps, slope float32)"
	name := "norm" + s.name
	TEXT(name, NOSPLIT, "func(n, planes int, y, x *float32, "+scalars)
	Doc(name + " sets y to h = (x - mean)/sqrt(variance + eps), times slope where h is negative.")
	y, x := s.pointer("y"), s.pointer("x")
	s.eachPlane(name, func() {
		mean, inverse := s.moments(name, x)
		slope, zero := s.constant("slope"), s.vector()
		s.zero(zero)
		s.loop(name, func(w walk, u int) {
			h := s.normal(w, x, mean, inverse)
			s.leak(h, h, slope, zero)
			w.store(h, y)
		})
	}, y, x)

	name = "normGrad" + s.name
	TEXT(name, NOSPLIT, "func(n, planes int, dx, dy, x *float32, "+scalars)
	Doc(name + " sets dx to (g - mean of g - h·mean of g·h)/sqrt(variance + eps), g the gradient at the normalised value h.")
	dx, dy, x := s.pointer("dx"), s.pointer("dy"), s.pointer("x")
	s.eachPlane(name, func() {
		mean, inverse := s.moments(name, x)
		slope, zero := s.constant("slope"), s.vector()
		s.zero(zero)
		gradient := func(w walk) (g, h reg.VecVirtual) {
			h = s.normal(w, x, mean, inverse)
			g = w.load(dy)
			s.leak(g, h, slope, zero)
			return g, h
		}
		sums, products := s.accumulators(), s.accumulators()
		s.loop(name+"_sums", func(w walk, u int) {
			g, h := gradient(w)
			VADDPS(g, sums[u], sums[u])
			VFMADD231PS(g, h, products[u])
		})
		gm, ghm := s.average(sums), s.average(products)
		s.loop(name, func(w walk, u int) {
			g, h := gradient(w)
			VSUBPS(gm, g, g)
			VFNMADD231PS(ghm, h, g)
			VMULPS(inverse, g, g)
			w.store(g, dx)
		})
	}, dx, dy, x)
}

// eachPlane runs body for every plane; arrays are moved on by n values each time.
func (s set) eachPlane(name string, body func(), arrays ...reg.Register) {
	planes := Load(Param("planes"), GP64())
	next := name + "_plane"
	Label(next)
	body()
	bytes := Load(Param("n"), GP64())
	f32.scale(bytes)
	for _, p := range arrays {
		ADDQ(bytes, p)
	}
	DECQ(planes)
	JNZ(LabelRef(next))
	end()
}

// moments are the mean and the inverse deviation of a plane, in every lane.
func (s set) moments(name string, x reg.Register) (mean, inverse reg.VecVirtual) {
	acc := s.accumulators()
	s.loop(name+"_mean", func(w walk, u int) { VADDPS(w.at(x), acc[u], acc[u]) })
	mean = s.average(acc)
	acc = s.accumulators()
	s.loop(name+"_squares", func(w walk, u int) {
		d := w.load(x)
		VSUBPS(mean, d, d)
		VFMADD231PS(d, d, acc[u])
	})
	v, one := s.average(acc), s.number("one", 1)
	VADDPS(s.constant("eps"), v, v)
	VSQRTPS(v, v)
	inverse = s.vector()
	VDIVPS(v, one, inverse)
	return mean, inverse
}

// average is the total of the accumulators times share, in every lane.
func (s set) average(sums []reg.VecVirtual) reg.VecVirtual {
	v := s.vector()
	VBROADCASTSS(s.total(sums).AsX(), v)
	VMULPS(s.constant("share"), v, v)
	return v
}

// normal is the normalised current vector of x.
func (s set) normal(w walk, x reg.Register, mean, inverse reg.VecVirtual) reg.VecVirtual {
	h := w.load(x)
	VSUBPS(mean, h, h)
	VMULPS(inverse, h, h)
	return h
}
