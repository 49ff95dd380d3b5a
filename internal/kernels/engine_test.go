package kernels

import (
	"os"
	"os/exec"
	"testing"
)

// The shape and bit tests run again on every micro-kernel of this processor.
func TestEveryPath(t *testing.T) {
	if os.Getenv("VENN_KERNELS") != "" || testing.Short() {
		t.Skip("already on a chosen path, or -short")
	}
	for _, path := range []string{"go", "avx2"} {
		if path == "avx2" && Path() == "go" {
			t.Logf("this processor runs the plain path only")
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run", "AgainstPlainLoops|SameBits|Accuracy", "-test.short")
		cmd.Env = append(os.Environ(), "VENN_KERNELS="+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("VENN_KERNELS=%s: %v\n%s", path, err, out)
		}
	}
}
