package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"strings"
)

// What makes cases, by kind.
var kinds = map[string]func(*rand.Rand) (string, any){
	"float": func(r *rand.Rand) (string, any) {
		return `{{ .n }}|{{ printf "%v %g %e %f %.3g %.0f %b %x %08.3f %+.17g" .n .n .n .n .n .n .n .n .n .n }}|{{ toJson .n }}|{{ toYaml .n }}|{{ toYamlPretty .n }}|{{ toString .n }}|{{ .n | int64 }}|{{ round .n 3 }}|{{ floor .n }}|{{ toToml (dict "n" .n) }}`, object("n", float(r))
	},
	"arithmetic": func(r *rand.Rand) (string, any) {
		name := pick(r, "addf", "subf", "mulf", "divf", "add", "sub", "mul", "max", "min", "maxf", "minf", "div", "mod")
		return "{{ " + name + " .a .b }} {{ ceil .a }} {{ round .b 2 }} {{ atoi (toString .a) }} {{ float64 (toString .b) }}", object("a", smallNumber(r), "b", smallNumber(r))
	},
	"printf": printf,
	"yaml":   func(r *rand.Rand) (string, any) { return read("Yaml"), object("s", mutate(r, yamlText(r, 0, 0))) },
	"yaml-write": func(r *rand.Rand) (string, any) {
		return "{{ toYaml .v }}\n---\n{{ toYamlPretty .v }}\n---\n{{ toJson .v }}", object("v", value(r, 0))
	},
	"json": func(r *rand.Rand) (string, any) { return read("Json"), object("s", mutate(r, jsonText(r))) },
	"toml": func(r *rand.Rand) (string, any) {
		return `{{ $m := fromToml .s }}{{ if hasKey $m "Error" }}refused{{ else }}{{ toJson $m }}{{ toToml $m }}{{ end }}`, object("s", mutate(r, tomlText(r)))
	},
	"toml-write": func(r *rand.Rand) (string, any) { return "{{ toToml .v }}", object("v", table(r, 0)) },
	"date":       date,
	"duration": func(r *rand.Rand) (string, any) {
		return "{{ duration .s }} {{ durationRound .s }} {{ toDate \"2006-01-02\" \"2024-02-28\" | mustDateModify .s }}", object("s", mutate(r, durationText(r)))
	},
	"semver": func(r *rand.Rand) (string, any) {
		return `{{ with semver .v }}{{ .Major }}.{{ .Minor }}.{{ .Patch }} {{ .Prerelease }} {{ .Metadata }} {{ . }} {{ .Original }}{{ end }} {{ semverCompare .c .v }}`, object("c", mutate(r, constraint(r)), "v", mutate(r, version(r)))
	},
	"regex": func(r *rand.Rand) (string, any) {
		return `{{ mustRegexFindAll .p .s -1 | toJson }} {{ mustRegexFind .p .s | quote }} {{ mustRegexSplit .p .s -1 | toJson }} {{ mustRegexReplaceAll .p .s .r }}`,
			object("p", pattern(r, 0), "s", pieces(r, 12, "a", "b", "B", "x", "1", " ", "é", "\n", ".", "-", "_", "k", "\u212a", "ab"), "r", pieces(r, 4, "$1", "${1}", "$x", "${n}", "$$", "y", "$", "$0"))
	},
	"template":  templateText,
	"functions": call,
}

func read(name string) string {
	return "{{ from" + name + " .s | toJson }} {{ from" + name + "Array .s | toJson }}"
}

func object(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func pick(r *rand.Rand, from ...string) string { return from[r.Intn(len(from))] }

func pieces(r *rand.Rand, most int, from ...string) string {
	var out strings.Builder
	for range r.Intn(most + 1) {
		out.WriteString(pick(r, from...))
	}
	return out.String()
}

// mutate now and then breaks a text.
func mutate(r *rand.Rand, text string) string {
	if len(text) == 0 || r.Intn(3) > 0 {
		return text
	}
	at := r.Intn(len(text))
	switch r.Intn(3) {
	case 0:
		text = text[:at] + text[at+1:]
	case 1:
		text = text[:at] + pick(r, ":", "-", " ", "\n", "\t", "\"", "'", "#", "[", "}", ",", "&a", "*a", "!", "|", ">", "%", "=", "0", "_", ".", "é", "\\") + text[at:]
	default:
		end := at + r.Intn(len(text)-at)
		text = text[:at] + text[end:]
	}
	return strings.ToValidUTF8(text, "?")
}

func float(r *rand.Rand) float64 {
	switch r.Intn(6) {
	case 0:
		return float64(r.Int63n(1<<60)) * float64(1-2*r.Intn(2))
	case 1:
		return math.Ldexp(float64(r.Int63n(1<<53)), r.Intn(120)-60)
	case 2:
		n, _ := strconv.ParseFloat(fmt.Sprintf("%d.%de%d", r.Intn(100), r.Intn(1000), r.Intn(40)-20), 64)
		return n
	case 3:
		return float64(r.Intn(2000)) / 8
	case 4:
		return math.Ldexp(1, r.Intn(2000)-1000)
	}
	for {
		if n := math.Float64frombits(r.Uint64()); !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n
		}
	}
}

