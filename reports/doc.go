// Package reports holds what a report is made of: the records of finished runs, tables and
// figures as values, and the registries of their kinds. Its rooms make them (tables,
// figures), lay them out (render), tie them together (pages) and set runs beside published
// figures (published). They read records and nothing else, train nothing and draw no
// random numbers.
package reports
