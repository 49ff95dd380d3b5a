package main

import (
	"fmt"
	"os"
	"path/filepath"

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
			if err := npy.WriteArchive(o.out,
				npy.Array{Name: "common", Shape: []int{c.Common.N, c.Common.D}, Data: c.Common.Data},
				npy.Array{Name: "separate_a", Shape: []int{c.SeparateA.N, c.SeparateA.D}, Data: c.SeparateA.Data},
				npy.Array{Name: "separate_b", Shape: []int{c.SeparateB.N, c.SeparateB.D}, Data: c.SeparateB.Data},
				npy.Array{Name: "names", Texts: names}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s: %d images, common %d, separate_a %d, separate_b %d\n", o.out, c.Common.N, c.Common.D, c.SeparateA.D, c.SeparateB.D)
			return err
		},
	}
	o.flags(cmd, "archive to write (.npz): common, separate_a and separate_b, one row an image, and names")
	return cmd
}
