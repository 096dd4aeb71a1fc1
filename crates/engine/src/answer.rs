//! Answers: choosing one, and deciding whether a solution says the same.

use std::fmt;
use std::sync::Arc;

use rand_core::TryRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Error;

/// The longest answer and the longest solution that is looked at, in bytes of UTF-8 as typed.
///
/// It is checked before the text is normalised, since one character can become eighteen (CAP-29).
pub const LONGEST_ANSWER: usize = 64;

/// The longest text of a [`Matching`], in bytes of UTF-8.
pub const LONGEST_MATCHING: usize = 64;

/// The text that a picture shows.
///
/// It is a secret until its challenge is used: it is wiped when dropped and `Debug` does not show it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Answer(String);

impl Answer {
    /// An answer that says `text`.
    ///
    /// # Errors
    /// [`Error::Answer`] if nothing of it is left to compare, or if it is longer than [`LONGEST_ANSWER`].
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let answer = Self(text.into());
        match normalise(&answer.0) {
            None => Err(Error::Answer("it is longer than 64 bytes")),
            Some(plain) if plain.is_empty() => Err(Error::Answer("it is empty")),
            Some(_) => Ok(answer),
        }
    }

    /// Its length in characters.
    #[expect(clippy::len_without_is_empty, reason = "an answer is never empty")]
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// The secret text itself, for whoever draws, speaks or labels it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

/// How a solution is compared with an answer: which characters a reader may take for one another.
///
/// Case, width, white space and zero-width characters never count, whatever the matching: `ａＢ 3４` says
/// the same as `AB34` (CAP-28). Look-alikes do when the matching folds them (CAP-30):
///
/// ```
/// # fn main() -> Result<(), inkgate::Error> {
/// use inkgate::Matching;
///
/// let matching = Matching::new("0O 1Il")?;
/// assert_eq!(matching.as_str(), "0o 1il");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Matching(Arc<str>);

impl Matching {
    /// Folds the characters of each group into one; groups are separated by spaces. Empty: folds none.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if a group has fewer than two members that differ by more than case, if a
    /// character is in two groups or is none on its own, or if the text is longer than [`LONGEST_MATCHING`].
    pub fn new(groups: &str) -> Result<Self, Error> {
        if groups.len() > LONGEST_MATCHING {
            return Err(Error::Alphabet(
                "its look-alikes are longer than 64 bytes".to_owned(),
            ));
        }
        let mut seen = String::new();
        let mut text = String::new();
        for group in groups.split_whitespace() {
            let mut members = String::new();
            for symbol in group.chars() {
                let plain = single(symbol)?;
                if seen.contains(plain) {
                    return Err(Error::Alphabet(format!(
                        "{symbol:?} is in two groups of look-alikes"
                    )));
                }
                if !members.contains(plain) {
                    members.push(plain);
                }
            }
            if members.chars().count() < 2 {
                return Err(Error::Alphabet(format!(
                    "{group:?} is no group of look-alikes"
                )));
            }
            seen.push_str(&members);
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(&members);
        }
        if text.len() > LONGEST_MATCHING {
            return Err(Error::Alphabet(
                "its look-alikes are longer than 64 bytes".to_owned(),
            ));
        }
        Ok(Self(text.into()))
    }

    /// The groups as text that [`Matching::new`] reads back, each character in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `solution` says what `answer` says.
    ///
    /// Takes the same time wherever the two differ: what is compared are digests of one length (CAP-19).
    pub(crate) fn accepts(&self, answer: &Answer, solution: &str) -> bool {
        let (Some(answer), Some(solution)) = (self.fold(answer.reveal()), self.fold(solution))
        else {
            return false;
        };
        let both_say_something = !answer.is_empty() && !solution.is_empty();
        let same = Sha256::digest(&*answer).ct_eq(&Sha256::digest(&*solution));
        both_say_something && bool::from(same)
    }

    /// The text as it is compared: plain, with each look-alike as the first of its group. Nothing if it is longer
    /// than [`LONGEST_ANSWER`].
    pub fn fold(&self, text: &str) -> Option<Zeroizing<String>> {
        let plain = normalise(text)?;
        let mut folded = with_room();
        folded.extend(plain.chars().map(|symbol| self.representative(symbol)));
        Some(folded)
    }