func smallNumber(r *rand.Rand) any {
	if r.Intn(5) == 0 {
		return pick(r, "", "0", "007", "0x1f", "1e3", "1.5", "-3", "a", "9223372036854775808", "1_000", " 1")
	}
	return float64(r.Intn(20000)-10000) / float64([]int{1, 1, 10, 100, 3}[r.Intn(5)])
}

func printf(r *rand.Rand) (string, any) {
	verb := func() string {
		return "%" + pieces(r, 2, "-", "+", "#", " ", "0") + pick(r, "", "", "5", "12", "*", "[1]", "[2]*") + pick(r, "", "", ".", ".0", ".3", ".*", ".[1]*") +
			pick(r, "v", "d", "s", "q", "x", "X", "t", "T", "f", "g", "e", "G", "c", "U", "o", "b", "O", "w", "%", "z", "é", "")
	}
	format := ""
	for range 1 + r.Intn(3) {
		format += verb() + pick(r, "", "|", " ")
	}
	arguments := ""
	for range r.Intn(4) {
		arguments += " " + pick(r, ".n", ".i", ".s", ".l", ".m", ".b", ".z", "7", "-3", "1.5", "'x'", "`q\"`", "nil", "(int64 5)", "true", "(list 1 \"a\")", "(dict \"k\" .l)", "(len .s)", "(.s | b64enc)", "(splitList \",\" .s)", "(1 | toString)")
	}
	return "{{ printf " + strconv.Quote(format) + arguments + " }}", object("n", float(r), "i", float64(r.Intn(300)), "s", text(r), "l", []any{1, "a", nil, 2.5}, "m", object("a", 1, "b", []any{true}), "b", true, "z", nil)
}

func text(r *rand.Rand) string {
	switch r.Intn(8) {
	case 0:
		return pick(r, "", "~", "null", "yes", "y", "on", "0x1f", "0o17", "017", "1_000", "1e3", "1:30", "2024-01-02", ".5", ".inf", "-", "- a", "a: b", "#c", "a #b", "<<", "=", "!!a", "|", ">", "%a", "@a", "`a", "true", "0b11", "+1", "1.", "---", "...", "? a", "1__2", "-.nan", "0.0", "-0", "1e400", "2024-01-02T03:04:05Z", "12:30:45.5", "y ", "\xc2\xa0")
	case 1:
		return pieces(r, 40, "word", " ", "longer", "  ", "\n", "a-very-long-word-that-does-not-fold-at-all", ":", " #", "é", "\t")
	default:
		return pieces(r, 10, "a", "b", " ", "\n", ":", "#", "'", "\"", "\\", "-", "1", "é", "日", "😀", "\t", ",", "[", "{", "&", "*", "!", "%", "\u2028", "\u0085", "\ufeff", "\x7f", "\x01", "\r", ".", "<", ">", "\n\n", " \n")
	}
}

func value(r *rand.Rand, depth int) any {
	switch k := r.Intn(10); {
	case k < 1:
		return nil
	case k < 2:
		return r.Intn(2) == 0
	case k < 4:
		return float(r)
	case k < 7 || depth > 4:
		return text(r)
	case k < 8:
		list := []any{}
		for range r.Intn(5) {
			list = append(list, value(r, depth+1))
		}
		return list
	default:
		return table(r, depth)
	}
}

func table(r *rand.Rand, depth int) map[string]any {
	m := map[string]any{}
	for range r.Intn(6) {
		key := pick(r, "a", "b", "a10", "a2", "A", "k.l", "")
		if r.Intn(3) == 0 {
			key = text(r)
		}
		m[key] = value(r, depth+1)
	}
	return m
}

