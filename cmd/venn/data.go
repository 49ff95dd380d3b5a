package main

import (
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/option"
)

func newData(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "list, fetch, verify and preview datasets, and write them as features", Example: "  venn data fetch mnist"}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return usage("data: want one of features, fetch, list, preview, verify")
	}
	cmd.AddCommand(newDataList(a), newDataFetch(a), newDataVerify(a), newDataPreview(a), newDataFeatures(a))
	return cmd
}

// A dataState is a dataset with the state of its files.
type dataState struct {
	Name  string             `json:"name"`
	Doc   string             `json:"doc"`
	State string             `json:"state"` // "needs no download", "by hand", "ok", "missing" or "damaged"
	Files []domains.Verified `json:"files,omitempty"`
}

func (a *app) dataState(ds domains.Dataset) (dataState, error) {
	s := dataState{Name: ds.Name, Doc: ds.Doc, State: "needs no download"}
	files, err := domains.Verify(a.settings.Data, ds.Name)
	if err != nil {
		return s, err
	}
	if ds.ByHand != "" {
		s.State = "by hand"
	}
	if s.Files = files; len(files) > 0 {
		s.State = "ok"
	}
	for _, f := range files {
		if f.State == "damaged" || (f.State == "missing" && s.State == "ok") {
			s.State = f.State
		}
	}
	return s, nil
}

func newDataList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "list the datasets and whether their files are there", Example: "  venn data list", Args: exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			var states []dataState
			rows := [][]string{{"dataset", "files", "what"}}
			for _, ds := range domains.Datasets.All() {
				s, err := a.dataState(ds)
				if err != nil {
					return err
				}
				states, rows = append(states, s), append(rows, []string{s.Name, s.State, s.Doc})
			}
			if asJSON {
				return a.printJSON(states)
			}
			return a.printRows(rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func newDataVerify(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify DATASET", Short: "compare the files of a dataset with their published checksums", Example: "  venn data verify mnist", Args: exactly(1, "a dataset"),
		RunE: func(_ *cobra.Command, args []string) error {
			ds, err := dataset(args[0])
			if err != nil {
				return err
			}
			files, err := domains.Verify(a.settings.Data, ds.Name)
			if err != nil {
				return err
			}
			if len(files) == 0 && !asJSON {
				_, err := fmt.Fprintf(a.out, "%s has no files with published checksums\n", ds.Name)
				return err
			}
			rows := [][]string{{"file", "state"}}
			bad := false
			for _, f := range files {
				rows = append(rows, []string{f.Path, f.State})
				bad = bad || f.State != "ok"
			}
			if asJSON {
				err = a.printJSON(files)
			} else {
				err = a.printRows(rows)
			}
			if err == nil && bad {
				return exitError(exitDamaged)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func newDataFetch(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "fetch DATASET", Short: "download what is missing of a dataset; a broken download is taken up", Example: "  venn data fetch mnist", Args: exactly(1, "a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ds, err := dataset(args[0])
			if err != nil {
				return err
			}
			if ds.ByHand != "" {
				return fmt.Errorf("data fetch: %s cannot be fetched by a program: %s %s", ds.Name, ds.ByHand, filepath.Join(a.settings.Data, ds.Name))
			}
			ctx, stop := a.interruptible(cmd.Context(), "stopping")
			defer stop()
			got, err := domains.Fetcher{DataDir: a.settings.Data, Progress: a.downloads()}.Fetch(ctx, args[0])
			rows := [][]string{{"file", "from"}}
			for _, f := range got {
				if f.Source == "" {
					f.Source = "was there"
				}
				rows = append(rows, []string{f.Path, f.Source})
			}
			if len(got) == 0 && err == nil {
				rows = [][]string{{args[0] + " needs no download"}}
			}
			return errors.Join(a.printRows(rows), err)
		},
	}
}

// downloads is a bar a file on a terminal, nothing elsewhere: the result names each
// file.
func (a *app) downloads() func(file string, done, total int64) {
	if !a.onTerminal() {
		return nil
	}
	var bar *progressbar.ProgressBar
	name := ""
	return func(file string, done, total int64) {
		if file != name {
			name = file
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(file), progressbar.OptionShowBytes(true))
		}
		_ = bar.Set64(done) // only drawing can fail
		if done == total {
			fmt.Fprintln(a.err)
		}
	}
}

func newDataPreview(a *app) *cobra.Command {
	var out, side string
	var size, channels, columns, rows int
	cmd := &cobra.Command{
		Use: "preview DATASET [option=value ...]", Short: "write a contact sheet of a dataset's images as PNG", Example: "  venn data preview faces-schematic --size 64 -o faces.png", Args: atLeast(1, "a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ds, err := dataset(args[0])
			if err != nil {
				return err
			}
			which := map[string]domains.Side{"a": domains.A, "b": domains.B}
			s, ok := which[side]
			if !ok {
				return usage("--side: %q, want a or b", side)
			}
			options, err := datasetOptions(args[1:])
			if err != nil {
				return err
			}
			d, err := domains.Load(cmd.Context(), ds.Name, domains.Request{Side: s, Options: options, DataDir: a.settings.Data,
				Shape: domains.Shape{Channels: channels, Height: size, Width: size}})
			if err != nil {
				return err
			}
			if out == "" {
				out = ds.Name + "-" + side + ".png"
			}
			page := domains.Contact(domains.Sheet{Rows: rows, Columns: columns, Captions: true},
				domains.Block{Title: ds.Name + " " + side + " train", Split: d.Train}, domains.Block{Title: ds.Name + " " + side + " test", Split: d.Test})
			if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
				return err
			}
			if err := atomicfile.Write(out, func(w io.Writer) error { return png.Encode(w, page) }); err != nil {
				return err
			}
			fmt.Fprintln(a.out, out)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "", "file to write (default: <dataset>-<side>.png)")
	f.StringVar(&side, "side", "a", "domain that the dataset plays: a or b")
	f.IntVar(&size, "size", 32, "pixels of an image's side")
	f.IntVar(&channels, "channels", 3, "1 or 3")
	f.IntVar(&columns, "columns", 12, "images in a row")
	f.IntVar(&rows, "rows", 4, "rows of each split")
	return cmd
}

// dataset finds a dataset by a name that the user typed.
func dataset(name string) (domains.Dataset, error) {
	ds, err := domains.Datasets.Get(name)
	if err != nil {
		return ds, usageError{err}
	}
	return ds, nil
}

// datasetOptions reads option=value arguments, the values in YAML; what is not YAML,
// such as !Smiling, is a text.
func datasetOptions(args []string) (option.Values, error) {
	out := option.Values{}
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usage("%q, want option=value", arg)
		}
		value, err := spec.ParseValue(arg, text)
		if err != nil || value == nil {
			value = text
		}
		out[name] = value
	}
	return out, nil
}
