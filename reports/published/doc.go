// Package published sets runs beside the figures that papers print: reproduced, near,
// better or worse, or which field of the protocol differs.
package published
