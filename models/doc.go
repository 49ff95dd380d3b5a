// Package models answers how networks are built, trained and kept, and what the
// common code of an image is. It trains on unlabelled images only and knows
// nothing of classifiers, metrics or result files.
package models
