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
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

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

	// What the environment and the settings file say of keys of the spec.
	environment, file []spec.Setting
}

// settingKeys are the keys of the settings file; VENN_DATA is data, and so on.
var settingKeys = []string{"data", "runs", "threads"}

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
		if err := errors.Join(v.BindEnv(key, variable(key)), v.BindPFlag(key, flags.Lookup(key))); err != nil {
			return s, fmt.Errorf("settings: %w", err)
		}
		s.Origins[key] = origin(v, flags, key, path)
	}
	s.Data, s.Runs = v.GetString("data"), v.GetString("runs")
	var err error
	if s.Threads, err = wholeNumber(v.GetString("threads")); err != nil {
		return s, usage("%s: %w", s.Origins["threads"], err)
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
