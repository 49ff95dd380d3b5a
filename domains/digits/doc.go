// Package digits holds the datasets of digits in files: MNIST and USPS, brought to one size.
package digits
