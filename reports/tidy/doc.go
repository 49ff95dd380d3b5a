// Package tidy puts all results of many runs into one table with a number a row, for other
// programs to filter, join and draw: as CSV and as Parquet.
package tidy
