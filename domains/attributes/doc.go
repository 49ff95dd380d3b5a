// Package attributes holds datasets of images with tables of attributes, CelebA and the
// user's own: expressions over attributes choose the domains, and what is decoded is cached.
package attributes
