//! Passwords that are tried first: common ones, and what people make of them to reach a length.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Common passwords and the words that they are made of, in lower case.
static WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").split_whitespace().collect());

/// Words that a common password is made of, at most.
const MOST_WORDS: usize = 3;

/// The longest text that is searched for words; three have no more letters.
const LONGEST: usize = 96;

/// Whether a password, in lower case, is nothing but a few common words and runs: `password`
/// twice, `iloveyou` and a year, a walk over the keyboard. The whole is judged: whatever else is
/// in it makes it another (AUT-03). `own` are words of the place and the member.
///
/// Lists of leaked passwords hardly have one of fifteen characters; what guessers try at that
/// length is made by such rules.
pub(crate) fn is_common(folded: &str, own: &[String]) -> bool {
    let letters: Vec<char> = folded.chars().filter(|c| !is_filler(*c)).collect();
    let is_short = letters.len() <= LONGEST;
    letters.is_empty()
        || is_repeated(&letters, own)
        || is_short && is_made_of(&letters, MOST_WORDS, own)
}

/// What stands between words and changes nothing: `pass_word!`.
fn is_filler(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_punctuation() && c != '@'
}

fn is_made_of(letters: &[char], words: usize, own: &[String]) -> bool {
    if letters.is_empty() {
        return true;
    }
    if words == 0 {
        return false;
    }
    (1..=letters.len()).rev().any(|end| {
        let (head, rest) = letters.split_at(end);
        is_known(head, own) && is_made_of(rest, words - 1, own)
    })
}

/// One common part over and over.
fn is_repeated(letters: &[char], own: &[String]) -> bool {
    (1..=letters.len() / 2).any(|length| {
        letters.len().is_multiple_of(length)
            && letters
                .chunks(length)
                .all(|part| part == &letters[..length])
            && (length <= 4 || length <= LONGEST && is_made_of(&letters[..length], MOST_WORDS, own))
    })
}

fn is_known(part: &[char], own: &[String]) -> bool {
    let text: String = part.iter().collect();
    is_run(part) || WORDS.contains(text.as_str()) || own.contains(&text)
}

/// `111111`, `123456`, `abcdef`, `987654`, and years.
fn is_run(part: &[char]) -> bool {
    let steps = part.windows(2).map(|pair| step(pair[0], pair[1]));
    let mut steps = steps.collect::<HashSet<_>>();
    let is_year = part.len() == 4 && matches!(part, ['1', '9', ..] | ['2', '0', ..]);
    let is_short_number = part.len() <= 4 && part.iter().all(char::is_ascii_digit);
    is_year
        || is_short_number
        || part.len() >= 3
            && steps.len() == 1
            && steps.drain().all(|step| matches!(step, Some(-1..=1)))
}

/// How far it is from one letter or digit to the next; nine is followed by zero.
fn step(a: char, b: char) -> Option<i64> {
    match (a, b) {
        ('9', '0') => Some(1),
        ('0', '9') => Some(-1),
        ('z', 'a') => Some(1),
        _ => Some(i64::from(u32::from(b)) - i64::from(u32::from(a))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUT-03
    #[test]
    fn what_is_made_of_a_few_common_words_is_common() {
        let own = ["inkgate".to_owned(), "mei".to_owned()];
        for text in [
            "passwordpassword",
            "password_password",
            "password12345678",
            "iloveyou iloveyou",
            "iloveyou2024!!!",
            "qwertyuiopasdfghjkl",
            "1q2w3e4r5t6y7u8i".get(..10).unwrap(),
            "123456789012345",
            "111111111111111",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "abcdefghijklmno",
            "zyxwvutsrqponml",
            "welcome123welcome123",
            "inkgateinkgate1",
            "inkgate-password-2025",
            "mei mei mei mei mei",
            "letmein letmein",
            "woaini1314woaini1314",
            "thisismypassword123",
            "密码密码密码密码密码密码密码密码",
            "               ",
            "---------------",
        ] {
            assert!(is_common(text, &own), "{text}");
        }
    }

    /// AUT-03: a common word within another text is no reason to refuse it.
    #[test]
    fn what_is_more_than_common_words_is_not() {
        for text in [
            "correct horse battery",
            "fifteen chars !",
            "my password is a kettle",
            "全部漢字也可以用來當作密碼的哦喔",
            "the quick brown fox",
            "passwordxkcdlamp",
            "kettle iloveyou pylon",
            "winter evenings by the stove",
        ] {
            assert!(!is_common(text, &[]), "{text}");
        }
    }

    /// AUT-03: three thousand of the commonest that are long enough.
    #[test]
    fn every_pair_of_common_words_is_refused() {
        let mut refused = 0;
        for one in WORDS.iter() {
            for other in WORDS.iter() {
                let text = format!("{one}{other}");
                if text.chars().count() >= super::super::password::SHORTEST {
                    assert!(is_common(&text, &[]), "{text}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 3_000, "{refused}");
    }
}
