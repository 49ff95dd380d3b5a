// Package digits holds the datasets of digits in files, MNIST, USPS and SVHN, brought to one size,
// and those made of them and of photographs.
package digits