    /// The first of the look-alikes that a normalised character belongs to.
    fn representative(&self, symbol: char) -> char {
        self.0
            .split(' ')
            .find(|group| group.contains(symbol))
            .and_then(|group| group.chars().next())
            .unwrap_or(symbol)
    }
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matching").field(&self.as_str()).finish()
    }
}

/// The symbols a style's answers are made of, and which of them a reader cannot tell apart.
#[derive(Clone, Debug)]
pub struct Alphabet {
    symbols: String,
    matching: Matching,
    /// The symbols by what they are compared as: drawing picks a class first, so that the answers a guesser
    /// has to choose between are all equally likely.
    classes: Vec<Vec<char>>,
}

impl Alphabet {
    /// An alphabet of these symbols, compared by this matching.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if a symbol is doubled or is none on its own (a space, say, or a combining
    /// mark), or if a reader could tell fewer than two of them apart.
    pub fn new(symbols: impl Into<String>, matching: Matching) -> Result<Self, Error> {
        let symbols = symbols.into();
        let mut classes: Vec<(char, Vec<char>)> = Vec::new();
        for symbol in symbols.chars() {
            let name = matching.representative(single(symbol)?);
            match classes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, members)) if members.contains(&symbol) => {
                    return Err(Error::Alphabet(format!("{symbol:?} is in it twice")));
                }
                Some((_, members)) => members.push(symbol),
                None => classes.push((name, vec![symbol])),
            }
        }
        if classes.len() < 2 {
            return Err(Error::Alphabet(
                "a reader could tell fewer than two symbols apart".to_owned(),
            ));
        }
        Ok(Self {
            symbols,
            matching,
            classes: classes.into_iter().map(|(_, members)| members).collect(),
        })
    }

    /// The symbols, as given.
    pub fn symbols(&self) -> &str {
        &self.symbols
    }

    /// How answers of this alphabet are compared.
    pub fn matching(&self) -> &Matching {
        &self.matching
    }

    /// How many symbols a reader can tell apart.
    pub fn distinguishable(&self) -> usize {
        self.classes.len()
    }

    /// How many answers of this length there are to guess from, all equally likely; zero if there is none.
    ///
    /// Symbols that are compared as one count once. More than fits is told as the greatest number.
    pub fn guess_space(&self, length: usize, distinct: bool) -> u64 {
        if self.check(length, distinct).is_err() {
            return 0;
        }
        let classes = self.classes.len() as u64;
        (0..length as u64)
            .map(|drawn| if distinct { classes - drawn } else { classes })
            .fold(1, u64::saturating_mul)
    }

    /// A new answer from the operating system's generator. In a `distinct` one no two symbols look alike.
    ///
    /// # Errors
    /// [`Error::Generator`] if there are no random bytes, [`Error::Alphabet`] if there is no such answer.
    pub fn choose(&self, length: usize, distinct: bool) -> Result<Answer, Error> {
        self.choose_from(&mut Pool::empty(), length, distinct)
    }

    /// A new answer from this generator: as [`Alphabet::choose`], but repeatable.
    ///
    /// Each answer is as likely as any other: first a class of symbols that a reader can tell apart is drawn,
    /// then one of its members (CAP-16).
    pub fn choose_from<R>(
        &self,
        rng: &mut R,
        length: usize,
        distinct: bool,
    ) -> Result<Answer, Error>
    where
        R: TryRng + ?Sized,
        R::Error: Into<Error>,
    {
        self.check(length, distinct)?;
        let mut order: Vec<u32> = (0..self.classes.len() as u32).collect();
        let mut text = String::with_capacity(LONGEST_ANSWER);
        for position in 0..length {
            // For distinct answers the first steps of a Fisher-Yates shuffle: the classes drawn so far are
            // moved to the front, and the next is drawn from the rest.
            let drawn = if distinct { position } else { 0 };
            let chosen = drawn + below(rng, order.len() - drawn).map_err(Into::into)?;
            order.swap(drawn, chosen);
            let class = &self.classes[order[drawn] as usize];
            text.push(class[below(rng, class.len()).map_err(Into::into)?]);
        }
        order.zeroize();
        Ok(Answer(text))
    }

    fn check(&self, length: usize, distinct: bool) -> Result<(), Error> {
        let widest = self.symbols.chars().map(char::len_utf8).max().unwrap_or(1);
        if length == 0 || length > LONGEST_ANSWER / widest {
            return Err(Error::Alphabet(format!(
                "an answer cannot have {length} symbols"
            )));
        }
        if distinct && length > self.classes.len() {
            return Err(Error::Alphabet(format!(
                "{length} symbols cannot differ where a reader can tell only {} apart",
                self.classes.len()
            )));
        }
        Ok(())
    }
}

