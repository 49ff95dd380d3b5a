package adapters

import (
	"fmt"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/kept"
	"github.com/venn-adapt/venn/internal/option"
)

// An option that several adapters have means another thing in some.
func TestMeaningsOfOptions(t *testing.T) {
	for at, want := range map[[2]string]string{
		{"kliep", "gamma"}:       "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by held-out likelihood",
		{"ulsif", "gamma"}:       "of the Gaussian bumps exp(-gamma |x-c|^2); 0: chosen by the held-out criterion",
		{"meda", "gamma"}:        "of the kernel exp(-gamma |x-y|^2) on features of length 1; 0: 0.5",
		{"tjm", "kernel"}:        "of the stacked rows",
		{"ot-labels", "epsilon"}: "entropic regularisation; 0: the exact plan",
	} {
		info, err := adapt.Adapters.Get(at[0])
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(info.Options, func(o option.Option) bool { return o.Name == at[1] })
		if i < 0 || info.Options[i].Doc != want {
			t.Errorf("%s, %s: want %q", at[0], at[1], want)
		}
	}
}

func TestOptions(t *testing.T) {
	text := ""
	for _, a := range adapt.Adapters.All() {
		text += kept.Options(fmt.Sprintf("adapter %s, own %t, transductive %t", a.Name, a.Own, a.Transductive), a.Options, a.Grid)
	}
	kept.Entries(t, "options.txt", text)
}
