//! Addresses.

use expect_test::expect;

use super::check;

#[test]
fn parsing() {
    check(
        r##"
        urlParse "http://u:p%20w@h.example:80/p%2F/a%20b?q=1#frag%21" | toJson
        urlParse "mailto:a@b" | toJson
        urlParse "//host/path" | toJson
        urlParse "/just/a?path" | toJson
        urlParse "" | toJson
        urlParse "*" | toJson
        (urlParse "http://[::1]:80/").hostname
        (urlParse "http://[fe80::1%25en0]/").host
        (urlParse "postgres://a:1,b:2/db").host
        urlParse "http://h:abc/"
        urlParse "http://[::1"
        urlParse "http://[1.2.3.4]/"
        urlParse "http://a b/"
        urlParse "http://h/%zz"
        urlParse "http://h%41/"
        urlParse "http://u[@h/"
        urlParse ":foo"
        urlParse "a:b" | toJson
        urlParse "1:b"
        urlParse "a\nb"
        "##,
        expect![[r#"
            urlParse "http://u:p%20w@h.example:80/p%2F/a%20b?q=1#frag%21" | toJson
                "{\"fragment\":\"frag!\",\"host\":\"h.example:80\",\"hostname\":\"h.example\",\"opaque\":\"\",\"path\":\"/p//a b\",\"query\":\"q=1\",\"scheme\":\"http\",\"userinfo\":\"u:p%20w\"}"
            urlParse "mailto:a@b" | toJson
                "{\"fragment\":\"\",\"host\":\"\",\"hostname\":\"\",\"opaque\":\"a@b\",\"path\":\"\",\"query\":\"\",\"scheme\":\"mailto\",\"userinfo\":\"\"}"
            urlParse "//host/path" | toJson
                "{\"fragment\":\"\",\"host\":\"host\",\"hostname\":\"host\",\"opaque\":\"\",\"path\":\"/path\",\"query\":\"\",\"scheme\":\"\",\"userinfo\":\"\"}"
            urlParse "/just/a?path" | toJson
                "{\"fragment\":\"\",\"host\":\"\",\"hostname\":\"\",\"opaque\":\"\",\"path\":\"/just/a\",\"query\":\"path\",\"scheme\":\"\",\"userinfo\":\"\"}"
            urlParse "" | toJson
                "{\"fragment\":\"\",\"host\":\"\",\"hostname\":\"\",\"opaque\":\"\",\"path\":\"\",\"query\":\"\",\"scheme\":\"\",\"userinfo\":\"\"}"
            urlParse "*" | toJson
                "{\"fragment\":\"\",\"host\":\"\",\"hostname\":\"\",\"opaque\":\"\",\"path\":\"*\",\"query\":\"\",\"scheme\":\"\",\"userinfo\":\"\"}"
            (urlParse "http://[::1]:80/").hostname
                "::1"
            (urlParse "http://[fe80::1%25en0]/").host
                "[fe80::1%en0]"
            (urlParse "postgres://a:1,b:2/db").host
                "a:1,b:2"
            urlParse "http://h:abc/"
                ! error calling urlParse: unable to parse url: parse "http://h:abc/": invalid port ":abc" after host
            urlParse "http://[::1"
                ! error calling urlParse: unable to parse url: parse "http://[::1": missing ']' in host
            urlParse "http://[1.2.3.4]/"
                ! error calling urlParse: unable to parse url: parse "http://[1.2.3.4]/": invalid IP-literal
            urlParse "http://a b/"
                ! error calling urlParse: unable to parse url: parse "http://a b/": invalid character " " in host name
            urlParse "http://h/%zz"
                ! error calling urlParse: unable to parse url: parse "http://h/%zz": invalid URL escape "%zz"
            urlParse "http://h%41/"
                ! error calling urlParse: unable to parse url: parse "http://h%41/": invalid URL escape "%41"
            urlParse "http://u[@h/"
                ! error calling urlParse: unable to parse url: parse "http://u[@h/": net/url: invalid userinfo
            urlParse ":foo"
                ! error calling urlParse: unable to parse url: parse ":foo": missing protocol scheme
            urlParse "a:b" | toJson
                "{\"fragment\":\"\",\"host\":\"\",\"hostname\":\"\",\"opaque\":\"b\",\"path\":\"\",\"query\":\"\",\"scheme\":\"a\",\"userinfo\":\"\"}"
            urlParse "1:b"
                ! error calling urlParse: unable to parse url: parse "1:b": first path segment in URL cannot contain colon
            urlParse "a\nb"
                ! error calling urlParse: unable to parse url: parse "a\nb": net/url: invalid control character in URL
        "#]],
    );
}

#[test]
fn joining() {
    check(
        r##"
        urlJoin (dict "scheme" "http" "host" "h:80" "path" "/a b" "query" "q=1" "fragment" "f f" "userinfo" "u:p@")
        urlJoin (dict "scheme" "mailto" "opaque" "a@b")
        urlJoin (dict "path" "a:b/c")
        urlJoin (dict "host" "h" "path" "p")
        urlJoin (dict)
        urlJoin (dict "host" 5)
        urlJoin (dict "host" nil)
        urlJoin (dict "host" "h" "userinfo" "a b")
        urlJoin (urlParse "https://u@h/p?q#f")
        "##,
        expect![[r#"
            urlJoin (dict "scheme" "http" "host" "h:80" "path" "/a b" "query" "q=1" "fragment" "f f" "userinfo" "u:p@")
                "http://u:p%40@h:80/a%20b?q=1#f%20f"
            urlJoin (dict "scheme" "mailto" "opaque" "a@b")
                "mailto:a@b"
            urlJoin (dict "path" "a:b/c")
                "./a:b/c"
            urlJoin (dict "host" "h" "path" "p")
                "//h/p"
            urlJoin (dict)
                ""
            urlJoin (dict "host" 5)
                ! error calling urlJoin: unable to parse host key, must be of type string, but int found
            urlJoin (dict "host" nil)
                ! error calling urlJoin: runtime error: invalid memory address or nil pointer dereference
            urlJoin (dict "host" "h" "userinfo" "a b")
                ! error calling urlJoin: unable to parse userinfo in dict: parse "proto://a b@host": net/url: invalid userinfo
            urlJoin (urlParse "https://u@h/p?q#f")
                "https://u@h/p?q#f"
        "#]],
    );
}