/// The operating system's generator, asked for many numbers at once: each time it is asked costs as much as choosing
/// a whole answer.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Pool {
    bytes: [u8; 64],
    /// How many of the bytes wait to be used.
    left: usize,
}

impl Pool {
    fn empty() -> Self {
        Self {
            bytes: [0; 64],
            left: 0,
        }
    }
}

impl TryRng for Pool {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut number = [0; 4];
        self.try_fill_bytes(&mut number)?;
        Ok(u32::from_le_bytes(number))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut number = [0; 8];
        self.try_fill_bytes(&mut number)?;
        Ok(u64::from_le_bytes(number))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for byte in out {
            if self.left == 0 {
                getrandom::fill(&mut self.bytes)?;
                self.left = self.bytes.len();
            }
            self.left -= 1;
            *byte = self.bytes[self.left];
        }
        Ok(())
    }
}

/// A number below `bound`, each equally likely; 0 where there is nothing to choose.
///
/// Multiplies and rejects the few products that would favour some numbers: D. Lemire, "Fast Random Integer
/// Generation in an Interval", ACM TOMACS 29 (2019).
fn below<R: TryRng + ?Sized>(rng: &mut R, bound: usize) -> Result<usize, R::Error> {
    let bound = u32::try_from(bound).unwrap_or(u32::MAX);
    if bound < 2 {
        return Ok(0);
    }
    let unfair = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(rng.try_next_u32()?) * u64::from(bound);
        if product as u32 >= unfair {
            return Ok((product >> 32) as usize);
        }
    }
}

/// The text without what never counts, or nothing if it is too long to look at: compatibility forms composed
/// (UAX #15), lower case, no white space, nothing invisible.
fn normalise(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > LONGEST_ANSWER {
        return None;
    }
    let mut plain = with_room();
    let is_seen = |symbol: &char| !symbol.is_whitespace() && !is_invisible(*symbol);
    if text.is_ascii() {
        // ASCII is composed as it is, and nearly every answer and solution is written in it.
        let seen = text.chars().filter(is_seen);
        plain.extend(seen.map(|symbol| symbol.to_ascii_lowercase()));
    } else {
        plain.extend(text.nfkc().filter(is_seen).flat_map(lower));
    }
    Some(plain)
}

/// Room for whatever [`LONGEST_ANSWER`] bytes can become, so that no half-written copy is left behind
/// unwiped by growing. U+FDFA grows most: three bytes to 33.
fn with_room() -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(LONGEST_ANSWER * 11))
}

/// Lower case in no language's rules. The Turkish letters are told apart from `i` by their dot alone, which
/// is no difference in a picture.
fn lower(symbol: char) -> impl Iterator<Item = char> {
    match symbol {
        'İ' | 'ı' => 'i',
        other => other,
    }
    .to_lowercase()
}

