package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The records of a study are kept in a file, reported without its runs, and beside runs of
// one's own, whose rows say whose they are.
func TestReportByReference(t *testing.T) {
	smallRun(t)
	code, own, said := command(0, "report", "small", "-o", "page")
	if code != exitOK {
		t.Fatal(said)
	}
	if code, out, said := command(0, "report", "small", "--keep-reference", "small.json.gz"); code != exitOK || out != "small.json.gz: records of 1 runs\n" {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	if err := os.Rename("runs", "other"); err != nil {
		t.Fatal(err)
	}
	code, alone, said := command(0, "report", "--reference", "small.json.gz")
	if code != exitOK {
		t.Fatal(said)
	}
	tables := func(text string) string { return text[:strings.LastIndex(text, "\nreport: ")] }
	if tables(alone) != tables(own) {
		t.Errorf("the tables of the reference are\n%s\nthose of the runs\n%s", alone, own)
	}
	page, err := os.ReadFile(filepath.Join("reference-small", "index.html"))
	if err != nil || !strings.Contains(string(page), "small (reference)") {
		t.Errorf("the page does not say that it shows a reference (%v)", err)
	}
	code, both, said := command(0, "report", "--reference", "small.json.gz", "-o", "both", "other/small")
	if code != exitOK {
		t.Fatal(said)
	}
	for _, want := range []string{"│ small (reference)", "│ small  "} {
		if !strings.Contains(both, want) {
			t.Errorf("no row begins %q:\n%s", want, both)
		}
	}
	for _, name := range []string{"curves"} { // figures too, a panel or a line a run
		data, err := os.ReadFile(filepath.Join("both", "figures", name+".csv"))
		if err != nil || !strings.Contains(string(data), "small (reference) seed 0,") {
			t.Errorf("%s does not say which run is the reference's (%v):\n%.300s", name, err, data)
		}
	}
	// With runs of one's own it is written anew: those of its jobs take the places of its records.
	code, out, said := command(0, "report", "--reference", "small.json.gz", "other/small", "--keep-reference", "merged.json.gz")
	if code != exitOK || out != "merged.json.gz: records of 1 runs\n" || said != "venn: seed 0: the run takes the place of the reference's\n" {
		t.Errorf("exit %d: %s%s", code, out, said)
	}
	before, err := os.ReadFile("small.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	if merged, err := os.ReadFile("merged.json.gz"); err != nil || !bytes.Equal(merged, before) {
		t.Errorf("merged with what it is made of, the reference is another (%v)", err)
	}
	if code, out, said := command(0, "report", "--reference", "small.json.gz", "--tidy", "all.csv"); code != exitOK || !strings.HasPrefix(out, "all.csv: ") || !strings.HasSuffix(out, " rows of 1 runs\n") {
		t.Errorf("exit %d: %s%s", code, out, said)
	}
	for want, args := range map[string][]string{
		`references: no reference "smal" and no such file`: {"report", "--reference", "smal"},
		"references: toy.yaml: not a reference file":       {"report", "--reference", "toy.yaml"},
		"no runs at":      {"report", "--reference", "small.json.gz", "nowhere"},
		"no runs at runs": {"report", "--keep-reference", "x"},
		"if any flags in the group [out keep-reference tidy] are set": {"report", "--tidy", "x.csv", "--keep-reference", "x"},
	} {
		if code, _, said := command(0, args...); code == exitOK || !strings.Contains(said, want) {
			t.Errorf("%v: exit %d, %s", args, code, said)
		}
	}
}
