package spec

import (
	"fmt"
	"strings"
	"testing"
)

// A found value is quoted up to sixty runes.
func TestShow(t *testing.T) {
	at := strings.Repeat("ä", 60)
	equal(t, "sixty", show(&node{kind: scalarNode, scalar: at}), fmt.Sprintf("%q", at))
	equal(t, "sixty-one", show(&node{kind: scalarNode, scalar: at + "x"}), fmt.Sprintf("%q", at+"..."))
	equal(t, "a list", show(&node{kind: listNode, list: make([]*node, 2)}), "a list of 2")
	equal(t, "a mapping", show(&node{kind: mapNode}), "a mapping")
	equal(t, "nothing", show(&node{}), "nothing")
}

func TestWholeNumber(t *testing.T) {
	for _, tt := range []struct {
		in   any
		want uint64
		ok   bool
	}{{uint64(0), 0, true}, {int64(-1), 0, false}, {int64(0), 0, true}, {3.0, 3, true}, {0.0, 0, true}, {-1.0, 0, false}, {2.5, 0, false}, {float64(1 << 53), 0, false}, {float64(1<<53 - 1), 1<<53 - 1, true}, {"3", 0, false}} {
		n, ok := wholeNumber(tt.in)
		if ok != tt.ok || ok && n != tt.want {
			t.Errorf("%v: %v, %v; want %v, %v", tt.in, n, ok, tt.want, tt.ok)
		}
	}
}
