package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/venn-adapt/venn/experiments/launch"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/registry"
)

// settings are what surrounds a spec. Each comes from a flag, else from VENN_* in
// the environment, else from the settings file, else from a default.
type settings struct {
	Data, Runs string // Data is empty where the system knows no folder for it
	Threads    int    // 0: as many as there are processors
	Origins    map[string]string
	// Launcher does the jobs of a plan, within Limits.
	Launcher string
	Limits   runs.Limits
	Drop     []runs.Leaving
	Slurm    slurmSettings

	// What the environment and the settings file say of keys of the spec.
	environment, file []spec.Setting
}

// slurmSettings are the settings of a cluster, and how often it is asked.
type slurmSettings struct {
	launch.SlurmSettings
	every time.Duration
}

// settingKeys are the keys of the settings file; VENN_DATA is data, and so on.
var settingKeys = []string{"data", "runs", "threads", "launcher", "limits.time", "limits.memory", "limits.silence", "limits.drop",
	"slurm.partition", "slurm.account", "slurm.time", "slurm.memory", "slurm.cpus", "slurm.width", "slurm.grace", "slurm.lines", "slurm.every"}

// specKeys are the keys of a spec that the settings file and the environment may
// give: VENN_REPORT_FORMATS is report.formats.
var specKeys = []string{"report.formats"}

func variable(key string) string {
	return "VENN_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// settingsFile is where the user's settings lie; empty where the system knows no
// folder for them.
func settingsFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "venn", "settings.yaml")
}

func loadSettings(flags *pflag.FlagSet) (settings, error) {
	s := settings{Origins: map[string]string{}}
	path := settingsFile()
	v := viper.New()
	if err := readSettingsFile(v, path); err != nil {
		return s, err
	}
	for _, key := range settingKeys {
		err := v.BindEnv(key, variable(key))
		if flag := flags.Lookup(key); flag != nil { // not every command has every flag
			err = errors.Join(err, v.BindPFlag(key, flag))
		}
		if err != nil {
			return s, fmt.Errorf("settings: %w", err)
		}
		s.Origins[key] = origin(v, flags, key, path)
	}
	s.Data, s.Runs = v.GetString("data"), v.GetString("runs")
	var err error
	if s.Threads, err = wholeNumber(v.GetString("threads")); err != nil {
		return s, usage("%s: %w", s.Origins["threads"], err)
	}
	if err := s.loadLaunching(v); err != nil {
		return s, err
	}
	if s.Data == "" {
		// Without a cache folder on this system there is no folder by default: who needs
		// one says so.
		if cache, err := os.UserCacheDir(); err == nil {
			s.Data = filepath.Join(cache, "venn")
		}
	}
	parallel.SetThreads(s.Threads)
	for _, key := range specKeys {
		if v.InConfig(key) {
			s.file = append(s.file, spec.Setting{Path: key, Value: flowList(strings.Join(v.GetStringSlice(key), ", ")), Origin: path})
		}
		if value := os.Getenv(variable(key)); value != "" {
			s.environment = append(s.environment, spec.Setting{Path: key, Value: flowList(value), Origin: "$" + variable(key)})
		}
	}
	return s, nil
}

// launchers are the values of the setting launcher.
var launchers = []string{"in-process", "local", "slurm"}

// silence is how long a worker process may neither show progress nor compute, where the
// settings do not say.
const silence = 10 * time.Minute

// loadLaunching reads how jobs are launched.
func (s *settings) loadLaunching(v *viper.Viper) error {
	if s.Launcher = v.GetString("launcher"); s.Launcher == "" {
		s.Launcher = launchers[0]
	}
	if !slices.Contains(launchers, s.Launcher) {
		return usage("%s: launcher: unknown launcher %q%s", s.Origins["launcher"], s.Launcher, registry.DidYouMean(s.Launcher, launchers))
	}
	s.Limits.Silence, s.Slurm.Grace, s.Slurm.every = silence, 2*time.Minute, 10*time.Second
	for key, to := range map[string]*time.Duration{"limits.time": &s.Limits.Time, "limits.silence": &s.Limits.Silence, "slurm.grace": &s.Slurm.Grace, "slurm.every": &s.Slurm.every} {
		if text := v.GetString(key); text != "" {
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 {
				return usage("%s: %s: %q, want a time such as 90m or 2h30m", s.Origins[key], key, text)
			}
			*to = d
		}
	}
	if text := v.GetString("limits.memory"); text != "" {
		n, err := memory(text)
		if err != nil {
			return usage("%s: limits.memory: %w", s.Origins["limits.memory"], err)
		}
		s.Limits.Memory = n
	}
	for _, what := range v.GetStringSlice("limits.drop") {
		if !slices.Contains(runs.Leavings, what) {
			return usage("%s: limits.drop: %q, want some of %s", s.Origins["limits.drop"], what, strings.Join(runs.Leavings, ", "))
		}
		s.Drop = append(s.Drop, runs.Leaving(what))
	}
	return s.loadSlurm(v)
}

