package deep

import "github.com/venn-adapt/venn/models"

func init() {
	add(models.Method{
		Name:     "source-only",
		Doc:      "a classifying network that sees labelled source images alone: what adaptation must beat",
		Citation: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998)",
		Version:  1,
	}, recipe{})
}
