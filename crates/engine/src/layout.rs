//! Layouts: where each glyph of a text stands on the canvas.

use std::f32::consts::TAU;

use rand_core::Rng;

use crate::outline::Point;
use crate::vary::Vary;

/// The most glyphs a picture shows.
pub const MOST_GLYPHS: usize = 12;
/// Glyphs smaller than this, in pixels an em, cannot be read.
const SMALLEST: f32 = 6.0;
/// The size of a few glyphs that could be larger, as a share of the height: strokes cross them as they do others.
const LARGEST: f32 = 0.62;
/// How far a glyph may stand beside its place, either way, in ems.
const JITTER: f32 = 0.036;
/// The height of a capital, in ems, near enough for every face.
const CAPITAL: f32 = 0.7;

/// A way to arrange glyphs. Each scales to any text of 1 to 12 characters.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Layout {
    /// Two tilted, waving, staggered rows, the longer one on top (one row for up to three glyphs, three for nine
    /// and more).
    TopHeavy,
    /// The same with the longer row below.
    BottomHeavy,
    /// Like the eyes of a die: two, one between, two.
    Quincunx,
    /// Two rows bent to an arch or a bowl, each glyph turned along.
    Vault,
    /// Origins side by side at even steps along the top of the canvas.
    Steps,
    /// A line of text. Lengths are shares of the canvas height, or of half its width where that is less.
    Text {
        /// From the left border to the first origin.
        x: f32,
        /// From the upper border to the top of the line.
        y: f32,
        /// The size of an em.
        size: f32,
    },
}

/// A glyph's place: its middle and how it is turned.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// The middle of the glyph's box.
    pub(crate) centre: Point,
    /// Radians, clockwise.
    pub(crate) turn: f32,
}

/// The places for a text, and the size of its glyphs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Pixels an em.
    pub(crate) size: f32,
    /// One place for each glyph, in reading order.
    pub(crate) places: Vec<Place>,
}

impl Places {
    /// Puts `count` glyphs on a canvas of `width` × `height`.
    pub(crate) fn arrange(
        &mut self,
        layout: Layout,
        count: usize,
        width: f32,
        height: f32,
        rng: &mut impl Rng,
    ) {
        let (mut split, rows) = split(count);
        let rows = &mut split[..rows];
        match layout {
            Layout::BottomHeavy => rows.reverse(),
            Layout::Vault if rng.coin() => rows.reverse(),
            _ => (),
        }
        let lattice = match layout {
            Layout::Quincunx if count > 3 => {
                split = interleaved(count);
                return self.lattice(&split, &Lattice::quincunx(rng), width, height, rng);
            }
            Layout::Vault => Lattice::vault(rng),
            _ => Lattice::rows(rng),
        };
        self.lattice(rows, &lattice, width, height, rng);
    }

    /// Puts glyphs on a lattice in the middle of the canvas, as large as it allows.
    fn lattice(
        &mut self,
        rows: &[usize],
        lattice: &Lattice,
        width: f32,
        height: f32,
        rng: &mut impl Rng,
    ) {
        let longest = rows.iter().copied().max().unwrap_or(1) as f32;
        let between = lattice.pitch * (rows.len() as f32 - 1.0);
        let reach = (longest - 1.0) / 2.0 * lattice.advance;
        let deep = between + CAPITAL + lattice.bend.abs() * reach * reach;
        self.size = (0.84 * width / (longest * lattice.advance))
            .min(0.79 * height / deep)
            .min(LARGEST * height);
        // A short row may be tilted more than a long one.
        let (sin, cos) = libm::sincosf(lattice.tilt * 3.0 / longest.max(3.0));
        let middle = |count: usize| (count as f32 - 1.0) / 2.0;
        self.places.clear();
        for (row, &count) in rows.iter().enumerate() {
            let lean = if row % 2 == 0 {
                lattice.stagger
            } else {
                -lattice.stagger
            };
            for column in 0..count {
                let along = (column as f32 - middle(count)) * lattice.advance + lean;
                let down = (row as f32 - middle(rows.len())) * lattice.pitch
                    + lattice.wave * libm::sinf(lattice.phase + along * 1.4)
                    + lattice.bend * (along * along - 0.5);
                let (u, v) = (
                    (along + rng.spread(JITTER)) * self.size,
                    (down + rng.spread(JITTER)) * self.size,
                );
                self.places.push(Place {
                    centre: Point::new(
                        width / 2.0 + u * cos - v * sin,
                        height / 2.0 + u * sin + v * cos,
                    ),
                    turn: lattice.bend * along,
                });
            }
        }
    }
}

/// A grid that glyphs stand on. Lengths are in ems.
struct Lattice {
    /// From a glyph to the next of its row.
    advance: f32,
    /// From row to row.
    pitch: f32,
    /// How far rows are shifted against one another.
    stagger: f32,
    /// The angle of the rows, in radians.
    tilt: f32,
    /// The height of the wave that the rows swing in.
    wave: f32,
    /// Where in the wave the middle is, in radians.
    phase: f32,
    /// How far the ends of the rows hang down, or up.
    bend: f32,
}

impl Lattice {
    fn rows(rng: &mut impl Rng) -> Self {
        Self {
            advance: 0.835,
            pitch: 0.78,
            stagger: rng.spread(0.28),
            tilt: rng.spread(0.24),
            wave: 0.12,
            phase: rng.between(0.0, TAU),
            bend: 0.0,
        }
    }

    fn quincunx(rng: &mut impl Rng) -> Self {
        Self {
            advance: 1.6,
            pitch: 0.46,
            stagger: 0.0,
            tilt: rng.spread(0.16),
            wave: 0.06,
            ..Self::rows(rng)
        }
    }

    fn vault(rng: &mut impl Rng) -> Self {
        let bend = if rng.coin() { 1.0 } else { -1.0 } * rng.between(0.16, 0.28);
        Self {
            stagger: rng.spread(0.12),
            tilt: rng.spread(0.18),
            wave: 0.0,
            bend,
            ..Self::rows(rng)
        }
    }
}

/// Whether glyphs of `size` pixels an em can be read.
pub(crate) fn readable(size: f32) -> bool {
    size >= SMALLEST
}

/// How many glyphs stand in each of three rows whose glyphs stand in one another's gaps.
fn interleaved(count: usize) -> [usize; 3] {
    let third = count / 3;
    // The outer rows are alike, so the middle one is odd where the count is.
    let middle = third + (third + count) % 2;
    [(count - middle) / 2, middle, (count - middle) / 2]
}

/// How many glyphs stand in each row, the longer rows first.
pub(crate) fn split(count: usize) -> ([usize; 3], usize) {
    let rows = match count {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    let mut split = [0; 3];
    for (row, places) in split[..rows].iter_mut().enumerate() {
        *places = count / rows + usize::from(row < count % rows);
    }
    (split, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_glyphs_stand_three_over_two() {
        assert_eq!(split(5), ([3, 2, 0], 2));
        assert_eq!(split(1), ([1, 0, 0], 1));
        assert_eq!(split(11), ([4, 4, 3], 3));
        assert!((1..=MOST_GLYPHS).all(|n| split(n).0.iter().sum::<usize>() == n));
    }

    #[test]
    fn five_glyphs_stand_like_the_eyes_of_a_die() {
        assert_eq!(interleaved(5), [2, 1, 2]);
        assert_eq!(interleaved(4), [1, 2, 1]);
        assert_eq!(interleaved(12), [4, 4, 4]);
        assert!((4..=MOST_GLYPHS).all(|n| interleaved(n).iter().sum::<usize>() == n));
    }
}
