package published

import (
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// named makes a run on digits one of another method and network.
func named(method, network string, percent float64) reports.Run {
	return digits(percent, func(r *reports.Results) { r.Method, r.Network = method, network })
}

// SHOT's own figures for MNIST to USPS are 79.7 of the source alone and 97.9 adapted: a gain of
// 18.2. Here the gain is over the network without adaptation of the same backbone, the mean of
// two seeds.
func TestGain(t *testing.T) {
	of := func(runs ...reports.Run) Comparison {
		t.Helper()
		compared, err := Compare(runs)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range compared {
			if c.Method == "SHOT" && strings.Contains(c.Source, "SHOT results") {
				return c.Tasks[0]
			}
		}
		t.Fatal("SHOT's figure is not there")
		return Comparison{}
	}
	second := named("source-only", "l20-50", 84)
	second.Results.Seed = 1
	c := of(named("source-only", "l20-50-bn", 70), named("source-only", "l20-50", 88), second, named("shot", "l20-50", 95))
	if c.Gain == nil || !near(c.Gain.Published, 18.2) || !near(c.Gain.Here, 9) || !near(c.Gain.From[0], 79.7) || !near(c.Gain.From[1], 86) {
		t.Fatalf("%+v", c.Gain)
	}
	const said = "gain over source only: published +18.2 from 79.7, here +9.0 from 86.0"
	equal := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	equal("remark", c.remark(), "network: published LeNet/DTN, here l20-50; "+said+": gains compare, levels do not")
	equal("alike", (&Gain{Published: 18.2, Here: 9, From: [2]float64{79.7, 79}}).said(), "gain over source only: published +18.2 from 79.7, here +9.0 from 79.0")
	quick := named("source-only", "l20-50", 60)
	quick.Results.Domains[0].Train = 2000
	for name, runs := range map[string][]reports.Run{
		"of fewer images":    {quick, named("shot", "l20-50", 95)},
		"of another network": {named("source-only", "l20-50-bn", 70), named("shot", "l20-50", 95)},
		"none":               {named("shot", "l20-50", 95)},
	} {
		if c := of(runs...); c.Gain != nil || strings.Contains(c.remark(), "gain") {
			t.Errorf("source only %s: %+v", name, c.Gain)
		}
	}
	compared, err := Compare([]reports.Run{named("source-only", "l20-50", 88), named("shot", "l20-50", 95)})
	if err != nil {
		t.Fatal(err)
	}
	whole := CompareWhole(compared)
	rows := 0
	for _, row := range whole.Rows {
		switch {
		case row[1].Text == "SHOT":
			rows++
			for i, want := range []float64{79.7, 88, 18.2, 7} {
				if c := row[len(row)-4+i]; !near(c.Value, want) || !c.Number {
					t.Errorf("%s of SHOT: %+v, want %v", whole.Columns[len(row)-4+i], c, want)
				}
			}
		case row[1].Text == "source only" && row[len(row)-1].Number:
			t.Errorf("source only has a gain: %+v", row)
		}
	}
	if rows != 2 { // its task, and what is shown of it
		t.Errorf("%d rows of SHOT", rows)
	}
}

// The figure without adaptation that a gain is over is that of the same source, task, split and row, whatever
// stands before it in the table.
func TestGainOverItsOwn(t *testing.T) {
	claims, err := Claims()
	if err != nil {
		t.Fatal(err)
	}
	of := func(trained string) Claim {
		for _, c := range claims {
			if c.Trained == trained && strings.Contains(c.Source, "SHOT results") && c.Task == "MNIST->USPS" {
				return c
			}
		}
		t.Fatalf("no figure of %s", trained)
		return Claim{}
	}
	shot, base := of("shot"), of(alone)
	var among []Claim
	for _, change := range []func(*Claim){
		func(c *Claim) { c.Trained = "dann" },
		func(c *Claim) { c.Row += " of another kind" },
		func(c *Claim) { c.Source += ", another table" },
		func(c *Claim) { c.Task = "USPS->MNIST" },
		func(c *Claim) { c.Split += " of another kind" },
	} {
		decoy := base
		decoy.Percent = 10
		change(&decoy)
		among = append(among, decoy)
	}
	runs := []reports.Run{named(alone, "l20-50", 88), named("shot", "l20-50", 95)}
	best := shot.matches(runs)[0]
	c := Comparison{Claim: shot, Here: 95}
	if c.gains(best, among, runs); c.Gain != nil {
		t.Errorf("over another figure: %+v", c.Gain)
	}
	if c.gains(best, append(among, base), runs); c.Gain == nil || !near(c.Gain.From[0], base.Percent) || !near(c.Gain.Published, shot.Percent-base.Percent) {
		t.Errorf("%+v, want over %v", c.Gain, base.Percent)
	}
}

// A network that learnt from the target's labels is on every task to that target, and has the
// training images of the target alone.
func TestCompareOracle(t *testing.T) {
	run := named("target-oracle", "l20-50", 96.5)
	run.Results.Domains[0] = reports.Domain{Dataset: "usps", Labelled: true, Train: 7291, Test: 2007, Fit: "stretch"}
	run.Results.Domains[1].Train = 7291
	run.Spec = "image:\n  size: 28\n  augment:\n    shift: 0.0\n"
	compared, err := Compare([]reports.Run{run})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range compared {
		if task := c.Tasks[0].Claim.Task; !strings.HasSuffix(task, "->USPS") || c.Tasks[0].Claim.Trained != "target-oracle" {
			t.Errorf("%s on %s", c.Method, task)
		}
		if strings.HasPrefix(c.Source, "CyCADA") {
			found++
			if one := c.Tasks[0]; one.Verdict != Reproduced || one.Remark != "" || !near(one.Here, 96.5) || one.Gain != nil {
				t.Errorf("%+v", one)
			}
		}
	}
	if found != 1 {
		t.Errorf("CyCADA's figure is there %d times", found)
	}
}

// Pixels and augmentation are compared where the claim states them.
func TestCompareImages(t *testing.T) {
	claim := Claim{Task: "MNIST->USPS", Percent: 90, Trained: "dann", Row: "network", Side: "28", Varied: "none", Tolerance: 3}
	for spec, want := range map[string]string{
		"": "pixels a side: published 28, here not said, training images varied by: published none, here not said",
		"image:\n  size: 32\n  augment:\n    crop: 0\n    shift: 2.0\n    noise: 0.1\n": "pixels a side: published 28, here 32, training images varied by: published none, here shift 2, noise 0.1",
		"image:\n  size: 28\n  augment:\n    crop: 0\n    shift: 0.0\n":                 "",
		"image: [": "pixels a side: published 28, here not said, training images varied by: published none, here not said",
	} {
		run := digits(90, nil)
		run.Spec = spec
		if c, err := compareTask(claim, nil, []reports.Run{run}); err != nil || c.Remark != want {
			t.Errorf("%q: %q, %v; want %q", spec, c.Remark, err, want)
		}
	}
}
