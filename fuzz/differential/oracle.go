package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// The largest output that is compared.
const outputMax = 64 << 20

type limited struct {
	bytes.Buffer
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > outputMax {
		return 0, errors.New("too much output")
	}
	return l.Buffer.Write(p)
}

var functions = make(template.FuncMap)

func init() {
	for name, function := range sprig.TxtFuncMap() {
		functions[name] = function
	}
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = func(v any) string {
		out, err := yaml.Marshal(v)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(out), "\n")
	}
	functions["toYamlPretty"] = func(v any) string {
		var out bytes.Buffer
		encoder := yamlv3.NewEncoder(&out)
		encoder.SetIndent(2)
		if encoder.Encode(v) != nil {
			return ""
		}
		return strings.TrimSuffix(out.String(), "\n")
	}
	functions["fromYaml"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	functions["fromYamlArray"] = func(text string) []any {
		a := []any{}
		if err := yaml.Unmarshal([]byte(text), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	}
	functions["toJson"] = func(v any) string {
		out, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(out)
	}
	functions["fromJson"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	functions["fromJsonArray"] = func(text string) []any {
		a := []any{}
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	}
	functions["toToml"] = func(v any) string {
		var out bytes.Buffer
		if err := toml.NewEncoder(&out).Encode(v); err != nil {
			return err.Error()
		}
		return out.String()
	}
	functions["fromToml"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := toml.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
}

// execute is what Go makes of a case.
func execute(c testCase) (answer result) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answer = result{false, fmt.Sprint("panic: ", panicked)}
		}
	}()
	var data any
	if err := json.Unmarshal(c.Data, &data); err != nil {
		return result{false, err.Error()}
	}
	parsed, err := template.New("t").Option("missingkey=zero").Funcs(functions).Parse(c.Template)
	if err != nil {
		return result{false, err.Error()}
	}
	var out limited
	if err := parsed.Execute(io.Writer(&out), data); err != nil {
		return result{false, err.Error()}
	}
	return result{true, out.String()}
}
