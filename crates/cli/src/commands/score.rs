use std::{cmp::Reverse, collections::BTreeMap, fmt, fs, path::Path};

use anyhow::{Context, anyhow, bail, ensure};
use inkgate::{Answer, LONGEST_ANSWER, Matching, Style, Styles};

use super::print;
use crate::args::Score;

/// What stands for nothing.
const NOTHING: &str = "-";

pub(crate) fn run(args: &Score) -> anyhow::Result<()> {
    let key = Key::read(&args.key)?;
    let read = key.readings(&args.answers)?;
    let matching = key.style.alphabet.matching();
    let mut tally = Tally::default();
    for (number, drawn) in &key.drawn {
        let read = read.get(number).map_or("", String::as_str);
        tally.count(matching, *number, drawn, read);
    }
    Ok(print(&tally.told())?)
}

/// What was drawn.
struct Key {
    style: Style,
    drawn: BTreeMap<u32, String>,
}

impl Key {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read(path)?;
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("# style "))
            .with_context(|| format!("{}: no line `# style NAME`", path.display()))?;
        let styles = Styles::standard();
        let style = styles
            .get(name.trim())
            .with_context(|| format!("{}: there is no style {name}", path.display()))?;
        let drawn = numbered(path, &text, |_, text| Ok(Answer::new(text).map(drop)?))?;
        if drawn.is_empty() {
            bail!("{}: there are no answers in it", path.display());
        }
        Ok(Self {
            style: style.clone(),
            drawn,
        })
    }

    /// What was read, each of it from a picture that was drawn.
    fn readings(&self, path: &Path) -> anyhow::Result<BTreeMap<u32, String>> {
        let text = read(path)?;
        numbered(path, &text, |number, text| {
            ensure!(
                self.drawn.contains_key(&number),
                "no picture has the number {number}"
            );
            ensure!(
                text.len() <= LONGEST_ANSWER,
                "the text is longer than {LONGEST_ANSWER} bytes"
            );
            Ok(())
        })
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// Lines of a number, white space, and a text that passes `check`.
fn numbered(
    path: &Path,
    text: &str,
    check: impl Fn(u32, &str) -> anyhow::Result<()>,
) -> anyhow::Result<BTreeMap<u32, String>> {
    let mut found = BTreeMap::new();
    let lines = text.lines().zip(1..);
    for (line, at) in lines.map(|(line, at)| (line.trim(), at)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = || format!("{}, line {at}", path.display());
        let (number, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let number: u32 = number
            .parse()
            .map_err(|_| anyhow!("a line is a number and a text, not {line:?}"))
            .with_context(place)?;
        check(number, text).with_context(place)?;
        if found.insert(number, text.trim().to_owned()).is_some() {
            bail!("{}: number {number} comes twice", place());
        }
    }
    Ok(found)
}

#[derive(Debug, Default)]
struct Tally {
    pictures: Share,
    characters: Share,
    /// Number, what was drawn, what was read.
    missed: Vec<(u32, String, String)>,
    /// How often one symbol was read for another. A side that has none is empty.
    confused: BTreeMap<[Option<char>; 2], usize>,
}

impl Tally {
    fn count(&mut self, matching: &Matching, number: u32, drawn: &str, read: &str) {
        let right = matching.fold(drawn) == matching.fold(read);
        self.pictures.add(right);
        let pairs = align(matching, &symbols(drawn), &symbols(read));
        for pair in &pairs {
            if pair[0].is_some() {
                self.characters.add(alike(matching, *pair));
            }
        }
        if right {
            return;
        }
        self.missed
            .push((number, drawn.to_owned(), read.to_owned()));
        // Who read nothing confused nothing.
        if !read.is_empty() {
            for pair in pairs.into_iter().filter(|&pair| !alike(matching, pair)) {
                *self.confused.entry(pair).or_default() += 1;
            }
        }
    }

    fn told(&self) -> String {
        let mut lines = vec![
            format!("pictures\t{}", self.pictures),
            format!("characters\t{}", self.characters),
        ];
        for (number, drawn, read) in &self.missed {
            let read = if read.is_empty() { NOTHING } else { read };
            lines.push(format!("missed\t{number}\t{drawn}\t{read}"));
        }
        let mut confused: Vec<_> = self.confused.iter().collect();
        confused.sort_by_key(|(_, times)| Reverse(**times));
        for (pair, times) in confused {
            let [drawn, read] =
                pair.map(|symbol| symbol.map_or(NOTHING.to_owned(), |symbol| symbol.to_string()));
            lines.push(format!("confused\t{drawn}\t{read}\t{times}"));
        }
        lines.join("\n") + "\n"
    }
}

/// Some of all.
#[derive(Debug, Default)]
struct Share {
    some: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, counts: bool) {
        self.some += usize::from(counts);
        self.all += 1;
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = 100.0 * self.some as f64 / self.all.max(1) as f64;
        write!(f, "{}\t{}\t{percent:.1}", self.some, self.all)
    }
}

/// The symbols that count, as capitals, so that a letter is one symbol however it was typed.
fn symbols(text: &str) -> Vec<char> {
    let counting = text.chars().filter(|symbol| !symbol.is_whitespace());
    counting.map(|symbol| symbol.to_ascii_uppercase()).collect()
}

fn alike(matching: &Matching, pair: [Option<char>; 2]) -> bool {
    let [Some(drawn), Some(read)] = pair else {
        return false;
    };
    matching.fold(&drawn.to_string()) == matching.fold(&read.to_string())
}

/// Each symbol with the one that was read for it: the pairing with the fewest differences (R. A. Wagner and M. J.
/// Fischer, "The String-to-String Correction Problem", JACM 21, 1974).
fn align(matching: &Matching, drawn: &[char], read: &[char]) -> Vec<[Option<char>; 2]> {
    let pair = |i: usize, j: usize| [Some(drawn[i]), Some(read[j])];
    let swap = |i: usize, j: usize| usize::from(!alike(matching, pair(i, j)));
    // How many differences there are between what follows place i of the one and place j of the other.
    let mut left = vec![vec![0; read.len() + 1]; drawn.len() + 1];
    for i in (0..=drawn.len()).rev() {
        for j in (0..=read.len()).rev() {
            left[i][j] = match (drawn.len() - i, read.len() - j) {
                (0, rest) | (rest, 0) => rest,
                _ => (left[i + 1][j + 1] + swap(i, j))
                    .min(left[i + 1][j] + 1)
                    .min(left[i][j + 1] + 1),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < drawn.len() || j < read.len() {
        let both = i < drawn.len() && j < read.len();
        if both && left[i][j] == left[i + 1][j + 1] + swap(i, j) {
            pairs.push(pair(i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < drawn.len() && left[i][j] == left[i + 1][j] + 1 {
            pairs.push([Some(drawn[i]), None]);
            i += 1;
        } else {
            pairs.push([None, Some(read[j])]);
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(groups: &str, pictures: &[(&str, &str)]) -> Tally {
        let matching = Matching::new(groups).unwrap();
        let mut tally = Tally::default();
        for ((drawn, read), number) in pictures.iter().zip(1..) {
            tally.count(&matching, number, drawn, read);
        }
        tally
    }

    #[test]
    fn look_alikes_case_and_space_are_read_right() {
        let tally = tally("0O 1Il", &[("O1l7", "0il 7"), ("ab", "A B")]);
        assert_eq!(
            tally.told(),
            "pictures\t2\t2\t100.0\ncharacters\t6\t6\t100.0\n"
        );
    }

    #[test]
    fn a_symbol_that_is_left_out_costs_one_character() {
        let tally = tally("", &[("ACDEH", "ADEH"), ("ACDEH", "ACDXEH"), ("AC", "")]);
        assert_eq!(
            tally.told(),
            "pictures\t0\t3\t0.0\ncharacters\t9\t12\t75.0\n\
             missed\t1\tACDEH\tADEH\nmissed\t2\tACDEH\tACDXEH\nmissed\t3\tAC\t-\n\
             confused\t-\tX\t1\nconfused\tC\t-\t1\n"
        );
    }

    #[test]
    fn what_is_confused_most_comes_first() {
        let tally = tally("", &[("AB", "CB"), ("DX", "D3"), ("XX", "x3")]);
        assert!(
            tally
                .told()
                .ends_with("confused\tX\t3\t2\nconfused\tA\tC\t1\n")
        );
    }
}
