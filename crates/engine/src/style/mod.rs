//! Style: a named way to draw. A style is data for the one pipeline; adding one is a preset.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::colour::Colour;
use crate::ground::Ground;
use crate::layout::{Layout, Spacing};
use crate::noise::Noise;
use crate::warp::Warp;
use crate::{Alphabet, Answer, Error, Font, Seed};

mod presets;
mod strength;

pub use strength::Strength;

/// The sides that a picture may have, in pixels, at scale 1.
pub const SIDES: std::ops::RangeInclusive<u32> = 16..=1024;
/// Changes whenever the same answer, style and seed begin to give another picture.
const REVISION: u32 = 7;

/// How pictures of one kind are drawn: plain data, to be copied and changed.
///
/// ```
/// # fn main() -> Result<(), inkgate::Error> {
/// use inkgate::{Style, Styles};
///
/// let styles = Styles::standard();
/// let longer = Style { length: 6, ..styles.get("ink").expect("a standard style").clone() };
/// assert_eq!(longer.guess_space(), 11_u64.pow(6));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Style {
    /// What the style is called in configuration, in tickets and on the command line.
    pub name: String,
    /// Pixels in a row at scale 1.
    pub width: u32,
    /// Rows at scale 1.
    pub height: u32,
    /// Further sizes, width and height, that the style was made for.
    pub further_sizes: Vec<[u32; 2]>,
    /// What answers are made of, and how they are compared.
    pub alphabet: Alphabet,
    /// Symbols in an answer.
    pub length: usize,
    /// Whether no symbol comes twice in an answer.
    pub distinct: bool,
    /// Whether letters are drawn as capitals.
    pub upper_case: bool,
    /// Whether stock text recognition reads the style.
    pub weak: bool,
    /// What was measured of it, if anything is published.
    pub strength: Option<Strength>,
    /// The faces that glyphs are taken from, by chance.
    pub faces: Vec<Arc<Font>>,
    /// Where the glyphs stand: one of these a picture.
    pub layouts: Vec<Layout>,
    /// How close the glyphs of rows stand.
    pub spacing: Spacing,
    /// How far each glyph is turned at most, either way, in radians.
    pub turn: f32,
    /// How far each glyph leans at most, either way: the shift of its top for each unit of height.
    pub shear: f32,
    /// How much larger or smaller each glyph may be, as a share of its size.
    pub stretch: f32,
    /// Bends of the glyphs, one after the other.
    pub warps: Vec<Warp>,
    /// What the glyphs are folded with: one of these a picture.
    pub grounds: Vec<Ground>,
    /// How many shapes a ground of single shapes has.
    pub shapes: u32,
    /// How many strokes swing across the picture.
    pub strokes: u32,
    /// How thick the strokes are, as a share of the height.
    pub stroke_width: f32,
    /// Where the colours come from.
    pub colours: Colours,
    /// What is done to the pixels at the end.
    pub noises: Vec<Noise>,
}

/// Where a picture's colours come from.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Colours {
    /// One pair, at least 7:1 apart, for everything. The view says whether for a light or a dark page.
    Pair,
    /// A random ground, and for each glyph a random colour at least 3:1 from the ground.
    Scatter,
    /// These two.
    Fixed {
        /// The ground.
        paper: Colour,
        /// The glyphs.
        ink: Colour,
    },
}

impl Style {
    /// A new answer from the operating system's generator.
    ///
    /// # Errors
    /// [`Error::Generator`] if there are no random bytes, [`Error::Alphabet`] if there is no such answer.
    pub fn choose(&self) -> Result<Answer, Error> {
        self.alphabet.choose(self.length, self.distinct)
    }

    /// The answer that belongs to `seed`: for pictures that can be made again, never for visitors.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if there is no such answer.
    pub fn choose_from(&self, seed: &Seed) -> Result<Answer, Error> {
        let mut rng = seed.rng();
        // Another stream than the picture's, so that neither tells of the other.
        rng.set_stream(1);
        self.alphabet
            .choose_from(&mut rng, self.length, self.distinct)
    }

    /// How many answers there are to guess from, counted after look-alikes are folded.
    pub fn guess_space(&self) -> u64 {
        self.alphabet.guess_space(self.length, self.distinct)
    }

