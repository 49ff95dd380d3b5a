package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/npy"
)

func newEncode(a *app) *cobra.Command {
	var o modelOptions
	cmd := &cobra.Command{
		Use:     "encode IMAGE|FOLDER ... --model RUN --out FILE.npz",
		Short:   "write the codes of your own images, for NumPy and whatever reads its archives",
		Example: "  venn encode photos --model quickstart -o codes.npz",
		Args:    atLeast(1, "an image or a folder of images"),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := a.open(cmd, o, ".npz")
			if err != nil {
				return err
			}
			images, names, err := domains.ReadPictures(args, model.Shape())
			if err != nil {
				return err
			}
			c, err := model.Encode(images)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
				return err
			}
			var arrays []npy.Array
			var widths []string
			for _, block := range c {
				name := strings.ReplaceAll(string(block.Role), "-", "_") // an attribute in Python
				arrays = append(arrays, npy.Array{Name: name, Shape: []int{block.N, block.D}, Data: block.Data})
				widths = append(widths, fmt.Sprintf("%s %d", name, block.D))
			}
			if err := npy.WriteArchive(o.out, append(arrays, npy.Array{Name: "names", Texts: names})...); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s: %d images, %s\n", o.out, images.Len(), strings.Join(widths, ", "))
			return err
		},
	}
	o.flags(cmd, "archive to write (.npz): an array for each block of codes (common, separate_a and separate_b; features of a classifying network), one row an image, and names")
	return cmd
}
