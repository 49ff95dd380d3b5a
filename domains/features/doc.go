// Package features reads ready-made feature vectors with labels, as other programs write them.
package features
