package models

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A Method describes one way to learn codes from two image domains. Each has a
// folder of its own and registers itself in Methods.
type Method struct {
	Name     string
	Doc      string
	Citation string
	Options  []option.Option // of the whole `model` section except `method`; dotted names nest
	New      func(Config) (Model, error)
	// Check reports contradictions among options that single bounds cannot see,
	// each naming the option at fault.
	Check func(Config) []OptionError
}

// An OptionError says what is wrong with the value of one option.
type OptionError struct{ Option, Problem string }

// A Config is what a method is made from.
type Config struct {
	Shape   domains.Shape
	Options option.Values
	Seed    uint64
}

// Methods holds every method by name.
var Methods = registry.New[Method]("method")
