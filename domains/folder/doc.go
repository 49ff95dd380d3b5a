// Package folder holds the dataset that is a folder of images, as the paper's code reads it.
package folder
