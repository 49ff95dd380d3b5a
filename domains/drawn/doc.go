// Package drawn holds datasets that the program draws: every cause of an image is known, and
// exact translations can be rendered.
package drawn
