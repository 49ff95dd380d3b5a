package published

import (
	"bytes"
	_ "embed" // claims.csv
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ClaimsVersion names the table of published figures that ships with the program; it is
// raised when a figure or what it is compared with changes.
const ClaimsVersion = 3

//go:embed claims.csv
var claimsText []byte

// A Claim is a published accuracy: of one method on one task, or on average over
// the tasks of its table.
type Claim struct {
	Benchmark, Task, Method string
	Percent                 float64
	Decimals                int // printed, of the figures of this table: "45" among "45.4" and "43.6" has one
	// Adapter, Classifier and Settings ("dim=30 head.k=1") say how the program runs the
	// method; an empty one is not stated. Of a trained method Trained is its name in the
	// program, Row the row of its accuracy ("network", "common") with the classifier, Network
	// the network by its name in the program or in the source's words, Fits ("usps=stretch")
	// how images of a dataset came to the network's size, Side that size in pixels, and Varied
	// ("shift 2") how training images were varied. Without an adapter and a trained method the
	// claim's is not among the program's.
	Adapter, Classifier   string
	Settings              []string
	Trained, Row, Network string
	Fits                  []string
	Side, Varied          string
	Split, Use            string  // of the protocol
	Selector              string  // how the source chose settings
	Tolerance             float64 // points within which the average counts as near
	Reason                string  // of the tolerance
	Protocol              string  // in the source's words
	Source, Venue         string
	Certainty             string // high: read in a table; medium: recalled
}

// average is the task of a claim over all tasks of its table.
const average = "average"

// Claims reads the table of published figures.
func Claims() ([]Claim, error) { return readClaims(claimsText) }

func readClaims(text []byte) ([]Claim, error) {
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reports: claims: %w", err)
	}
	var out []Claim
	for i, r := range records[1:] {
		percent, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			return nil, fmt.Errorf("reports: claims: line %d: figure %q", i+2, r[3])
		}
		tolerance, err := strconv.ParseFloat(r[11], 64)
		if err != nil {
			return nil, fmt.Errorf("reports: claims: line %d: tolerance %q", i+2, r[11])
		}
		out = append(out, Claim{Benchmark: r[0], Task: r[1], Method: r[2], Percent: percent, Adapter: r[5], Classifier: r[6],
			Settings: strings.Fields(r[7]), Split: r[8], Use: r[9], Selector: r[10], Tolerance: tolerance,
			Protocol: r[12], Source: r[13], Venue: r[14], Certainty: r[15], Reason: r[16],
			Trained: r[17], Row: r[18], Network: r[19], Fits: strings.Fields(r[20]), Side: r[21], Varied: r[22],
			Decimals: decimals(r[3])})
	}
	widen(out)
	return out, nil
}

// decimals are the digits after the point of a printed figure.
func decimals(text string) int {
	_, after, _ := strings.Cut(text, ".")
	return len(after)
}

// widen gives the figures of a table the most decimals among them, averages apart: a zero at their end was not kept.
func widen(claims []Claim) {
	type key struct {
		benchmark, source string
		average           bool
	}
	of := func(c Claim) key { return key{c.Benchmark, c.Source, c.Task == average} }
	most := map[key]int{}
	for _, c := range claims {
		most[of(c)] = max(most[of(c)], c.Decimals)
	}
	for i, c := range claims {
		claims[i].Decimals = most[of(c)]
	}
}

// A claimTable is one published row: a method in one source, with its tasks in order
// and, where the source has one, their average last.
type claimTable struct {
	method, source string
	claims         []Claim
}

func claimTables(claims []Claim, benchmark string) []claimTable {
	var out []claimTable
	for _, c := range claims {
		if c.Benchmark != benchmark {
			continue
		}
		i := slices.IndexFunc(out, func(t claimTable) bool { return t.method == c.Method && t.source == c.Source })
		if i < 0 {
			i = len(out)
			out = append(out, claimTable{method: c.Method, source: c.Source})
		}
		out[i].claims = append(out[i].claims, c)
	}
	return out
}

// tasks are the claims on single tasks.
func (t claimTable) tasks() []Claim {
	return slices.DeleteFunc(slices.Clone(t.claims), func(c Claim) bool { return c.Task == average })
}

// known says whether the program has the claim's method.
func (c Claim) known() bool { return c.Adapter != "" || c.Trained != "" }
