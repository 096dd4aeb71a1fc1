//! What a solution is compared by: groups of look-alikes, alphabets, and texts of any script.
//!
//! An input is three texts: groups, symbols, and what somebody typed.
#![no_main]

use inkgate::{Alphabet, Answer, Matching, Seed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let input = String::from_utf8_lossy(input);
    let mut texts = input.splitn(3, '\n');
    let mut next = || texts.next().unwrap_or_default();
    let (groups, symbols, typed) = (next(), next(), next());
    let matching = Matching::new(groups).unwrap_or_default();
    let read_back = Matching::new(matching.as_str()).expect("what was written can be read");
    assert_eq!(read_back, matching);
    if let (Ok(answer), Some(folded)) = (Answer::new(typed), matching.fold(typed)) {
        assert!(!folded.is_empty() && answer.reveal() == typed);
        if let Some(padded) = matching.fold(&format!(" {typed}\u{200B}")) {
            assert_eq!(*padded, *folded, "what cannot be seen counts");
        }
    }
    let Ok(alphabet) = Alphabet::new(symbols, matching) else {
        return;
    };
    let seed = Seed::from_bytes([typed.len() as u8; 32]);
    for (length, distinct) in [(1, false), (5, false), (5, true), (16, true)] {
        let chosen = alphabet.choose_from(&mut seed.rng(), length, distinct);
        assert_eq!(chosen.is_ok(), alphabet.guess_space(length, distinct) > 0);
        if let Ok(answer) = chosen {
            assert_eq!(answer.len(), length);
            assert!(
                answer
                    .reveal()
                    .chars()
                    .all(|symbol| symbols.contains(symbol))
            );
        }
    }
});
