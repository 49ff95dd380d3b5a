package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/option"
)

func newDataFeatures(a *app) *cobra.Command {
	f := featureFlags{}
	cmd := &cobra.Command{
		Use:     "features DATASET OUT.npz [option=value ...]",
		Short:   "write training images of a dataset as rows of features with labels",
		Example: "  venn data features mnist mnist-2000.npz fit=stretch --size 16 --rows 2000",
		Args:    atLeast(2, "a dataset and the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writeFeatures(cmd.Context(), f, args[0], args[1], args[2:])
		},
	}
	cmd.Flags().IntVar(&f.size, "size", 16, "height and width of an image in pixels")
	cmd.Flags().IntVar(&f.channels, "channels", 1, "channels of an image, 1 or 3")
	cmd.Flags().IntVar(&f.rows, "rows", 0, "images, drawn by the seed; 0: all")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "of the draw")
	return cmd
}

type featureFlags struct {
	size, channels, rows int
	seed                 uint64
}

// writeFeatures writes arrays X (n x pixels, in [0, 1]) and y (n, from 0).
func (a *app) writeFeatures(ctx context.Context, f featureFlags, name, out string, options []string) error {
	dataset, err := domains.Datasets.Get(name)
	if err != nil {
		return usage("data features: %v", err)
	}
	values, err := parseOptions(dataset.Options, options)
	if err != nil {
		return err
	}
	d, err := domains.Load(ctx, name, domains.Request{Options: values, Shape: domains.Shape{Channels: f.channels, Height: f.size, Width: f.size},
		Seed: f.seed, DataDir: a.settings.Data, Limit: f.rows})
	if err != nil {
		return err
	}
	labelled, err := d.Train.Labelled()
	if err != nil {
		return err
	}
	x := npy.Array{Name: "X", Shape: []int{labelled.Images.Len(), labelled.Images.Shape.Len()}, Wide: make([]float64, len(labelled.Images.Data))}
	for i, v := range labelled.Images.Data {
		x.Wide[i] = (float64(v) + 1) / 2
	}
	y := npy.Array{Name: "y", Shape: []int{len(labelled.Labels)}}
	for _, l := range labelled.Labels {
		y.Wide = append(y.Wide, float64(l))
	}
	if err := npy.WriteArchive(out, x, y); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: %d rows of %d features, %s\n", out, x.Shape[0], x.Shape[1], d.Lock.Transform)
	return err
}

// parseOptions reads option=value words; text that is no number or truth value is a name.
func parseOptions(known []option.Option, words []string) (option.Values, error) {
	values := option.Values{}
	for _, w := range words {
		name, text, ok := strings.Cut(w, "=")
		if !ok {
			return nil, usage("%q: want option=value", w)
		}
		values[name] = text
		for _, o := range known {
			if o.Name != name || o.Kind == option.Choice || o.Kind == option.String {
				continue
			}
			var f float64
			if _, err := fmt.Sscan(text, &f); err == nil {
				values[name] = f
			} else if text == "true" || text == "false" {
				values[name] = text == "true"
			}
		}
	}
	return values, nil
}
