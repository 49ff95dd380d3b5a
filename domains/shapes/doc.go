// Package shapes holds rooms with one object in them, by six known factors: those that the
// program draws, and those of the 3D Shapes dataset. Both are split into two domains alike.
package shapes