/// Characters without width: joiners, direction marks, the byte order mark, variation selectors.
fn is_invisible(symbol: char) -> bool {
    matches!(symbol,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// What a symbol is compared as, if it is one character that does not melt into the one before it.
///
/// Only then do different sequences of symbols always stay different, and the guess space is what it says.
fn single(symbol: char) -> Result<char, Error> {
    // Every ticket that is opened asks this of its look-alikes.
    if symbol.is_ascii_alphanumeric() {
        return Ok(symbol.to_ascii_lowercase());
    }
    let alone = normalise(symbol.encode_utf8(&mut [0; 4])).unwrap_or_default();
    let mut chars = alone.chars();
    match (chars.next(), chars.next()) {
        (Some(plain), None) if stands_alone(plain) => Ok(plain),
        _ => Err(Error::Alphabet(format!(
            "{symbol:?} is no symbol on its own"
        ))),
    }
}

/// Combining marks join the character before them, and so do the vowels and finals of Hangul.
fn stands_alone(symbol: char) -> bool {
    !unicode_normalization::char::is_combining_mark(symbol)
        && !matches!(symbol, '\u{1160}'..='\u{11ff}')
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::Seed;

    const NEWPAGE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    fn alphabet(symbols: &str, groups: &str) -> Alphabet {
        Alphabet::new(symbols, Matching::new(groups).unwrap()).unwrap()
    }

    fn newpage() -> Alphabet {
        alphabet(NEWPAGE, "0o 1il")
    }

    fn accepts(groups: &str, answer: &str, solution: &str) -> bool {
        Matching::new(groups)
            .unwrap()
            .accepts(&Answer::new(answer).unwrap(), solution)
    }

    /// CAP-28, C-28.
    #[test]
    fn case_width_white_space_and_zero_width_characters_do_not_count() {
        let alike = [
            "AB34",
            "ab34",
            "ab34 ",
            " AB 34\n",
            "ＡＢ３４",
            "ａｂ３４",
            "A\u{200b}B34",
            "Ａｂ３４",
            "\u{feff}AB34",
            "A\u{3000}B\u{a0}34",
            "A\u{200d}B\u{2060}3\u{ad}4",
            "\u{202e}ab34\u{202c}",
            "𝐀𝐁𝟑𝟒",
            "Ⓐb34",
            "ab³⁴",
        ];
        for solution in alike {
            assert!(accepts("", "AB34", solution), "{solution:?}");
        }
        for solution in ["AB33", "AB3", "AB345", "BA34", "A-B34", "ÀB34", "4", "АВ34"] {
            assert!(!accepts("", "AB34", solution), "{solution:?}");
        }
    }

    #[test]
    fn turkish_letters_match_the_latin_i() {
        for solution in ["I5", "i5", "ı5", "İ5", "I\u{307}5"] {
            assert!(accepts("", "i5", solution), "{solution:?}");
        }
    }

    /// C-01, CAP-07.
    #[test]
    fn nothing_never_matches() {
        for solution in ["", " ", "\u{200b}", "\u{3000}\t", "\u{feff}\u{ad}"] {
            assert!(!accepts("", "AB34", solution), "{solution:?}");
            assert!(Answer::new(solution).is_err(), "{solution:?}");
        }
        let empty = Answer(String::new());
        assert!(!Matching::default().accepts(&empty, ""));
    }

    /// CAP-29: `too long` is decided on the text as typed.
    #[test]
    fn a_long_solution_is_refused_before_it_is_normalised() {
        for huge in [
            "\u{fdfa}".repeat(350_000),
            "a\u{301}".repeat(350_000),
            "A\u{200b}".repeat(300_000),
        ] {
            let began = std::time::Instant::now();
            assert!(!accepts("", "AB34", &huge));
            assert!(began.elapsed().as_millis() < 5);
        }
        let padded = |spaces: usize| format!("AB34{}", " ".repeat(spaces));
        assert!(accepts("", "AB34", &padded(60)));
        assert!(!accepts("", "AB34", &padded(61)));
        assert!(Answer::new("A".repeat(64)).is_ok());
        assert!(Answer::new("A".repeat(65)).is_err());
    }

    #[test]
    fn the_longest_text_fits_the_room_made_for_it() {
        let most = "\u{fdfa}".repeat(21);
        assert!(normalise(&most).unwrap().len() <= with_room().capacity());
        for symbol in '\0'..=char::MAX {
            let one = symbol.encode_utf8(&mut [0; 4]).to_owned();
            let grown = normalise(&one).unwrap().len();
            assert!(grown <= one.len() * 11, "{symbol:?} becomes {grown} bytes");
        }
    }

    /// CAP-30: every pair of symbols, against the rule told in words.
    #[test]
    fn look_alikes_match_each_other_and_nothing_else() {
        let rule = |symbol: char| match symbol.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        for shown in NEWPAGE.chars() {
            for typed in NEWPAGE.chars() {
                let matched = accepts("0O 1Il", &shown.to_string(), &typed.to_string());
                assert_eq!(matched, rule(shown) == rule(typed), "{shown} {typed}");
            }
        }
    }

    #[test]
    fn a_matching_reads_its_own_text() {
        let matching = Matching::new("  0Oo  1IlL ").unwrap();
        assert_eq!(matching.as_str(), "0o 1il");
        assert_eq!(Matching::new(matching.as_str()).unwrap(), matching);
        assert_eq!(Matching::new("").unwrap(), Matching::default());
    }

    #[test]
    fn a_matching_without_sense_is_refused() {
        for groups in ["a", "aA", "ab bc", "a\u{301}", "ß\u{200b}", "ﬁ1"] {
            assert!(Matching::new(groups).is_err(), "{groups:?}");
        }
        assert!(Matching::new(&"ab ".repeat(22)).is_err());
    }

    #[test]
    fn an_alphabet_without_sense_is_refused() {
        for symbols in [
            "",
            "a",
            "aA",
            "aba",
            "a b",
            "a\u{301}",
            "ab\u{200b}",
            "가\u{1161}",
            "ﬁx",
        ] {
            assert!(
                Alphabet::new(symbols, Matching::default()).is_err(),
                "{symbols:?}"
            );
        }
        assert!(Alphabet::new("0Oo", Matching::new("0o").unwrap()).is_err());
    }

    /// CAP-17, CAP-30, C-04.
    #[test]
    fn the_guess_space_is_counted_after_folding() {
        assert_eq!(newpage().guess_space(4, false), 33_u64.pow(4));
        assert_eq!(
            alphabet("0123456789ABCDEF", "").guess_space(5, true),
            16 * 15 * 14 * 13 * 12
        );
        assert_eq!(
            alphabet("ABCDEFGHJKLMN", "").guess_space(5, false),
            13_u64.pow(5)
        );
        assert_eq!(alphabet("ab", "").guess_space(64, false), u64::MAX);
        assert_eq!(alphabet("ab", "").guess_space(3, true), 0);
        assert_eq!(alphabet("ab", "").guess_space(0, false), 0);
    }

    #[test]
    fn an_answer_that_cannot_be_is_refused() {
        assert!(newpage().choose(0, false).is_err());
        assert!(newpage().choose(65, false).is_err());
        assert!(newpage().choose(34, true).is_err());
        assert!(newpage().choose(33, true).is_ok());
        assert!(alphabet("中文字", "").choose(22, false).is_err());
    }

    /// CAP-15.
    #[test]
    fn a_failing_generator_is_an_error() {
        struct Broken;
        impl TryRng for Broken {
            type Error = getrandom::Error;
            fn try_next_u32(&mut self) -> Result<u32, getrandom::Error> {
                Err(getrandom::Error::UNEXPECTED)
            }
            fn try_next_u64(&mut self) -> Result<u64, getrandom::Error> {
                Err(getrandom::Error::UNEXPECTED)
            }
            fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), getrandom::Error> {
                Err(getrandom::Error::UNEXPECTED)
            }
        }
        let failed = newpage().choose_from(&mut Broken, 4, false);
        assert!(matches!(failed, Err(Error::Generator(_))));
    }

    #[test]
    fn the_same_generator_gives_the_same_answer() {
        let draw = || {
            newpage()
                .choose_from(&mut Seed::from_bytes([3; 32]).rng(), 8, false)
                .unwrap()
        };
        assert_eq!(draw().reveal(), draw().reveal());
        assert_eq!(draw().len(), 8);
    }

    #[test]
    fn debug_shows_no_character_of_an_answer() {
        assert_eq!(format!("{:?}", Answer::new("XQ7").unwrap()), "Answer");
    }

    /// The 0.001 quantile of the chi-square distribution, after Wilson and Hilferty (1931).
    fn least_unlikely(freedom: f64) -> f64 {
        let spread = 2.0 / (9.0 * freedom);
        freedom * (1.0 - spread + 3.090 * spread.sqrt()).powi(3)
    }

    fn chi_square(counts: impl Iterator<Item = u32>, cells: usize, draws: u32) -> f64 {
        let expected = f64::from(draws) / cells as f64;
        let (seen, sum) = counts.fold((0, 0.0), |(seen, sum), count| {
            (
                seen + 1,
                sum + (f64::from(count) - expected).powi(2) / expected,
            )
        });
        sum + (cells - seen) as f64 * expected
    }

    /// CAP-16, C-24: 10⁶ answers from a fixed seed, so that the test says the same each time.
    #[test]
    fn every_symbol_is_equally_likely_at_each_place_and_beside_each_other() {
        let alphabet = newpage();
        let mut rng = Seed::from_bytes([16; 32]).rng();
        let draws = 1_000_000;
        let fold = |text: &str| alphabet.matching.fold(text).unwrap();
        let mut single: HashMap<(usize, char), u32> = HashMap::new();
        let mut pair: HashMap<(usize, char, char), u32> = HashMap::new();
        for _ in 0..draws {
            let answer = alphabet.choose_from(&mut rng, 4, false).unwrap();
            let text: Vec<char> = fold(answer.reveal()).chars().collect();
            for (place, &symbol) in text.iter().enumerate() {
                *single.entry((place, symbol)).or_default() += 1;
            }
            for (place, two) in text.windows(2).enumerate() {
                *pair.entry((place, two[0], two[1])).or_default() += 1;
            }
        }
        for place in 0..4 {
            let counts = single
                .iter()
                .filter(|(key, _)| key.0 == place)
                .map(|(_, n)| *n);
            assert!(
                chi_square(counts, 33, draws) < least_unlikely(32.0),
                "place {place}"
            );
        }
        for place in 0..3 {
            let counts = pair
                .iter()
                .filter(|(key, _)| key.0 == place)
                .map(|(_, n)| *n);
            assert!(
                chi_square(counts, 33 * 33, draws) < least_unlikely(33.0 * 33.0 - 1.0),
                "pair {place}"
            );
        }
    }

    /// CAP-16, C-24: of all orders, and only of those.
    #[test]
    fn distinct_answers_are_equally_likely_and_never_repeat_a_symbol() {
        let alphabet = alphabet("0OABC", "0o");
        let mut rng = Seed::from_bytes([17; 32]).rng();
        let draws = 240_000;
        let mut counts: HashMap<String, u32> = HashMap::new();
        for _ in 0..draws {
            let answer = alphabet.choose_from(&mut rng, 3, true).unwrap();
            *counts
                .entry(alphabet.matching.fold(answer.reveal()).unwrap().to_string())
                .or_default() += 1;
        }
        assert_eq!(counts.len() as u64, alphabet.guess_space(3, true));
        assert!(chi_square(counts.values().copied(), 24, draws) < least_unlikely(23.0));
    }

    /// CAP-16: a bound for which a bare multiplication is visibly unfair (one value would be drawn twice as
    /// often as another), on a generator that steps through every high word.
    #[test]
    fn drawing_below_a_bound_rejects_what_would_be_unfair() {
        struct Steps(u32);
        impl TryRng for Steps {
            type Error = std::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                self.0 = self.0.wrapping_add(1);
                Ok(self.0)
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(u64::from(self.try_next_u32()?))
            }
            fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
                bytes.fill(0);
                Ok(())
            }
        }
        // 3 · 2³⁰ numbers out of 2³²: a fair draw takes one product in each run of 4/3 and rejects the rest.
        let bound = 3 << 30;
        let mut steps = Steps(u32::MAX);
        let drawn: Vec<usize> = (0..3_000)
            .map(|_| below(&mut steps, bound).unwrap())
            .collect();
        assert!(
            drawn.windows(2).all(|two| two[0] < two[1]),
            "some number came twice"
        );
        assert_eq!(below(&mut steps, 1).unwrap(), 0);
        assert_eq!(below(&mut steps, 0).unwrap(), 0);
    }

    #[test]
    fn ascii_is_normalised_as_any_other_text_is() {
        for symbol in '\0'..='\x7f' {
            let alone = normalise(&symbol.to_string()).unwrap();
            let beside = normalise(&format!("é{symbol}")).unwrap();
            assert_eq!(format!("é{}", *alone), *beside, "{symbol:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_compared(answer in "\\PC{1,16}", solution in any::<String>()) {
            if let Ok(answer) = Answer::new(answer) {
                prop_assert!(Matching::default().accepts(&answer, answer.reveal()));
                Matching::new("0o 1il").unwrap().accepts(&answer, &solution);
            }
        }

        #[test]
        fn answers_are_of_the_alphabet(length in 1_usize..=16, seed in any::<[u8; 32]>()) {
            let answer = newpage().choose_from(&mut Seed::from_bytes(seed).rng(), length, false).unwrap();
            prop_assert_eq!(answer.len(), length);
            prop_assert!(answer.reveal().chars().all(|symbol| NEWPAGE.contains(symbol)));
        }
    }
}
