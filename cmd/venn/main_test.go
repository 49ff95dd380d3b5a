package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

func init() {
	adapt.Classifiers.Add("toy-classifier", adapt.ClassifierInfo{Name: "toy-classifier"})
}

// TestMain lets the test binary be the program itself, with a job that does as its
// seed says, for tests that need a second process.
func TestMain(m *testing.M) {
	if mode := os.Getenv("VENN_TEST_MAIN"); mode != "" {
		a := newApp(os.Stdin, os.Stdout, os.Stderr)
		if mode == "real" {
			limitFiles()
			slowDown(a)
		} else {
			a.job, a.conclude = toyJob, nil
		}
		os.Exit(a.execute(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// toyJob succeeds with an even seed, fails with seed 1, finds damage with seed 3,
// with seed 5 is stopped at a rung, with seed 7 waits at one, with seed 9 waits until it is
// cancelled, and with seed 11 does not hear of it.
func toyJob(ctx context.Context, j spec.Job, _ *runs.RunDir, p runs.Progress) error {
	switch j.Seed {
	case 1:
		return errors.New("models: didd: step 1200: reconstruction loss is NaN")
	case 3:
		return &runs.DamagedError{File: "step.safetensors", Found: "truncated"}
	case 5:
		return &runs.HaltError{State: runs.Stopped, Why: "at rung 1 of 2 (step 2)"}
	case 7:
		return &runs.HaltError{State: runs.Waiting, Why: "at rung 1 of 2 (step 2) for the scores of 3 trials"}
	case 11:
		p.Stage("train", 0, 100)
		time.Sleep(time.Minute)
	case 9:
		p.Stage("train", 0, 100)
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

const toySpec = `name: toy
domains: {a: {dataset: faces-schematic}, b: {dataset: faces-schematic}}
image: {size: 16, channels: 3}
model:
  method: didd
  separate: 4
adapt: {classifiers: [toy-classifier]}
report: {formats: [md]}
`

// A sandbox is an empty folder to run in, with no settings of the machine.
func sandbox(t *testing.T) string {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv("HOME", dir)
	for _, key := range []string{"VENN_DATA", "VENN_RUNS", "VENN_THREADS", "VENN_REPORT_FORMATS", "VENN_LAUNCHER", "VENN_LIMITS_MEMORY"} {
		t.Setenv(key, "")
	}
	write(t, "toy.yaml", toySpec)
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// venn runs a command line with the toy job.
func venn(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &err)
	a.job, a.conclude = toyJob, nil
	code = a.execute(args)
	return code, out.String(), err.String()
}

func TestBadInput(t *testing.T) {
	sandbox(t)
	bad := func(name, old, new string) string {
		write(t, name, strings.Replace(toySpec, old, new, 1))
		return name
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"run", bad("key.yaml", "separate:", "seperate:")}, `key.yaml:6:3: model.seperate: unknown key; did you mean "separate"?`},
		{[]string{"run", bad("twice.yaml", "  separate: 4", "  separate: 4\n  separate: 4")}, `twice.yaml:7:3: model.separate: given twice, first at line 6; want it once`},
		{[]string{"run", bad("type.yaml", "separate: 4", "separate: [4]")}, `type.yaml:6:13: model.separate: a list of 1, want an integer from 1 to 256`},
		{[]string{"run", bad("bounds.yaml", "separate: 4", "separate: 0")}, `bounds.yaml:6:13: model.separate: 0, want an integer from 1 to 256`},
		{[]string{"run", bad("size.yaml", "size: 16", "size: 17")}, `size.yaml:3:15: image.size: 17, want 16, 32, 64, 128 or 256`},
		{[]string{"run", bad("dataset.yaml", "faces-schematic}, b", "faces-schemat}, b")}, `dataset.yaml:2:24: domains.a.dataset: unknown dataset "faces-schemat"; did you mean "faces-schematic"?`},
		{[]string{"plan", "toy.yaml", "model.loss.zero=-1"}, `override "model.loss.zero=-1": model.loss.zero: -1, want a number from 0 to 1000`},
		{[]string{"run", bad("path.yaml", "{dataset: faces-schematic}, b", "{dataset: folder}, b")}, `path.yaml:2:11: domains.a.path: missing; want a string`},
		{[]string{"run", bad("short.yaml", "name: toy", "name: toy\nx: 1")}, `short.yaml:2:1: x: unknown key; want one of adapt, domains, expected, image, metrics, model, name, question, report, seeds, source, title, translate`},
		{[]string{"run", bad("where.yaml", "{dataset: faces-schematic}, b", `{dataset: celeba, where: "Smilling & !Eyeglasses", label: Male}, b`)}, `where.yaml:2:39: domains.a.where: "Smilling & !Eyeglasses": column 1: unknown attribute "Smilling"; did you mean "Smiling"?`},
		{[]string{"run", bad("where2.yaml", "{dataset: faces-schematic}, b", `{dataset: celeba, where: Smiling, label: (Male}, b`)}, `where2.yaml:2:55: domains.a.label: "(Male": column 1: ( is not closed`},
		{[]string{"data", "fetch", "mnistt"}, `venn: unknown dataset "mnistt"; did you mean "mnist"?`},
		{[]string{"data", "verify", "mnistt"}, `venn: unknown dataset "mnistt"; did you mean "mnist"?`},
		{[]string{"data", "preview", "mnistt"}, `venn: unknown dataset "mnistt"; did you mean "mnist"?`},
		{[]string{"data", "preview", "mnist", "fit"}, `venn: "fit", want option=value`},
		{[]string{"plan", "toy.yaml", "domains.a.where=!Smiling"}, `override "domains.a.where=!Smiling": a text that begins with ! needs quotes of YAML's, as in 'key="!text"'`},
		{[]string{"plan", "toy.yaml", "--only", "didd"}, `venn: --only: toy lists no methods to choose from, want some below its key methods`},
		{[]string{"run", "digits-deep-quick", "--only", "se,dan,cdam"}, `venn: --only: "cdam" is no method of digits-deep-quick; did you mean "cdan"?`},
		{[]string{"run", "digits-deep-search-tiny", "search.trials=0"}, `override "search.trials=0": search.trials: 0, want an integer from 1 to 10000`},
		{[]string{"run", "digits-deep-search-tiny", "search.over.model.train.learning_rate=log 1e-2..1e-5"}, `override "search.over.model.train.learning_rate=log 1e-2..1e-5": search.over.model.train.learning_rate: "log 1e-2..1e-5" is upside down; want the lower end first`},
		{[]string{"plan", "toy.yaml", "model.los.zero=1"}, `override "model.los.zero=1": model.los: unknown key; did you mean "loss"?`},
		{[]string{"run", "quikstart"}, `venn: quikstart: neither a file nor a preset; did you mean "quickstart"?`},
		{[]string{"run"}, `venn: run: want a spec file or a preset, as in: venn run quickstart model.separate=4`},
		{[]string{"rum"}, `venn: unknown command "rum"; did you mean "run"?`},
		{[]string{"run", "--job", "2", "toy.yaml"}, `venn: unknown flag: --job`},
		{[]string{"run", "toy.yaml", "--jobs=0"}, `venn: --jobs: 0, want an integer from 1`},
		{[]string{"list", "dataset"}, `venn: list: unknown kind "dataset"; did you mean "datasets"?`},
		{[]string{"list"}, `venn: list: 0 arguments, want one of datasets, methods, classifiers, adapters, validators, metrics, evaluations, presets`},
		{[]string{"version", "--threads=many"}, `venn: invalid argument "many" for "--threads" flag: strconv.ParseInt: parsing "many": invalid syntax`},
	} {
		code, stdout, stderr := venn(tt.args...)
		if code != exitUsage || stdout != "" || stderr != tt.want+"\n" {
			t.Errorf("venn %s: exit %d, stdout %q\n got %swant %s", strings.Join(tt.args, " "), code, stdout, stderr, tt.want)
		}
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("a bad spec left a folder of runs")
	}
}

func TestRunExitCodes(t *testing.T) {
	for _, tt := range []struct {
		seeds string
		code  int
		said  string
	}{
		{"[0, 2]", exitOK, "[2/2] seed=2: done\n"},
		{"[1]", exitFailed, "[1/1] seed=1: failed: models: didd: step 1200: reconstruction loss is NaN\n"},
		{"[0, 1, 3]", exitSomeFailed, "[1/3] seed=0: done\n"},
		{"[0, 5]", exitOK, "[2/2] seed=5: stopped at rung 1 of 2 (step 2)\n"},
		{"[7, 0]", exitInterrupted, "[1/2] seed=7: waiting at rung 1 of 2 (step 2) for the scores of 3 trials\n"},
		{"[0, 3]", exitDamaged, "[2/2] seed=3: failed: experiments: step.safetensors: truncated\n"},
	} {
		sandbox(t)
		code, stdout, stderr := venn("run", "toy.yaml", "seeds="+tt.seeds)
		if code != tt.code || !strings.Contains(stderr, tt.said) {
			t.Errorf("seeds %s: exit %d, want %d; stderr\n%swant in it %s", tt.seeds, code, tt.code, stderr, tt.said)
		}
		if n := strings.Count(stdout, "runs/toy/"); n != strings.Count(tt.seeds, ",")+1 {
			t.Errorf("seeds %s: stdout names %d directories:\n%s", tt.seeds, n, stdout)
		}
	}
}

func TestStatusAndResume(t *testing.T) {
	sandbox(t)
	if code, _, stderr := venn("status"); code != exitFailed || stderr != "venn: experiments: no runs at runs\n" {
		t.Errorf("status of nothing: exit %d, %s", code, stderr)
	}
	venn("run", "toy.yaml", "seeds=[0, 1]")
	_, stdout, _ := venn("status")
	want := regexp.MustCompile(`(?s)^run  job +label +state +steps +remark\n(toy  [0-9a-f]{12}  seed=(0  done +0/20000|1  failed +0/20000 +models: didd: step 1200: reconstruction loss is NaN)\n){2}$`)
	if !want.MatchString(stdout) {
		t.Errorf("status:\n%s", stdout)
	}
	var runs []runs.RunInfo
	_, stdout, _ = venn("status", "toy", "--json")
	if err := json.Unmarshal([]byte(stdout), &runs); err != nil || len(runs) != 2 || runs[0].Name != "toy" {
		t.Errorf("status --json: %v\n%s", err, stdout)
	}
	// Only the failed run is taken up again.
	code, stdout, _ := venn("resume")
	if code != exitFailed || strings.Count(stdout, "runs/toy/") != 1 || !strings.Contains(stdout, "seed=1") {
		t.Errorf("resume: exit %d\n%s", code, stdout)
	}
	if code, _, stderr := venn("resume", "toy"); code != exitFailed {
		t.Errorf("resume of a name: exit %d, %s", code, stderr)
	}
}

func TestPlanSaysWhereValuesComeFrom(t *testing.T) {
	sandbox(t)
	write(t, "config/venn/settings.yaml", "runs: elsewhere\nthreads: 1\nreport: {formats: [csv]}\n")
	t.Setenv("VENN_THREADS", "2")
	bare := strings.Replace(toySpec, "report: {formats: [md]}\n", "", 1)
	write(t, "bare.yaml", bare)
	code, stdout, stderr := venn("plan", "bare.yaml", "model.base=16", "--data", "here")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	config, _ := filepath.Abs("config/venn/settings.yaml")
	for _, line := range []string{
		`image.size 16 bare.yaml:3`, `model.separate 4 bare.yaml:6`, `model.base 16 override "model.base=16"`,
		`model.loss.zero 1 default`, `report.formats [csv] ` + config,
		`data here --data`, `runs elsewhere ` + config, `threads 2 $VENN_THREADS`,
	} {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), " ", " +")
		if !regexp.MustCompile(`(?m)^` + pattern + `$`).MatchString(stdout) {
			t.Errorf("no line %q in\n%s", line, stdout)
		}
	}
	t.Setenv("VENN_REPORT_FORMATS", "tex,png")
	if _, stdout, _ = venn("plan", "toy.yaml"); !strings.Contains(stdout, "$VENN_REPORT_FORMATS") {
		t.Errorf("the environment does not win over the spec:\n%s", stdout)
	}
	if _, err := os.Stat("elsewhere"); err == nil {
		t.Error("plan made a folder")
	}
}

// A system that names no folders asks for one only where data are read from it.
func TestNoFolders(t *testing.T) {
	sandbox(t)
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "VENN_DATA"} {
		t.Setenv(name, "")
	}
	if code, _, stderr := venn("plan", "toy.yaml"); code != exitOK || stderr != "" {
		t.Errorf("plan: exit %d, %s", code, stderr)
	}
	code, stdout, stderr := venn("plan", "--measure=false", "mnist-usps")
	if want := "data: domains: mnist: no folder for data, as this system names no cache folder; give --data or set VENN_DATA"; code != exitOK || !strings.Contains(stdout, want) {
		t.Errorf("plan: exit %d, %s%s", code, stderr, stdout)
	}
	code, _, stderr = venn("data", "fetch", "mnist")
	if want := "venn: domains: mnist: no folder for data, as this system names no cache folder; give --data or set VENN_DATA\n"; code == exitOK || stderr != want {
		t.Errorf("data fetch: exit %d, got %swant %s", code, stderr, want)
	}
	if code, stdout, stderr := venn("data", "list"); code != exitOK {
		t.Errorf("data list: exit %d, %s%s", code, stdout, stderr)
	}
}

// A settings file may begin with a mark, and may set nothing.
func TestSettingsOfEditors(t *testing.T) {
	sandbox(t)
	for _, text := range []string{"", "# nothing yet\n", "\ufeff# nothing yet\n\n", "\ufeffthreads: 1\n"} {
		write(t, "config/venn/settings.yaml", text)
		if code, _, stderr := venn("version"); code != exitOK || stderr != "" {
			t.Errorf("%q: exit %d, %s", text, code, stderr)
		}
	}
}

func TestSettingsFaults(t *testing.T) {
	sandbox(t)
	config, _ := filepath.Abs("config/venn/settings.yaml")
	for _, tt := range []struct{ text, threads, want string }{
		{"dta: x\n", "", "venn: " + config + `: unknown key "dta"; did you mean "data"?`},
		{"", "many", `venn: $VENN_THREADS: "many", want an integer from 0`},
		{"launcher: slurn\n", "", "venn: " + config + `: launcher: unknown launcher "slurn"; did you mean "slurm"?`},
		{"limits: {time: 2}\n", "", "venn: " + config + `: limits.time: "2", want a time such as 90m or 2h30m`},
		{"limits: {memory: 4 giga}\n", "", "venn: " + config + `: limits.memory: "4 giga", want an amount such as 512MiB or 4GiB; 0 for no bound`},
		{"limits: {memory: 5}\n", "", "venn: " + config + `: limits.memory: "5", want an amount such as 512MiB or 4GiB; 0 for no bound`},
		{"limits: {drop: [codes, all]}\n", "", "venn: " + config + `: limits.drop: "all", want some of old-checkpoints, checkpoints, codes`},
		{"slurm: {partition: a b}\n", "", "venn: " + config + `: slurm.partition: "a b", want one word, as sbatch takes it`},
		{"slurm: {cpus: -2}\n", "", "venn: " + config + `: slurm.cpus: "-2", want an integer from 0`},
		{"slurm: {lines: [\"a\\nb\"]}\n", "", "venn: " + config + `: slurm.lines: "a\nb", want one line each`},
		{"slurm: {every: 0s}\n", "", "venn: " + config + `: slurm.every: 0, want a time above it`},
		{"threads: -1\n", "", "venn: " + config + `: "-1", want an integer from 0`},
		{"data: " + strings.Repeat("[", 60000), "", config + ":1:1: nested more than 64 deep"},
		{"data: x\xff\n", "", config + ":1:8: byte 0xff is not UTF-8; save the text as UTF-8"},
		{"data: &a x\nruns: *a\n", "", config + ":1:7: data: anchors, aliases and tags are not used in specs; want the value itself\n" + config + ":2:7: runs: anchors, aliases and tags are not used in specs; want the value itself"},
	} {
		write(t, config, tt.text)
		t.Setenv("VENN_THREADS", tt.threads)
		if code, _, stderr := venn("version"); code != exitUsage || stderr != tt.want+"\n" {
			t.Errorf("%.60q: exit %d, got %swant %s", tt.text, code, stderr, tt.want)
		}
	}
}

func TestPlanMeasures(t *testing.T) {
	sandbox(t)
	code, stdout, stderr := venn("plan", "--measure", "--json", "toy.yaml", "model.base=4", "model.separate=2", "model.train.batch=2", "seeds=[0,1]")
	var r planRecord
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitOK {
		t.Fatalf("exit %d, %s%v", code, stderr, err)
	}
	if len(r.Jobs) != 2 || r.Jobs[0].Seconds <= 0 || r.Jobs[1].Seconds != r.Jobs[0].Seconds || r.Jobs[0].Bytes <= 0 {
		t.Errorf("estimates %+v", r.Jobs)
	}
}

// Amounts of memory.
func TestMemory(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "512MiB": 512 << 20, "1.5 GiB": 3 << 29, "2TB": 2e12, "0GB": 0} {
		if got, err := memory(text); got != want || err != nil {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

// A plan of commands is one line a job that is not done, each of which does its job; a
// plan for a cluster is its script. Neither makes anything.
func TestPlanForOthers(t *testing.T) {
	dir := sandbox(t)
	write(t, "config/venn/settings.yaml", "slurm: {partition: short, cpus: 3, lines: [module load x]}\n")
	code, commands, _ := venn("plan", "toy.yaml", "seeds=[0, 2]", "--commands")
	lines := strings.Split(strings.TrimSpace(commands), "\n")
	if code != exitOK || len(lines) != 2 || !strings.HasPrefix(lines[0], "venn run toy.yaml 'seeds=[0, 2]' --runs runs --id ") {
		t.Fatalf("exit %d\n%s", code, commands)
	}
	code, script, _ := venn("plan", "toy.yaml", "seeds=[0, 2]", "--launcher", "slurm")
	for _, want := range []string{"--array=0-1\n", "--partition=short\n", "module load x\n", "--threads 3 ", "\n" + dir + "/runs/toy/" + lines[1][len(lines[1])-12:] + "\n)\n"} {
		if code != exitOK || !strings.Contains(script, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, script)
		}
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("plan made a folder")
	}
	id := lines[0][len(lines[0])-12:]
	if code, stdout, stderr := venn("run", "toy.yaml", "seeds=[0, 2]", "--id", id); code != exitOK || strings.Count(stdout, "done") != 1 || !strings.Contains(stderr, "[1/1] seed=0: done") {
		t.Errorf("run of a line: exit %d\n%s%s", code, stdout, stderr)
	}
	if _, rest, _ := venn("plan", "toy.yaml", "seeds=[0, 2]", "--commands"); rest != lines[1]+"\n" {
		t.Errorf("once the first is done:\n%s", rest)
	}
	if code, _, stderr := venn("run", "toy.yaml", "--id", "x"); code != exitUsage || stderr != "venn: --id: \"x\" is no job of toy; `venn plan` lists them\n" {
		t.Errorf("an id of none: exit %d, %s", code, stderr)
	}
	t.Setenv("VENN_LIMITS_MEMORY", "1GiB")
	if code, _, stderr := venn("run", "toy.yaml"); code != exitUsage || stderr != "venn: $VENN_LIMITS_MEMORY: limits.memory is kept only where a job has a process of its own: give --launcher local\n" {
		t.Errorf("memory in process: exit %d, %s", code, stderr)
	}
}

// Worker processes of the program itself end as jobs in this process do.
func TestLocalLauncher(t *testing.T) {
	sandbox(t)
	t.Setenv("VENN_TEST_MAIN", "toy")
	code, stdout, stderr := venn("run", "toy.yaml", "seeds=[0, 1, 2]", "--launcher", "local", "-j", "2")
	if code != exitSomeFailed || strings.Count(stdout, "  done  ") != 2 || !strings.Contains(stderr, "[2/3] seed=1: failed: models: didd: step 1200: reconstruction loss is NaN\n") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// A plan says which data a run would look for in vain.
func TestPlanNamesMissingData(t *testing.T) {
	sandbox(t)
	write(t, "digits.yaml", strings.NewReplacer("faces-schematic}, b: {dataset: faces-schematic}", "mnist}, b: {dataset: usps}", "size: 16", "size: 32").Replace(toySpec))
	write(t, "here/mnist/train-images-idx3-ubyte.gz", "")
	code, stdout, stderr := venn("plan", "digits.yaml", "--data", "here", "--measure=false")
	if code != exitOK || stderr != "" || strings.Contains(stdout, "train-images-idx3-ubyte.gz is missing") ||
		strings.Count(stdout, "is missing; `venn data fetch mnist` gets it\n") != 3 || strings.Count(stdout, "data: here/usps/usps.bz2 is missing; `venn data fetch usps` gets it\n") != 1 {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}

func TestListAndVersion(t *testing.T) {
	sandbox(t)
	for _, tt := range []struct{ kind, want string }{
		{"datasets", "faces-schematic"}, {"methods", "train.learning_rate"}, {"classifiers", "toy-classifier"},
		{"metrics", "hsic"}, {"presets", "mnist-usps-quick"},
	} {
		code, text, _ := venn("list", tt.kind)
		jsonCode, asJSON, _ := venn("list", tt.kind, "--json")
		if code != exitOK || jsonCode != exitOK || !strings.Contains(text, tt.want) || !strings.Contains(asJSON, tt.want) || !json.Valid([]byte(asJSON)) {
			t.Errorf("list %s: exit %d and %d\n%s\n%s", tt.kind, code, jsonCode, text, asJSON)
		}
	}
	if code, text, _ := venn("version"); code != exitOK || !strings.HasPrefix(text, "venn ") {
		t.Errorf("version: %d, %s", code, text)
	}
}

// The help of every command shows a line that works as typed: it names a command
// and flags that exist.
func TestExamples(t *testing.T) {
	root := newApp(nil, nil, nil).root()
	for _, c := range root.Commands() {
		if c.Example == "" {
			t.Errorf("%s has no example", c.Name())
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(c.Example), "\n") {
			words := strings.Fields(line)
			found, rest, err := root.Find(words[1:])
			if words[0] != "venn" || err != nil || found == root {
				t.Errorf("%q names no command", line)
				continue
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			}
			if found.Args != nil {
				if err := found.Args(found, found.Flags().Args()); err != nil {
					t.Errorf("%q: %v", line, err)
				}
			}
		}
	}
}

// start runs the program in a process of its own.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *bufio.Reader) {
	t.Helper()
	cmd = exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "VENN_TEST_MAIN=1")
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A program that hangs fails the test rather than the whole run.
	watch := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	t.Cleanup(func() { watch.Stop(); cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewReader(pipe)
}

func awaitLine(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	var seen strings.Builder
	for {
		line, err := r.ReadString('\n')
		seen.WriteString(line)
		if strings.Contains(line, want) {
			return
		}
		if err != nil {
			t.Fatalf("no %q in stderr:\n%s", want, seen.String())
		}
	}
}

func TestInUseAndInterrupt(t *testing.T) {
	sandbox(t)
	cmd, stderr := start(t, "run", "toy.yaml", "seeds=[9]")
	awaitLine(t, stderr, "[1/1] seed=9: train: 0/100")

	// A second process waits for what becomes of the run.
	second, waits := start(t, "run", "toy.yaml", "seeds=[9]")
	awaitLine(t, waits, fmt.Sprintf("[1/1] seed=9: in use by process %d: waits for what becomes of it\n", cmd.Process.Pid))
	if code, _, said := venn("resume"); code != exitOK || !strings.Contains(said, "left alone, in use by process") {
		t.Errorf("resume of a run at work: exit %d, %s", code, said)
	}

	cmd.Process.Signal(os.Interrupt)
	awaitLine(t, stderr, "venn: stopping after a checkpoint; once more stops now")
	awaitLine(t, stderr, "[1/1] seed=9: interrupted")
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("after Ctrl-C: exit %d, want %d", code, exitInterrupted)
	}
	// What the first has left the second takes up.
	awaitLine(t, waits, "[1/1] seed=9: train: 0/100")
	second.Process.Signal(os.Interrupt)
	awaitLine(t, waits, "[1/1] seed=9: interrupted")
	second.Wait()
	if _, stdout, _ := venn("status"); !strings.Contains(stdout, "interrupted") {
		t.Errorf("status after Ctrl-C:\n%s", stdout)
	}
}

// The second Ctrl-C ends the program at once, whatever the job is doing, and what it
// leaves can be resumed.
func TestSecondInterrupt(t *testing.T) {
	sandbox(t)
	cmd, stderr := start(t, "run", "toy.yaml", "seeds=[11]")
	awaitLine(t, stderr, "[1/1] seed=11: train: 0/100")
	begun := time.Now()
	cmd.Process.Signal(os.Interrupt)
	awaitLine(t, stderr, "once more stops now")
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if code, took := cmd.ProcessState.ExitCode(), time.Since(begun); code != exitInterrupted || took > 20*time.Second {
		t.Errorf("exit %d after %s, want %d at once", code, took, exitInterrupted)
	}
	if _, stdout, _ := venn("status"); !strings.Contains(stdout, "interrupted  0/20000  the process ended without a word") {
		t.Errorf("status:\n%s", stdout)
	}
}

// A damaged status.json is told among the other runs, which keep their say.
func TestDamagedStatus(t *testing.T) {
	sandbox(t)
	venn("run", "toy.yaml", "seeds=[0, 2]")
	found, _ := filepath.Glob("runs/toy/*/status.json")
	write(t, found[0], "garbage")
	code, stdout, _ := venn("status")
	if code != exitDamaged || !strings.Contains(stdout, "  damaged  0/20000  experiments: "+found[0]+": holds 7 bytes where ") || strings.Count(stdout, "\n") != 3 {
		t.Errorf("status: exit %d\n%s", code, stdout)
	}
	if code, stdout, _ = venn("status", "--json"); code != exitDamaged || !json.Valid([]byte(stdout)) {
		t.Errorf("status --json: exit %d\n%s", code, stdout)
	}
	code, stdout, stderr := venn("resume")
	if code != exitOK || !strings.Contains(stderr, ": status.json holds 7 bytes where ") || strings.Count(stdout, "  done  ") != 1 {
		t.Errorf("resume: exit %d\n%s%s", code, stdout, stderr)
	}
	// One digit of the label, which no other check would see.
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	write(t, found[0], strings.Replace(string(text), "seed=", "seed=1", 1))
	if code, stdout, _ := venn("status"); code != exitDamaged || !strings.Contains(stdout, "/status.json: holds ") {
		t.Errorf("status of a changed label: exit %d\n%s", code, stdout)
	}
}

// A kill leaves a run that status calls interrupted and resume takes up.
func TestKilled(t *testing.T) {
	sandbox(t)
	cmd, stderr := start(t, "run", "toy.yaml", "seeds=[9]")
	awaitLine(t, stderr, "train: 0/100")
	cmd.Process.Signal(syscall.SIGKILL)
	cmd.Wait()
	if _, stdout, _ := venn("status"); !strings.Contains(stdout, "interrupted  0/20000  the process ended without a word") {
		t.Errorf("status after a kill:\n%s", stdout)
	}
}