func jsonText(r *rand.Rand) string {
	if r.Intn(4) == 0 {
		return pieces(r, 12, "{", "}", "[", "]", ",", ":", `"a"`, `"\u00e9\ud83d"`, `"\ud83d\ude00"`, "1", "-0", "1e400", "01", "2.5E-3", "true", "null", " ", "\n", `"x`, "nul")
	}
	out, _ := json.Marshal(value(r, 0))
	return string(out)
}

func yamlScalar(r *rand.Rand) string {
	switch r.Intn(9) {
	case 0:
		return strconv.Quote(text(r))
	case 1:
		return "'" + strings.ReplaceAll(strings.ReplaceAll(text(r), "'", "''"), "\n", "\n      ") + "'"
	case 2:
		return strings.TrimSpace(strings.ReplaceAll(text(r), "\n", " "))
	case 3:
		return pick(r, "*a", "!!str 1", "!!int \"3\"", "!!float 1", "!!binary aGk=", "!!null ''", "!x y", "!!bool yes", "~", "&a 1")
	default:
		return pick(r, "1", "a", "yes", "0777", "0o17", "1_0", "0x1F", "1e3", "-1.5", ".inf", "null", "off", "2024-01-02", "1:30", "a b", "+12", "1e", "0b101", "-0b1", "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1.7976931348623157e309", "0x", "-", "a:b", "a#b", "y", "N", "True", "NULL", ".5", "5.", "0.1e-7", "190:20:30", "2001-12-14t21:59:43.10-05:00")
	}
}

func yamlText(r *rand.Rand, depth, indent int) string {
	pad := strings.Repeat(" ", indent)
	anchor := pick(r, "", "", "", "", "", "&a ", "&b ")
	switch k := r.Intn(9); {
	case depth > 3 || k == 0:
		return anchor + yamlScalar(r) + "\n"
	case k == 1:
		return anchor + "[" + yamlScalar(r) + ", " + pick(r, "", "{a: b}", "[x,]", "k: v", "? q") + pick(r, "", ",", "\n"+pad) + "]\n"
	case k == 2:
		out := pick(r, "|", ">", "|-", ">+", "|2", ">1-", "|+") + pick(r, "", "", " # c") + "\n"
		for range r.Intn(4) {
			out += pick(r, pad+"  line", pad+"   more", "", pad+"  # x", pad+" ", pad+"  a\tb", pad+"\tt") + "\n"
		}
		return out
	case k < 5:
		out := anchor + "\n"
		step := r.Intn(3)
		for range 1 + r.Intn(3) {
			out += pad + strings.Repeat(" ", step) + "- " + yamlText(r, depth+1, indent+step+2)
		}
		return out
	default:
		out := ""
		if depth > 0 {
			out = anchor + "\n"
		}
		for range 1 + r.Intn(3) {
			key := pick(r, "a", "b", "c", "d", "1", "1.5", "yes", "null", "'q r'", "\"e\\t\"", "<<", "? x\n"+pad, "k k", "0x10", "~", "-1", "1e3", "2024-01-02")
			out += pad + key + ": " + yamlText(r, depth+1, indent+1+r.Intn(3))
			if r.Intn(10) == 0 {
				out += pick(r, "# comment\n", "\n", "---\n", "...\n", " # c\n")
			}
		}
		return out
	}
}

func tomlScalar(r *rand.Rand, depth int) string {
	if depth < 3 && r.Intn(5) == 0 {
		if r.Intn(2) == 0 {
			out := "["
			for range r.Intn(4) {
				out += tomlScalar(r, depth+1) + pick(r, ", ", ",", ",\n  ", ", # c\n")
			}
			return out + "]"
		}
		return "{" + pick(r, "", "a = "+tomlScalar(r, depth+1), "a.b = 1, c = "+tomlScalar(r, depth+1), "a = 1,") + "}"
	}
	return pick(r, "1", "-17", "+5", "0x1F", "0o17", "0b11", "1_000", "01", "1__0", "1.5", "-0.0", "1e3", "6.02_2E-23", "inf", "-nan", "1.", ".5", "9223372036854775807", "9223372036854775808",
		"true", "false", "True", `"a\u00e9\n\t\"\\"`, `"\U0001F600"`, `"\x41"`, `"\e"`, `'lit\'`, "'''\nmulti\n''x'''", "\"\"\"\na \\\n   b\"\"\"", `"""a""""`, `"\q"`,
		"1979-05-27T07:32:00Z", "1979-05-27 07:32:00.123456789-07:00", "1979-05-27T07:32:00", "1979-05-27", "07:32:00", "07:32:00.5", "1979-02-30", "07:32", "24:00:00", "1979-05-27T07:32Z", "1979-05-27t07:32:00z", strconv.Quote(strings.ToValidUTF8(pieces(r, 5, "a", "é", " ", "#", "="), "")), strconv.FormatFloat(float(r), 'g', -1, 64))
}

