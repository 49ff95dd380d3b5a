package didd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

func train(t *testing.T, ctx context.Context, m *Model, start, until int, dir string, a, b *domains.Images) error {
	t.Helper()
	return models.Train(ctx, m, &models.Data{Images: [2]*domains.Images{a, b}}, models.Training{
		Phases: []models.Phase{{Name: "train", Steps: until, Shows: [2]bool{true, true}}}, Batch: 4, Seed: 5, Start: start, LogEvery: 1, SaveEvery: 2,
		Log:  func(int, []models.Loss) error { return nil },
		Save: func(step int) error { return models.SaveCheckpoint(dir, "job", step, m) }})
}

func checkpoint(t *testing.T, dir string) []byte {
	t.Helper()
	paths, err := models.Checkpoints(dir)
	if err != nil || len(paths) == 0 {
		t.Fatalf("checkpoints of %s: %v, %v", dir, paths, err)
	}
	if len(paths) > 2 {
		t.Errorf("%d checkpoints are kept, want two", len(paths))
	}
	raw, err := os.ReadFile(paths[len(paths)-1])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The same bytes come out at any GOMAXPROCS, and after an interruption.
func TestSameBytes(t *testing.T) {
	small := option.Values{"base": 4, "separate": 2, "separate_noise": 0.1, "train.average": 0.9, "train.average_encoders": true}
	a, b := smooth(10, 1), smooth(9, 2)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := t.TempDir()
	if err := train(t, context.Background(), newModel(t, 16, small), 0, 7, one, a, b); err != nil {
		t.Fatal(err)
	}
	want := checkpoint(t, one)

	runtime.GOMAXPROCS(4)
	four := t.TempDir()
	if err := train(t, context.Background(), newModel(t, 16, small), 0, 7, four, a, b); err != nil {
		t.Fatal(err)
	}
	if string(checkpoint(t, four)) != string(want) {
		t.Error("GOMAXPROCS 4 gives other bytes than 1")
	}

	resumed := t.TempDir()
	if err := train(t, context.Background(), newModel(t, 16, small), 0, 3, resumed, a, b); err != nil {
		t.Fatal(err)
	}
	m := newModel(t, 16, small)
	paths, _ := models.Checkpoints(resumed)
	step, err := models.LoadCheckpoint(paths[len(paths)-1], "job", m)
	if err != nil || step != 3 {
		t.Fatalf("resumed at %d, %v", step, err)
	}
	if err := train(t, context.Background(), m, step, 7, resumed, a, b); err != nil {
		t.Fatal(err)
	}
	if string(checkpoint(t, resumed)) != string(want) {
		t.Error("a resumed training gives other bytes")
	}
}

// Cancelling saves after the step in progress.
func TestCancelSaves(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	err := train(t, ctx, newModel(t, 16, option.Values{"base": 4, "separate": 2}), 0, 100, dir, smooth(8, 1), smooth(8, 2))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	checkpoint(t, dir)
}

func TestUnusableCheckpoints(t *testing.T) {
	dir := t.TempDir()
	m := newModel(t, 16, option.Values{"base": 4, "separate": 2})
	if err := models.SaveCheckpoint(dir, "job", 12, m); err != nil {
		t.Fatal(err)
	}
	raw := checkpoint(t, dir)
	other := newModel(t, 16, option.Values{"base": 8, "separate": 2})
	for _, tt := range []struct {
		name  string
		bytes []byte
		job   string
		into  *Model
		want  string
	}{
		{"truncated", raw[:len(raw)-7], "job", m, "unusable checkpoint"},
		{"empty", nil, "job", m, "unusable checkpoint"},
		{"garbage header", append([]byte{255, 255, 255, 255, 255, 255, 255, 127}, raw[8:]...), "job", m, "unusable checkpoint"},
		{"other spec", raw, "another", m, `made by job "job", want "another"`},
		{"other model", raw, "job", other, "tensor parameter/common/conv1/weight is [4 3 4 4] of F32, want F32 of [8 3 4 4]"},
	} {
		path := filepath.Join(t.TempDir(), "c.safetensors")
		if err := os.WriteFile(path, tt.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		before := append([]float32(nil), tt.into.ps.Get("decoder/conv1/bias").Data...)
		_, err := models.LoadCheckpoint(path, tt.job, tt.into)
		if !errors.Is(err, models.ErrCheckpoint) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		for i, v := range tt.into.ps.Get("decoder/conv1/bias").Data {
			if v != before[i] {
				t.Fatalf("%s: the model changed", tt.name)
			}
		}
	}
}

func FuzzLoadCheckpoint(f *testing.F) {
	m, err := New(models.Config{Shape: domains.Shape{Channels: 1, Height: 16, Width: 16}, Options: settings(option.Values{"base": 4, "separate": 1}), Seed: 1})
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	if err := models.SaveCheckpoint(dir, "job", 1, m); err != nil {
		f.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "step-000000001.safetensors"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw[:3000])
	f.Add([]byte("{}"))
	f.Add(append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{}"...))
	path := filepath.Join(dir, "fuzz")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := models.LoadCheckpoint(path, "job", m); err == nil && string(b) != string(raw) {
			t.Error("a checkpoint that was not saved was loaded")
		}
	})
}
