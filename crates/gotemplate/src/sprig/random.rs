//! Randomness out of the host's entropy: the same seed gives the same passwords.

use api::env::Entropy;

use super::{
    arguments::{int, text},
    limits, runes,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Text, Value},
};

type Outcome = Result<Value, FunctionError>;

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("randAlphaNum", &[Param::Int], |call, arguments| characters(call, arguments, ALPHANUMERIC)),
    Function::new("randAlpha", &[Param::Int], |call, arguments| characters(call, arguments, LETTERS)),
    Function::new("randNumeric", &[Param::Int], |call, arguments| characters(call, arguments, DIGITS)),
    Function::new("randAscii", &[Param::Int], |call, arguments| {
        let printable: Vec<u8> = (b' '..=b'~').collect();
        characters(call, arguments, &printable)
    }),
    Function::new("randInt", &[Param::Int, Param::Int], rand_int),
    Function::new("shuffle", &[Param::Text], shuffle),
    Function::new("uuidv4", &[], |call, _| Ok(Value::from(api::env::uuid(call.host.entropy())))),
];

/// A number below `bound`, all of them as likely.
fn below(entropy: &dyn Entropy, bound: u64) -> u64 {
    let unfair = u64::MAX - u64::MAX % bound.max(1);
    // The chance to ask again is under one half; an entropy that never changes must end too.
    for _ in 0..128 {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < unfair {
            return number % bound.max(1);
        }
    }
    0
}

fn characters(call: &Call<'_>, arguments: &[Value], alphabet: &[u8]) -> Outcome {
    // goutils refuses a negative count, and Sprig drops its error.
    let count = limits::text_bytes(Some(usize::try_from(int(arguments, 0)?).unwrap_or(0)))?;
    let entropy = call.host.entropy();
    let pick = |_| alphabet[below(entropy, alphabet.len() as u64) as usize];
    Ok(Value::text((0..count).map(pick).collect::<Vec<u8>>()))
}

fn rand_int(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (low, high) = (int(arguments, 0)?, int(arguments, 1)?);
    match u64::try_from(high.wrapping_sub(low)) {
        Ok(span) if span > 0 => Ok(Value::int(low.wrapping_add(below(call.host.entropy(), span) as i64))),
        _ => Err(FunctionError::new("invalid argument to Intn")),
    }
}

fn shuffle(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut characters: Vec<char> = runes::runes(text(arguments, 0)?).collect();
    for last in (1..characters.len()).rev() {
        characters.swap(last, below(call.host.entropy(), last as u64 + 1) as usize);
    }
    Ok(Value::Text(Text::from(characters.into_iter().collect::<String>())))
}
