// Renders made-up templates with Go's own libraries, as Helm 4 puts them together, and with Windlass, and compares.
//
//	cargo build --example differential -p gotemplate
//	cd fuzz/differential && go run . -ours ../../target/debug/examples/differential -cases 20000 -seed 1
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"
)

// A case is a template and what it is executed over.
type testCase struct {
	Template string          `json:"t"`
	Data     json.RawMessage `json:"d"`
	kind     string
}

type result struct {
	ok   bool
	text string
}

type counts struct{ same, sameError, otherError, onlyOurs, onlyGo, differ int }

func main() {
	ours := flag.String("ours", "", "the program of Windlass")
	cases := flag.Int("cases", 1000, "how many of every kind")
	seed := flag.Int64("seed", time.Now().UnixNano(), "what they are made of")
	only := flag.String("kind", "", "one kind only")
	show := flag.Int("show", 5, "how many differences of every kind are shown")
	words := flag.Bool("words", false, "show errors that differ in words only, too")
	flag.Parse()

	var all []testCase
	for kind, make := range kinds {
		if *only != "" && kind != *only {
			continue
		}
		r := rand.New(rand.NewSource(*seed))
		for range *cases {
			t, d := make(r)
			data, err := json.Marshal(d)
			if err != nil {
				continue
			}
			all = append(all, testCase{t, data, kind})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].kind < all[j].kind })
	theirs := make([]result, len(all))
	for i, c := range all {
		theirs[i] = execute(c)
	}
	got, err := run(*ours, all)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if report(all, theirs, got, *show, *words) {
		os.Exit(1)
	}
}

func report(all []testCase, theirs, ours []result, show int, words bool) bool {
	table, shown := map[string]*counts{}, map[string]int{}
	bad := false
	for i, c := range all {
		n := table[c.kind]
		if n == nil {
			n = &counts{}
			table[c.kind] = n
		}
		g, w := theirs[i], ours[i]
		tell := true
		switch {
		case g == w && g.ok:
			n.same++
			tell = false
		case g == w:
			n.sameError++
			tell = false
		case !g.ok && !w.ok:
			n.otherError++
			tell = words
		case g.ok && w.ok:
			n.differ++
			bad = true
		case g.ok:
			n.onlyOurs++
			bad = true
		default:
			n.onlyGo++
			bad = true
		}
		if tell && shown[c.kind] < show {
			shown[c.kind]++
			fmt.Printf("--- %s\n%s\n%s\ngo:   %v %q\nours: %v %q\n", c.kind, c.Template, c.Data, g.ok, g.text, w.ok, w.text)
		}
	}
	fmt.Printf("%-12s %9s %11s %12s %14s %12s %7s\n", "kind", "identical", "same error", "other words", "fails in ours", "fails in go", "differ")
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		n := table[name]
		fmt.Printf("%-12s %9d %11d %12d %14d %12d %7d\n", name, n.same, n.sameError, n.otherError, n.onlyOurs, n.onlyGo, n.differ)
	}
	return bad
}

// run hands the cases to our program, a line for each, and reads a line for each.
func run(program string, all []testCase) ([]result, error) {
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, c := range all {
		if err := encoder.Encode(c); err != nil {
			return nil, err
		}
	}
	command := exec.Command(program)
	command.Stdin, command.Stderr = &in, os.Stderr
	out, err := command.Output()
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 1<<28)
	var results []result
	for scanner.Scan() {
		mark, text, _ := strings.Cut(scanner.Text(), " ")
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, err
		}
		results = append(results, result{mark == "ok", string(decoded)})
	}
	if err == nil && len(results) != len(all) {
		err = fmt.Errorf("%d answers to %d cases", len(results), len(all))
	}
	if err != nil && len(results) < len(all) {
		err = fmt.Errorf("%w at %q over %s", err, all[len(results)].Template, all[len(results)].Data)
	}
	return results, err
}
