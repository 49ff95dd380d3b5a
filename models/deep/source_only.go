// Package deep trains networks that classify images of two domains from labels of the
// source alone. Each method is a file that registers a descriptor, here or, where it only adds
// losses, in the room terms; models/recipe holds what they share.
package deep

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "source-only",
		Doc:      "a classifying network that sees labelled source images alone: what adaptation must beat",
		Citation: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998)",
		Version:  1,
	}, recipe.Recipe{})
	recipe.Add(models.Method{
		Name:     "target-oracle",
		Doc:      "source-only with the target's labelled training images in place of the source's: a bound, which no method may know",
		Citation: "Y. Ganin et al., Domain-adversarial training of neural networks, JMLR 17 (2016), section 5.2.4 (\"train on target\")",
		Version:  1,
		Oracle:   true,
	}, recipe.Recipe{})
}