    /// The sizes that the style was made for, width and height at scale 1; its own first.
    pub fn sizes(&self) -> impl Iterator<Item = [u32; 2]> {
        std::iter::once([self.width, self.height]).chain(self.further_sizes.iter().copied())
    }

    /// The same style at another size.
    ///
    /// # Errors
    /// [`Error::Size`] for a side outside [`SIDES`] (CAP-27).
    pub fn sized(&self, width: u32, height: u32) -> Result<Self, Error> {
        let resized = Self {
            width,
            height,
            ..self.clone()
        };
        resized.check_size()?;
        Ok(resized)
    }

    pub(crate) fn check_size(&self) -> Result<(), Error> {
        let fits = SIDES.contains(&self.width) && SIDES.contains(&self.height);
        if fits {
            Ok(())
        } else {
            Err(Error::Size(self.width, self.height))
        }
    }

    /// Whether every symbol of the alphabet leaves ink in every face (CAP-40).
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] naming the first that does not, [`Error::Font`] if there is no face at all.
    pub fn check_faces(&self) -> Result<(), Error> {
        if self.faces.is_empty() {
            return Err(Error::Font);
        }
        let drawn = |symbol: char| {
            if self.upper_case {
                capital(symbol)
            } else {
                symbol
            }
        };
        let lacking = |symbol: &char| {
            self.faces
                .iter()
                .any(|face| face.glyph(drawn(*symbol)).is_none())
        };
        match self.alphabet.symbols().chars().find(lacking) {
            Some(symbol) => Err(Error::MissingGlyph(symbol)),
            None => Ok(()),
        }
    }

    /// A digest of everything that decides what a picture looks like: the style, its faces, and the revision of
    /// the drawing code.
    pub fn look(&self) -> Look {
        let mut digest = Sha256::new();
        digest.update(REVISION.to_be_bytes());
        for face in &self.faces {
            digest.update(face.digest());
        }
        let plain = Self {
            faces: Vec::new(),
            // What is known of it does not change it.
            strength: None,
            ..self.clone()
        };
        digest.update(format!("{plain:?}"));
        let [look @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            <[u8; 32]>::from(digest.finalize());
        Look(look)
    }
}

/// The capital of `symbol` where that is a single character, else `symbol`.
pub(crate) fn capital(symbol: char) -> char {
    let mut upper = symbol.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) => capital,
        _ => symbol,
    }
}

/// Tells two ways to draw apart: a ticket carries the look of the node that issued it.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Look([u8; 16]);

impl Look {
    /// The look of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to seal.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The styles an installation draws.
#[derive(Clone, Debug)]
pub struct Styles(Vec<Style>);

impl Styles {
    /// The styles that come with Inkgate, in the faces that come with it. `ink`, the default, is first.
    pub fn standard() -> Self {
        Self(presets::all())
    }

    /// The style of that name.
    pub fn get(&self, name: &str) -> Option<&Style> {
        self.0.iter().find(|style| style.name == name)
    }

    /// All styles.
    pub fn iter(&self) -> impl Iterator<Item = &Style> {
        self.0.iter()
    }

    /// Draws a style in other faces.
    ///
    /// # Errors
    /// [`Error::Style`] if there is none of that name, and whatever [`Style::check_faces`] finds; the style then
    /// stays as it was.
    pub fn set_faces(&mut self, name: &str, faces: Vec<Font>) -> Result<(), Error> {
        let style = self.style_mut(name)?;
        let faces = faces.into_iter().map(Arc::new).collect();
        change_faces(style, faces)?;
        // It was measured in others.
        style.strength = None;
        Ok(())
    }

    /// Draws a style in another face besides.
    ///
    /// # Errors
    /// As [`Styles::set_faces`].
    pub fn add_face(&mut self, name: &str, face: Font) -> Result<(), Error> {
        let style = self.style_mut(name)?;
        let mut faces = style.faces.clone();
        faces.push(Arc::new(face));
        change_faces(style, faces)
    }

