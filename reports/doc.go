// Package reports answers how results are shown: tables, figures, image grids and
// the bundle that ties them together. It reads records and nothing else; it
// trains nothing and draws no random numbers.
package reports