func tomlText(r *rand.Rand) string {
	var out strings.Builder
	key := func() string {
		return pick(r, "a", "b", "c", "d", "e-f", "g_h", "1", `"i j"`, "'k'", "l.m", "a.b", "b . c", `""`, "1.2", "é")
	}
	for range r.Intn(7) {
		switch r.Intn(6) {
		case 0:
			out.WriteString("[" + key() + "]" + pick(r, "", " # c") + "\n")
		case 1:
			out.WriteString("[[" + key() + "]]\n")
		default:
			out.WriteString(pick(r, "", " ", "\t") + key() + pick(r, " = ", "=") + tomlScalar(r, 0) + pick(r, "\n", " # c\n", "\r\n", "\n\n"))
		}
	}
	return out.String()
}

func date(r *rand.Rand) (string, any) {
	layout := pieces(r, 8, "2006", "06", "01", "1", "Jan", "January", "02", "2", "_2", "002", "__2", "Mon", "Monday", "15", "03", "3", "04", "4", "05", "5", "PM", "pm", ".000", ".999", ",00", "MST", "Z07:00", "Z0700", "-07", "-0700", "-07:00:00", "Z070000", "T", " ", "-", ":", "/", "x", "2006-01-02", "15:04:05", "é")
	at := pick(r, "2024-02-29T23:59:59.987654321Z", "1999-12-31T00:00:00+01:00", "0001-01-01T00:00:00Z", "2026-07-04T12:30:15.5-03:30", "9999-12-31T23:59:59Z", "2000-03-05T04:05:06.007+14:00")
	zone := pick(r, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/X", "", "Local", "EST", "Australia/Lord_Howe")
	own := pick(r, layout, "2006-01-02T15:04:05Z07:00", "2006-01-02", "Jan _2 2006 3:04PM MST", "Mon, 02 Jan 2006 15:04:05 -0700", "15:04:05.000", "06 002", "2006-1-2 15:04:05,999999999")
	given := mutate(r, pick(r, "2024-02-29T23:59:59Z", "2023-02-29", "Feb  3 2013 11:04AM PST", "Tue, 10 Nov 2009 23:00:00 +0100", "23:59:60.123", "24 366", "2024-1-2 3:04:05,5", "24 060", "2024-02-30"))
	return `{{ $t := toDate "2006-01-02T15:04:05Z07:00" .at }}{{ date .l $t }}|{{ dateInZone .l $t .z }}|{{ unixEpoch $t }}|{{ $t.Weekday }} {{ $t.YearDay }} {{ $t.Format .l }}|{{ mustToDate .o .g }}`,
		object("at", at, "l", layout, "z", zone, "o", own, "g", given)
}

func durationText(r *rand.Rand) string {
	return pick(r, "", "-", "+") + pieces(r, 3, "1h", "90m", "1.5s", "300ms", "2us", "1µs", "1ns", "1000000h", "0", ".5h", "3", "1d", "9223372036854775807ns", "100000h59m")
}

func version(r *rand.Rand) string {
	number := func() string { return pick(r, "0", "1", "2", "3", "10", "01", "18446744073709551616") }
	core := pick(r, "", "", "v") + number() + pick(r, "", ".") + number() + pick(r, "", "."+number(), "."+number(), "."+number())
	return core + pick(r, "", "", "-rc.1", "-alpha", "-1", "-01", "-a.b.3", "-", "--x", "-é") + pick(r, "", "", "+b.1", "+", "+01")
}

func constraint(r *rand.Rand) string {
	one := func() string {
		return pick(r, "", "=", "==", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^", " > ") + pick(r, version(r), version(r), "*", "1.x", "x", "1.2.X", "1", "1.2.*", "0.0.1", "0.x", "*.2")
	}
	out := one()
	for range r.Intn(3) {
		out += pick(r, ", ", " ", " || ", "||", " - ", ",") + one()
	}
	return out
}

func pattern(r *rand.Rand, depth int) string {
	out := ""
	for range 1 + r.Intn(3) {
		atom := pick(r, "a", "b", "x", ".", "\\d", "\\w", "\\W", "\\s", "\\b", "\\B", "^", "$", "\\z", "\\A", "[a-c]", "[^a]", "[\\w-]", "[a\\-z]", "[[:alpha:]]", "[^[:space:]b]", "[[:foo:]]", "[]a]", "[a-]", "[z-a]", "\\pL", "\\p{Greek}", "\\PN", "\\p{Foo}", "\\x{e9}", "\\x41", "\\Q.*\\E", "\\Qa", "\\C", "\\8", "\\1", "é", "k", "(?i)", "[&&a]", "[a~~b]", "[a--b]", "\\a", "\\_", "\\-", "{", "a{,2}", "}", "]", "#", "(?s).", "(?U)a+", "(?m)^", "\\077", "\\h", "[\\d-z]", "\\pN")
		if depth < 3 && r.Intn(3) == 0 {
			inner := pattern(r, depth+1)
			atom = pick(r, "("+inner+")", "(?:"+inner+")", "(?P<n>"+inner+")", "(?<n>"+inner+")", inner+"|"+pattern(r, depth+1), "(?i:"+inner+")", "(?=a)", "("+inner, "(?-i:"+inner+")", "()")
		}
		out += atom + pick(r, "", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,}", "{2,1}", "{1001}", "**", "{1,3}?")
	}
	return out
}

// Pipelines that are often well typed.
func expression(r *rand.Rand, depth int) string {
	if depth > 2 || r.Intn(3) == 0 {
		return pick(r, ".a", ".n", ".l", ".m", ".m.x", ".m.x.y", ".z", ".none", ".none.x", ".z.x", ".a.b", "$", "$.n", "$v", "1", "-2", "1.5", "1e3", "0x10", "\"s\"", "`r`", "'c'", "true", "nil", "(.m).x", "(.none).x", "(index .l 0)", ".t", "1_0", "(.m.x).y", "\"é\\t\"", ".l.x", "(.z).y", "$v.x", "1e400")
	}
	one := func() string {
		e := expression(r, depth+1)
		if strings.Contains(e, " ") {
			return "(" + e + ")"
		}
		return e
	}
	switch r.Intn(6) {
	case 0:
		return one() + " | " + pick(r, "print", "len", "not", "html", "js", "urlquery", "toJson", "quote", "printf \"%v\"", "upper", "default 1", "index .l", "toString", "int", "toYaml", "indent 2", "kindOf", "typeOf", "empty")
	case 1:
		return pick(r, "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "index", "slice", "print", "println", "list", "default", "add", "coalesce", "ternary 1 2", "hasKey", "get", "dict", "has", "concat", "append", "merge", "cat", "contains", "deepEqual") + " " + one() + " " + one()
	case 2:
		return pick(r, "len", "not", "index", "print", "slice", "int", "toString", "keys", "first", "last", "rest", "initial", "reverse", "sortAlpha", "uniq", "compact", "float64", "atoi", "trim", "list", "until", "kindOf", "typeOf", "tuple", "call", "values | len", "fail") + " " + one()
	case 3:
		return pick(r, "eq", "and", "or", "index", "slice", "ternary", "print", "substr", "replace", "dig") + " " + one() + " " + one() + " " + one()
	default:
		return one()
	}
}

func statement(r *rand.Rand, depth int) string {
	e := expression(r, 0)
	if depth > 2 {
		return "{{ " + e + " }}"
	}
	inner := func() string { return statement(r, depth+1) + pick(r, "", " x", "\n", statement(r, depth+1)) }
	open, end := pick(r, "{{ ", "{{- ", "{{"), pick(r, " }}", " -}}", "}}")
	switch r.Intn(14) {
	case 0:
		return open + "if " + e + end + inner() + pick(r, "", "{{ else }}"+inner(), "{{ else if "+expression(r, 0)+" }}"+inner()) + "{{ end }}"
	case 1:
		return open + "range " + pick(r, "", "$v := ", "$i, $v := ", "$v = ") + e + end + inner() + pick(r, "", "{{ break }}", "{{ if .x }}{{ continue }}{{ end }}", "{{ else }}none") + "{{ end }}"
	case 2:
		return open + "with " + pick(r, "", "$v := ") + e + end + inner() + pick(r, "", "{{ else }}"+inner(), "{{ else with .m }}"+inner()) + "{{ end }}"
	case 3:
		return "{{ $v := " + e + " }}{{ $v }}"
	case 4:
		return "{{ $v = " + e + " }}"
	case 5:
		return `{{ define "d" }}` + inner() + `{{ end }}{{ template "d" ` + pick(r, ".", ".m", "", "$v") + ` }}`
	case 6:
		return pick(r, "{{/* c */}}", "{{- /* c */ -}}", "{{ break }}", "{{ end }}", "{{ else }}", "{{ nofunc }}", "{{ $none }}", "{{", "{{ . ", "{{ \"x }}", "{{ ) }}", "{{ (1 }}", "{{ 1 2 }}", "{{ .a.  }}", "{{ | print }}", "{{ print | }}", "{{ print 1 | 2 }}", "{{ template \"none\" }}", "{{ block \"b\" . }}x{{ end }}", "{{ nil }}", "{{ $v := }}", "{{ range }}{{ end }}", "{{ 0x }}", "{{ 'ab' }}", "{{ .a\u00a0}}")
	default:
		return open + e + end + pick(r, "", " ", "\n")
	}
}

func templateText(r *rand.Rand) (string, any) {
	out := pick(r, "", "{{ $v := .a }}", "{{ $v := .m }}", "{{ $v := 1 }}")
	for range 1 + r.Intn(3) {
		out += statement(r, 0)
	}
	return out, object("a", "one", "n", 7.5, "t", true, "z", nil, "l", []any{1, "two", []any{3}, object("x", 4)}, "m", object("x", object("y", "deep"), "k", "v"))
}

// One function over anything.
func call(r *rand.Rand) (string, any) {
	name := pick(r, "trunc", "abbrev", "abbrevboth", "initials", "wrap", "wrapWith", "indent", "nindent", "snakecase", "camelcase", "kebabcase", "swapcase", "title", "untitle", "plural", "substr", "replace", "trimAll", "trimSuffix", "trimPrefix", "hasPrefix", "contains", "repeat", "nospace", "cat", "quote", "squote", "splitList", "split", "splitn", "join", "toStrings", "sortAlpha", "until", "untilStep", "seq", "toDecimal", "int", "int64", "float64", "atoi", "toString", "kindOf", "typeOf", "typeIs", "kindIs", "deepEqual", "default", "empty", "coalesce", "all", "any", "ternary", "first", "rest", "last", "initial", "append", "prepend", "concat", "uniq", "without", "has", "slice", "compact", "reverse", "chunk", "dig", "get", "hasKey", "pluck", "pick", "omit", "merge", "mergeOverwrite", "set", "unset", "deepCopy", "mustAppend", "mustFirst", "b64enc", "b64dec", "b32enc", "b32dec", "sha1sum", "sha256sum", "adler32sum", "sha512sum", "base", "dir", "clean", "ext", "isAbs", "osBase", "urlParse", "urlJoin", "toJson", "toPrettyJson", "toRawJson", "fromJson", "mustFromJson", "regexQuoteMeta", "add", "add1", "sub", "div", "mod", "mul", "max", "min", "biggest", "ceil", "floor", "round", "addf", "duration", "hello", "list", "dict", "tuple", "len", "index", "upper", "lower", "trim", "quote", "html", "js", "urlquery", "print", "println", "fail", "semver", "trimall", "shuffle", "toYaml", "toToml", "fromYaml", "fromYamlArray", "derivePassword 1 \"long\"", "encryptAES", "decryptAES")
	if strings.HasPrefix(name, "shuffle") || name == "ago" || strings.HasPrefix(name, "derive") || name == "encryptAES" {
		name = "quote"
	}
	out := "{{ " + name
	for range r.Intn(4) {
		out += " " + pick(r, ".s", ".s", ".n", ".i", ".l", ".m", ".z", "3", "-1", "\"a\"", "\",\"", "1.5", "true", "(list \"b\" \"a\" \"b\")", "(dict \"a\" 1)", "\"\"", "0", ".t", "(until 3)", "(splitList \" \" .s)", "nil", "(int64 4)")
	}
	return out + pick(r, "", " | toJson", " | quote", " | typeOf", " | toYaml") + " }}", object("s", text(r), "t", pieces(r, 5, "one", "Two", " ", "_", "-", "3", "É", "x.y", "/", "../", "http://u:p@h:1/p?q=1#f"), "n", float(r), "i", float64(r.Intn(40)-10), "l", []any{"b", 1, nil, "a", 1, []any{2}}, "m", object("a", 1, "b", object("c", nil), "d", ""), "z", nil)
}
