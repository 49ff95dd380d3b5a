package attributes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

const celeba = "celeba"

// celebaAttributes are the columns of list_attr_celeba.txt.
var celebaAttributes = []string{
	"5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair",
	"Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones",
	"Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
	"Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
}

func init() {
	domains.Datasets.Add(celeba, domains.Dataset{
		Name:     celeba,
		Doc:      "aligned faces with 40 attributes; a domain is what an expression over them selects",
		Citation: "Z. Liu, P. Luo, X. Wang, X. Tang, \"Deep learning face attributes in the wild\", ICCV 2015",
		ByHand: "get img_align_celeba.zip and list_attr_celeba.txt (and, for the official split, list_eval_partition.txt) " +
			"from mmlab.ie.cuhk.edu.hk/projects/CelebA.html, whose terms allow research only, and put them into",
		Options: append([]option.Option{
			{Name: "path", Kind: option.String, Default: "", Doc: "folder of the files; empty: celeba in the data folder"},
			{Name: "split", Kind: option.Choice, Default: "auto", Choices: []string{"auto", "official", "seeded", "first"},
				Doc: "how test images are held out: the official split (train 0, test 2; validation is left out), by a draw an image, or the first of each domain as the paper's code has it; auto: official where its file is"},
		}, tableOptions...),
		Check:       checkTable(celebaAttributes),
		CheckPair:   checkTablePair("path"),
		LabelOption: "label",
		Grant:       grantOf(celebaAttributes),
		Load:        loadCelebA,
	})
}

// loadCelebA reads list_attr_celeba.txt and the images that the expression selects
// out of img_align_celeba, a folder, or img_align_celeba.zip.
func loadCelebA(ctx context.Context, r domains.Request) (*domains.Domain, error) {
	root := r.Options.String("path")
	if root == "" {
		if err := domains.NeedDataDir(r.DataDir, celeba); err != nil {
			return nil, err
		}
		root = filepath.Join(r.DataDir, celeba)
	}
	t := &tableDomain{dataset: celeba, request: r}
	var err error
	if t.table, t.tableFile, err = readTable(celeba, filepath.Join(root, "list_attr_celeba.txt"), parseCelebA); err != nil {
		if errors.As(err, new(*domains.MissingError)) {
			err = &domains.MissingError{Err: fmt.Errorf("%w; `venn data fetch celeba` says how to get it", err)}
		}
		return nil, err
	}
	if err := t.partitionBy(r.Options.String("split"), filepath.Join(root, "list_eval_partition.txt")); err != nil {
		return nil, err
	}
	if t.images = filepath.Join(root, "img_align_celeba"); !isFolder(t.images) {
		t.images += ".zip"
		if _, err := os.Stat(t.images); errors.Is(err, fs.ErrNotExist) {
			return nil, &domains.MissingError{Err: fmt.Errorf("domains: %s: %s has neither a folder img_align_celeba nor img_align_celeba.zip; `venn data fetch celeba` says how to get it", celeba, root)}
		}
	}
	return t.load(ctx)
}

// partitionBy settles the split, reading the official one where it is wanted.
func (t *tableDomain) partitionBy(split, file string) error {
	data, err := os.ReadFile(file)
	switch {
	case split == "auto" && errors.Is(err, fs.ErrNotExist):
		t.split = "seeded"
		return nil
	case split == "seeded" || split == "first":
		t.split = split
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &domains.MissingError{Err: fmt.Errorf("domains: %s: the official split needs %s, which is missing", t.dataset, file)}
	case err != nil:
		return fmt.Errorf("domains: %s: %w", t.dataset, err)
	}
	t.split = "official"
	if t.partition, err = parsePartition(data); err != nil {
		return domains.Damaged("domains: %s: %s: %w", t.dataset, file, err)
	}
	for _, name := range t.table.images {
		if _, ok := t.partition[name]; !ok {
			return domains.Damaged("domains: %s: %s: %s is in no split", t.dataset, file, name)
		}
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
