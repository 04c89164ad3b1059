//! `snakecase`, `kebabcase` and `camelcase` as huandu/xstrings 1.5 defines them: words are told apart by letter case, digits,
//! punctuation and connectors, and digits belong to the word before or after by rules that only a state machine can tell.

use super::{arguments::text, runes};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::Value,
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("snakecase", &[Param::Text], |_, arguments| Ok(Value::text(connected(text(arguments, 0)?, '_')))),
    Function::new("kebabcase", &[Param::Text], |_, arguments| Ok(Value::text(connected(text(arguments, 0)?, '-')))),
    Function::new("camelcase", &[Param::Text], camelcase),
];

fn is_connector(character: char) -> bool {
    character == '-' || character == '_' || runes::is_space(character)
}

/// A letter of a script that writes words with letters: ideographs are none.
fn is_alphabetic(character: char) -> bool {
    runes::is_letter(character)
        && !matches!(character, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

fn camelcase(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    let characters: Vec<char> = runes::runes(text(arguments, 0)?).collect();
    let Some(start) = characters.iter().position(|character| !is_connector(*character)) else {
        // Nothing but connectors: xstrings writes the last one twice.
        return Ok(Value::from(characters.iter().chain(characters.last()).collect::<String>()));
    };
    let mut camel: String = characters[..start].iter().collect();
    let first = characters[start];
    let mut current = runes::to_upper(first);
    // A word that is all upper case until now: what follows becomes lower case.
    let mut upper_word = runes::is_upper(first);
    for next in &characters[start + 1..] {
        let previous = std::mem::replace(&mut current, *next);
        if is_connector(previous) && is_connector(current) {
            camel.push(previous);
            continue;
        }
        if is_connector(previous) {
            upper_word = runes::is_upper(current);
            current = runes::to_upper(current);
            continue;
        }
        if upper_word {
            if runes::is_upper(current) {
                current = runes::to_lower(current);
            } else {
                upper_word = false;
            }
        }
        camel.push(previous);
    }
    camel.push(current);
    Ok(Value::from(camel))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// The lower-case words of a text, joined with a connector.
fn connected(subject: &[u8], connector: char) -> Vec<u8> {
    let mut out = Vec::with_capacity(subject.len() + 8);
    if subject.is_empty() {
        return out;
    }
    let (mut kind, mut word, mut rest) = next_word(subject);
    while !rest.is_empty() {
        if kind != Kind::Connector {
            push_lower(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match previous {
            Kind::Number => {
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Kind::Invalid | Kind::Punctuation | Kind::Connector) {
                    push(&mut out, connector);
                }
            }
            Kind::Connector => push_lower(&mut out, previous, last, connector),
            Kind::Punctuation => {}
            _ if kind != Kind::Number => {
                if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                    push(&mut out, connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Kind::Alphabet {
                    // The number belongs to the word before it: `Bld4Floor` is `bld4_floor`.
                    push_lower(&mut out, Kind::Number, number, connector);
                    if !matches!(kind, Kind::Connector | Kind::Punctuation) {
                        push(&mut out, connector);
                    }
                    continue;
                }
                // Lower-case letters follow the number: it starts a word, `HTTP2xx` is `http_2xx`.
                push(&mut out, connector);
                push_lower(&mut out, Kind::Number, number, connector);
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Kind::Invalid | Kind::Connector | Kind::Punctuation) {
                    push(&mut out, connector);
                }
            }
        }
    }
    push_lower(&mut out, kind, word, connector);
    out
}

fn push(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn push_lower(out: &mut Vec<u8>, kind: Kind, word: &[u8], connector: char) {
    if !matches!(kind, Kind::Upper | Kind::Connector) {
        out.extend_from_slice(word);
        return;
    }
    for character in runes::runes(word) {
        push(out, if is_connector(character) { connector } else { lower_if_upper(character) });
    }
}

fn lower_if_upper(character: char) -> char {
    if runes::is_upper(character) { runes::to_lower(character) } else { character }
}

/// The first rune that is UTF-8, with the width of all that was skipped; `previous` where there is none.
fn valid_rune(bytes: &[u8], previous: char) -> (char, usize) {
    let mut skipped = 0;
    while skipped < bytes.len() {
        let (character, width) = runes::decode(&bytes[skipped..]);
        skipped += width;
        if character != char::REPLACEMENT_CHARACTER {
            return (character, skipped);
        }
    }
    (previous, skipped)
}

fn next_word(subject: &[u8]) -> (Kind, &[u8], &[u8]) {
    if subject.is_empty() {
        return (Kind::Invalid, subject, subject);
    }
    let (first, width) = valid_rune(subject, char::REPLACEMENT_CHARACTER);
    if first == char::REPLACEMENT_CHARACTER {
        let (word, rest) = subject.split_at(width);
        return (Kind::Invalid, word, rest);
    }
    let (kind, length) = if is_connector(first) {
        (Kind::Connector, run(subject, width, first, is_connector))
    } else if runes::is_punctuation(first) {
        (Kind::Punctuation, run(subject, width, first, runes::is_punctuation))
    } else if runes::is_upper(first) {
        (Kind::Upper, upper_run(subject, width, first))
    } else if is_alphabetic(first) {
        (Kind::Alphabet, run(subject, width, first, |next| is_alphabetic(next) && !runes::is_upper(next)))
    } else if runes::is_number(first) {
        (Kind::Number, run(subject, width, first, runes::is_number))
    } else {
        let ends =
            |next| is_connector(next) || is_alphabetic(next) || runes::is_number(next) || runes::is_punctuation(next);
        (Kind::Other, run(subject, width, first, |next| !ends(next)))
    };
    let (word, rest) = subject.split_at(length);
    (kind, word, rest)
}

/// Where the run of accepted runes ends that starts before `from`.
fn run(subject: &[u8], from: usize, first: char, accepts: impl Fn(char) -> bool) -> usize {
    let (mut end, mut previous) = (from, first);
    while end < subject.len() {
        let (next, width) = valid_rune(&subject[end..], previous);
        if !accepts(next) {
            break;
        }
        (end, previous) = (end + width, next);
    }
    end
}

/// `HTTP`, `Status`, and the `HTTP` of `HTTPStatus`, whose last capital starts the next word.
fn upper_run(subject: &[u8], from: usize, first: char) -> usize {
    if from >= subject.len() {
        return from;
    }
    let (second, width) = valid_rune(&subject[from..], first);
    if runes::is_upper(second) {
        let (mut end, mut last_width, mut previous) = (from + width, width, second);
        while end < subject.len() {
            let (next, width) = valid_rune(&subject[end..], previous);
            previous = next;
            if !runes::is_upper(next) {
                break;
            }
            (end, last_width) = (end + width, width);
        }
        let splits = end < subject.len() && is_alphabetic(previous);
        return if splits { end - last_width } else { end };
    }
    if is_alphabetic(second) {
        return run(subject, from + width, second, |next| is_alphabetic(next) && !runes::is_upper(next));
    }
    from
}
