package modelstest

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
)

// Pair is a batch of images of both domains and nothing else.
func Pair(a, b *domains.Images) *models.Batch {
	return &models.Batch{Images: [2]*domains.Images{a, b}}
}
