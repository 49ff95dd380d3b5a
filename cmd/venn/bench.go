package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/experiments"
)

// referenceNetwork is the network and batch of the paper's code, with the paper's losses.
var referenceNetwork = []string{"quickstart", "image.size=128", "model.base=32", "model.separate=25", "model.train.batch=32",
	"model.norm.separate=true", "model.loss.zero=1", "model.loss.pin=0", "model.loss.collapse=0", "model.loss.edges=0", "model.loss.alone=0", "model.code_side=2", "model.region.mean=0", "model.region.union=false"}

func newBench(a *app) *cobra.Command {
	var asJSON bool
	var span time.Duration
	cmd := &cobra.Command{
		Use:     "bench [SPEC|PRESET] [key=value ...]",
		Short:   "measure how fast this machine trains, beside what its processor can do; without a spec, the paper's network",
		Example: "  venn bench mnist-usps-quick --span 100ms",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = referenceNetwork
			}
			if span <= 0 {
				return usage("bench: --span %v, want more than 0", span)
			}
			plan, err := a.plan(args)
			if err != nil {
				return err
			}
			report, err := experiments.Bench(plan.Jobs[0], span)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(report)
			}
			return a.printBench(report)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON; rates in operations or bytes a second")
	cmd.Flags().DurationVar(&span, "span", 500*time.Millisecond, "time spent on each figure")
	return cmd
}

// printBench shows rates in GFLOP/s and as shares of the registers' peak on all
// threads.
func (a *app) printBench(r experiments.BenchReport) error {
	peak := r.Peak[len(r.Peak)-1].Rate
	if _, err := fmt.Fprintf(a.out, "%s, kernels %s, %d threads\n\n", r.Processor, r.Kernels, r.Threads); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	rows := [][]string{{"machine", "threads", "GFLOP/s", "share of peak"}}
	for _, p := range r.Peak {
		rows = append(rows, []string{"multiply-adds in registers", fmt.Sprint(p.Threads), giga(p.Rate), ""})
	}
	for _, p := range r.Product {
		own := r.Peak[0].Rate
		if p.Threads > 1 {
			own = peak
		}
		rows = append(rows, []string{fmt.Sprintf("product of %d x %d matrices", p.Size, p.Size), fmt.Sprint(p.Threads), giga(p.Rate), share(p.Rate / own)})
	}
	for _, m := range r.Memory {
		rows = append(rows, []string{"reading memory", fmt.Sprint(m.Threads), giga(m.Rate) + " GB/s", ""})
	}
	rows = append(rows, []string{"\nlayer", "shape", "forward", "", "input gradient", "", "weight gradient"})
	layers := slices.Clone(r.Layers)
	for _, b := range r.Blocks {
		layers = append(layers, b.Layer)
	}
	for _, l := range layers {
		row := []string{l.Layer, l.Shape}
		for _, v := range []float64{l.Forward, l.InputGrad, l.WeightGrad} {
			if v == 0 {
				row = append(row, "-", "")
				continue
			}
			row = append(row, giga(v), share(v/peak))
		}
		rows = append(rows, row)
	}
	if err := a.printRows(rows); err != nil {
		return err
	}
	for _, b := range r.Blocks {
		if _, err := fmt.Fprintf(a.out, "\nresidual block of 3 x 3, %d pixels, %d channels, %d images, forward and backward: %.1f ms, %.1f images/s, %s GFLOP/s (%s of peak)",
			b.Side, b.Channels, b.Images, 1e3*b.Seconds, b.ImagesPerSecond, giga(b.Rate), share(b.Rate/peak)); err != nil {
			return fmt.Errorf("stdout: %w", err)
		}
	}
	s := r.Step
	_, err := fmt.Fprintf(a.out, "\n\nOperations are those of the plain sums: convolutions that take fewer products can pass the peak.\ntraining step, batch %d a domain: %.3f s, %.1f images/s, %s GFLOP/s (%s of peak), peak memory %d MiB\n",
		s.Batch, s.Seconds, s.ImagesPerSecond, giga(s.Rate), share(s.Rate/peak), s.PeakBytes>>20)
	if err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}

func giga(rate float64) string { return fmt.Sprintf("%.1f", rate/1e9) }

func share(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }
