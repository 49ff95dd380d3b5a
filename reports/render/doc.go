// Package render lays tables and figures out as text, pictures and pages that other
// programs read: it knows cells and panels, and nothing of what they say.
package render