    fn style_mut(&mut self, name: &str) -> Result<&mut Style, Error> {
        let style = self.0.iter_mut().find(|style| style.name == name);
        style.ok_or_else(|| Error::Style(name.to_owned()))
    }
}

fn change_faces(style: &mut Style, faces: Vec<Arc<Font>>) -> Result<(), Error> {
    let changed = Style {
        faces,
        ..style.clone()
    };
    changed.check_faces()?;
    *style = changed;
    Ok(())
}

impl Default for Styles {
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CAP-40
    #[test]
    fn every_symbol_has_ink_in_every_face() {
        for style in Styles::standard().iter() {
            style.check_faces().unwrap();
        }
    }

    /// CAP-40
    #[test]
    fn a_face_without_the_symbols_is_refused_by_name() {
        let mut styles = Styles::standard();
        let font =
            Font::parse(include_bytes!("../../fonts/rubik/rubik-700.ttf").as_slice()).unwrap();
        styles.set_faces("newpage", vec![font.clone()]).unwrap();
        let style = Style {
            alphabet: Alphabet::new("A汉", Default::default()).unwrap(),
            ..styles.0[0].clone()
        };
        assert!(matches!(
            style.check_faces(),
            Err(Error::MissingGlyph('汉'))
        ));
        assert!(matches!(
            styles.set_faces("newpage", vec![]),
            Err(Error::Font)
        ));
        assert!(matches!(
            styles.set_faces("nowhere", vec![font]),
            Err(Error::Style(_))
        ));
    }

    #[test]
    fn guess_spaces_are_counted_after_folding() {
        let styles = Styles::standard();
        let space = |name| styles.get(name).unwrap().guess_space();
        assert_eq!(space("newpage"), 33_u64.pow(4));
        assert_eq!(space("member"), 16 * 15 * 14 * 13 * 12);
        assert_eq!(space("ink"), 11_u64.pow(5));
    }

    #[test]
    fn a_look_changes_with_the_style_and_its_faces() {
        let mut styles = Styles::standard();
        let before = styles.get("newpage").unwrap().look();
        assert_eq!(before, Styles::standard().get("newpage").unwrap().look());
        let font =
            Font::parse(include_bytes!("../../fonts/rubik/rubik-700.ttf").as_slice()).unwrap();
        styles.set_faces("newpage", vec![font]).unwrap();
        assert_ne!(before, styles.get("newpage").unwrap().look());
        let ink = styles.get("ink").unwrap();
        let measured = Strength {
            stock: 0.0,
            adapted: 8.5,
            blind: 97.0,
            measured: "2026-11-21",
        };
        let known = Style {
            strength: Some(measured),
            ..ink.clone()
        };
        assert_eq!(ink.look(), known.look());
        assert_ne!(
            ink.look(),
            Style {
                length: 6,
                ..ink.clone()
            }
            .look()
        );
    }

    /// CAP-40
    #[test]
    fn a_face_is_added_to_those_of_any_style_and_changes_its_look() {
        let font =
            Font::parse(include_bytes!("../../fonts/rubik/rubik-700.ttf").as_slice()).unwrap();
        let standard = Styles::standard();
        let mut styles = standard.clone();
        for before in standard.iter() {
            styles.add_face(&before.name, font.clone()).unwrap();
            let after = styles.get(&before.name).unwrap();
            assert_eq!(after.faces.len(), before.faces.len() + 1);
            assert_ne!(after.look(), before.look());
        }
        assert!(matches!(
            styles.add_face("nowhere", font),
            Err(Error::Style(_))
        ));
    }

    /// CAP-27
    #[test]
    fn sizes_are_checked_where_they_enter() {
        let styles = Styles::standard();
        let ink = styles.get("ink").unwrap();
        for (width, height) in [
            (0, 100),
            (15, 100),
            (100, 1025),
            (u32::MAX, u32::MAX),
            (1 << 31, 16),
        ] {
            assert!(matches!(ink.sized(width, height), Err(Error::Size(..))));
        }
        assert_eq!(ink.sized(16, 1024).unwrap().width, 16);
    }

    #[test]
    fn the_same_seed_chooses_the_same_answer() {
        let styles = Styles::standard();
        for style in styles.iter() {
            let choose = |byte| style.choose_from(&Seed::from_bytes([byte; 32])).unwrap();
            assert_eq!(choose(1).reveal(), choose(1).reveal());
            assert_ne!(choose(1).reveal(), choose(2).reveal());
            assert_eq!(choose(3).len(), style.length);
        }
    }
}
