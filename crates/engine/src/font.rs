//! Font: the bytes of a face, turned into outlines once.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};

use crate::Error;
use crate::outline::{Bounds, Outline, Point, area};

/// The characters whose outlines are made ready when a font is parsed. Others are outlined when drawn.
const READY: RangeInclusive<char> = '!'..='~';
/// How far, in ems, a flattened curve may be from the true one: a fifth of a pixel at 84 pixels.
const TOLERANCE: f32 = 0.0024;
/// The longest straight piece, in ems, so that a warp bends stems too.
const STEP: f32 = 0.22;
/// More points than this make no letter.
const MOST_POINTS: usize = 4096;

/// A TrueType or OpenType face.
#[derive(Clone)]
pub struct Font {
    bytes: Vec<u8>,
    digest: [u8; 32],
    ascent: f32,
    glyphs: Vec<Option<Glyph>>,
}

/// A letter's shape, in ems, with the origin on the baseline.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// The contours.
    pub outline: Outline,
    /// The box around the contours.
    pub bounds: Bounds,
    /// How far the pen moves on.
    pub advance: f32,
    /// Whether contours may lie over one another, as they do in faces that vary.
    pub overlaps: bool,
}

impl Font {
    /// Reads a face from the bytes of a `.ttf` or `.otf` file.
    ///
    /// # Errors
    /// [`Error::Font`] when the bytes are no such face.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let face = FontRef::new(&bytes).map_err(|_| Error::Font)?;
        let metrics = face.metrics(Size::unscaled(), LocationRef::default());
        if metrics.units_per_em < 16 {
            return Err(Error::Font);
        }
        let ascent = metrics.ascent / f32::from(metrics.units_per_em);
        let glyphs = READY.map(|symbol| glyph(&face, symbol)).collect();
        Ok(Self {
            digest: Sha256::digest(&bytes).into(),
            ascent,
            glyphs,
            bytes,
        })
    }

    /// The shape of `symbol`, or nothing when the face has none or it leaves no ink.
    pub fn glyph(&self, symbol: char) -> Option<Cow<'_, Glyph>> {
        if READY.contains(&symbol) {
            let index = symbol as usize - *READY.start() as usize;
            return self.glyphs.get(index)?.as_ref().map(Cow::Borrowed);
        }
        let face = FontRef::new(&self.bytes).ok()?;
        glyph(&face, symbol).map(Cow::Owned)
    }

    /// How far the top of a line lies above the baseline, in ems.
    pub fn ascent(&self) -> f32 {
        self.ascent
    }

    /// SHA-256 of the file.
    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Font")
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

fn glyph(face: &FontRef<'_>, symbol: char) -> Option<Glyph> {
    let id = face.charmap().map(symbol)?;
    let em = f32::from(
        face.metrics(Size::unscaled(), LocationRef::default())
            .units_per_em,
    );
    let advance = face
        .glyph_metrics(Size::unscaled(), LocationRef::default())
        .advance_width(id)?;
    let mut flattener = Flattener {
        outline: Outline::default(),
        em,
        open: false,
    };
    let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
    face.outline_glyphs()
        .get(id)?
        .draw(settings, &mut flattener)
        .ok()?;
    flattener.finish();
    let outline = flattener.outline;
    let bounds = Bounds::of(outline.points())?;
    let widest = bounds.width().max(bounds.height());
    let readable = bounds.width() > 0.0 && bounds.height() > 0.0 && widest < 16.0;
    let fine = readable && outline.points().len() <= MOST_POINTS;
    fine.then(|| Glyph {
        bounds,
        advance: advance / em,
        overlaps: overlaps(&outline),
        outline,
    })
}

/// Whether two contours that turn the same way reach into one another's box.
fn overlaps(outline: &Outline) -> bool {
    let turned = |contour| Some((area(contour) > 0.0, Bounds::of(contour)?));
    let boxes: Vec<_> = outline.contours().filter_map(turned).take(32).collect();
    let crossing = |a: &Bounds, b: &Bounds| {
        a.min.x < b.max.x && b.min.x < a.max.x && a.min.y < b.max.y && b.min.y < a.max.y
    };
    boxes.iter().enumerate().any(|(number, (turn, a))| {
        let mut others = boxes[..number].iter();
        others.any(|(other_turn, b)| turn == other_turn && crossing(a, b))
    })
}

/// Receives the curves of a glyph in font units, `y` up, and keeps segments in ems, `y` down.
struct Flattener {
    outline: Outline,
    em: f32,
    open: bool,
}

impl Flattener {
    fn point(&self, x: f32, y: f32) -> Point {
        Point::new(x / self.em, -y / self.em)
    }

    fn full(&self) -> bool {
        self.outline.points().len() > MOST_POINTS
    }

    fn finish(&mut self) {
        if self.open {
            self.outline.close();
            self.open = false;
        }
    }
}

impl OutlinePen for Flattener {
    fn move_to(&mut self, x: f32, y: f32) {
        self.finish();
        self.outline.push(self.point(x, y));
        self.open = true;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        if !self.full() {
            self.outline.line_to(self.point(x, y), STEP);
        }
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        if !self.full() {
            self.outline
                .quad_to(self.point(cx, cy), self.point(x, y), TOLERANCE);
        }
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        if !self.full() {
            self.outline.cubic_to(
                self.point(ax, ay),
                self.point(bx, by),
                self.point(x, y),
                TOLERANCE,
            );
        }
    }

    fn close(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rubik() -> Font {
        Font::parse(include_bytes!("../fonts/rubik/rubik-700.ttf").as_slice()).unwrap()
    }

    #[test]
    fn a_capital_stands_on_the_baseline() {
        let font = rubik();
        let glyph = font.glyph('H').unwrap();
        assert!(glyph.bounds.max.y.abs() < 1e-6, "{:?}", glyph.bounds);
        assert!((-0.8..-0.6).contains(&glyph.bounds.min.y));
        assert!(glyph.advance > glyph.bounds.width());
        assert!((0.7..1.2).contains(&font.ascent()));
    }

    #[test]
    fn contours_that_lie_over_one_another_are_known() {
        let square = |outline: &mut Outline, left: f32, right: f32| {
            for (x, y) in [(left, 0.0), (right, 0.0), (right, 1.0), (left, 1.0)] {
                outline.push(Point::new(x, y));
            }
            outline.close();
        };
        let mut outline = Outline::default();
        square(&mut outline, 0.0, 2.0);
        square(&mut outline, 3.0, 4.0);
        assert!(!overlaps(&outline), "side by side");
        square(&mut outline, 1.5, 0.5);
        assert!(!overlaps(&outline), "a hole");
        square(&mut outline, 1.0, 3.5);
        assert!(overlaps(&outline));
    }

    #[test]
    fn no_letter_of_ink_overlaps_itself() {
        let ink = crate::Style::default();
        for face in &ink.faces {
            for symbol in ink.alphabet.symbols().chars() {
                assert!(
                    !face.glyph(symbol).unwrap().overlaps,
                    "{symbol} of {face:?}"
                );
            }
        }
    }

    #[test]
    fn a_symbol_that_a_face_lacks_is_nothing() {
        assert!(rubik().glyph('汉').is_none());
        assert!(rubik().glyph(' ').is_none());
    }

    #[test]
    fn bytes_that_are_no_font_are_refused() {
        for bytes in [
            &b""[..],
            b"\0\x01\0\0",
            b"wOF2 is another container",
            &[0xFF; 4096],
        ] {
            assert!(Font::parse(bytes).is_err());
        }
    }
}
