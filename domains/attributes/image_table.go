package attributes

import (
	"context"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

const imageTable = "image-table"

func init() {
	domains.Datasets.Add(imageTable, domains.Dataset{
		Name:     imageTable,
		Doc:      "your own images, a folder or a zip archive, with a CSV of attributes; a domain is what an expression over them selects",
		Citation: "the choice by attributes of S. Benaim et al., \"Domain Intersection and Domain Difference\", ICCV 2019",
		Options: append([]option.Option{
			{Name: "images", Kind: option.String, Doc: "folder or zip archive of the images"},
			{Name: "attributes", Kind: option.String, Doc: "CSV with a heading: file names below images (in an archive, paths or the ends of paths that are one file's alone), then a column an attribute of 1 or 0, yes or no, true or false"},
			{Name: "split", Kind: option.Choice, Default: "seeded", Choices: []string{"seeded", "first"}, Doc: "how test images are held out: by a draw an image, or the first of each domain"},
		}, tableOptions...),
		Check:       checkTable(nil),
		CheckPair:   checkTablePair("images", "attributes"),
		LabelOption: "label",
		Grant:       grantOf(nil),
		Load:        loadImageTable,
	})
}

// loadImageTable reads the CSV and the images that the expression selects.
func loadImageTable(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	t := &tableDomain{dataset: imageTable, request: r, images: r.Options.String("images"), split: r.Options.String("split")}
	var err error
	if t.table, t.tableFile, err = readTable(imageTable, r.Options.String("attributes"), parseAttributeCSV); err != nil {
		return nil, err
	}
	return t.load(ctx)
}