// loadSlurm reads what is said of a cluster.
func (s *settings) loadSlurm(v *viper.Viper) error {
	if s.Slurm.every <= 0 {
		return usage("%s: slurm.every: 0, want a time above it", s.Origins["slurm.every"])
	}
	for key, to := range map[string]*string{"slurm.partition": &s.Slurm.Partition, "slurm.account": &s.Slurm.Account, "slurm.time": &s.Slurm.Time, "slurm.memory": &s.Slurm.Memory} {
		if *to = v.GetString(key); strings.ContainsAny(*to, " \t\r\n") {
			return usage("%s: %s: %q, want one word, as sbatch takes it", s.Origins[key], key, *to)
		}
	}
	for key, to := range map[string]*int{"slurm.cpus": &s.Slurm.CPUs, "slurm.width": &s.Slurm.Width} {
		if text := v.GetString(key); text != "" {
			n, err := wholeNumber(text)
			if err != nil {
				return usage("%s: %s: %w", s.Origins[key], key, err)
			}
			*to = n
		}
	}
	for _, line := range v.GetStringSlice("slurm.lines") {
		if strings.ContainsAny(line, "\r\n") {
			return usage("%s: slurm.lines: %q, want one line each", s.Origins["slurm.lines"], line)
		}
		s.Slurm.Lines = append(s.Slurm.Lines, line)
	}
	return nil
}

// memory reads an amount such as 512MiB or 1.5GiB; 0 is none.
func memory(text string) (int64, error) {
	units := map[string]float64{"": 1, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "MB": 1e6, "GB": 1e9, "TB": 1e12}
	digits := strings.TrimRight(text, "MGTiB ")
	unit, known := units[strings.TrimSpace(text[len(digits):])]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || unit == 1 && n != 0 || !(n >= 0 && n*unit < 1<<60) {
		return 0, fmt.Errorf("%q, want an amount such as 512MiB or 4GiB; 0 for no bound", text)
	}
	return int64(n * unit), nil
}

// onlyComments is a settings file that sets nothing.
var onlyComments = regexp.MustCompile(`^\x{FEFF}?(\s*(#[^\n]*)?(\n|$))*$`)

// readSettingsFile reads the file if there is one and refuses keys it does not
// know.
func readSettingsFile(v *viper.Viper, path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	if onlyComments.Match(text) {
		return nil
	}
	if _, err := spec.ParseValue(path, string(text)); err != nil {
		return usageError{err}
	}
	v.SetConfigFile(path)
	if err := v.ReadConfig(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))); err != nil {
		return usage("%s: %s", path, strings.Join(strings.Fields(err.Error()), " "))
	}
	known := append(slices.Clone(settingKeys), specKeys...)
	keys := v.AllKeys()
	slices.Sort(keys)
	for _, key := range keys {
		if !slices.Contains(known, key) {
			return usage("%s: unknown key %q%s", path, key, registry.DidYouMean(key, known))
		}
	}
	return nil
}

func origin(v *viper.Viper, flags *pflag.FlagSet, key, path string) string {
	switch {
	case flags.Changed(key):
		return "--" + key
	case os.Getenv(variable(key)) != "":
		return "$" + variable(key)
	case v.InConfig(key):
		return path
	}
	return "default"
}

func wholeNumber(text string) (int, error) {
	var n int
	if _, err := fmt.Sscanf(text+"\n", "%d\n", &n); err != nil || n < 0 {
		return 0, fmt.Errorf("%q, want an integer from 0", text)
	}
	return n, nil
}

// flowList turns md,csv into the YAML [md,csv].
func flowList(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return text
	}
	return "[" + text + "]"
}
