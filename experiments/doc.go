// Package experiments answers what runs, in what order and from which seeds: it
// turns a spec into a plan of jobs, runs each in a directory of its own, and
// writes the records that reports read.
package experiments
