//! Layouts: where each glyph of a text stands on the canvas.

use std::f32::consts::TAU;

use rand_core::Rng;

use crate::outline::Point;
use crate::vary::Vary;

/// The most glyphs a picture shows.
pub const MOST_GLYPHS: usize = 12;
/// Glyphs smaller than this, in pixels an em, cannot be read.
const SMALLEST: f32 = 6.0;
/// How far apart glyphs of a row stand, in ems.
const ADVANCE: f32 = 0.835;
/// How far apart rows stand, in ems.
const PITCH: f32 = 0.75;
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
        if layout == Layout::BottomHeavy {
            split[..rows].reverse();
        }
        self.rows(&split[..rows], width, height, rng);
    }

    /// Staggered rows of glyphs on a tilted lattice, the baseline a sine, in the middle of the canvas.
    fn rows(&mut self, rows: &[usize], width: f32, height: f32, rng: &mut impl Rng) {
        let longest = rows.iter().copied().max().unwrap_or(1) as f32;
        let between = PITCH * (rows.len() as f32 - 1.0);
        self.size = (0.7 * width / (longest * ADVANCE)).min(0.72 * height / (between + CAPITAL));
        let (tilt, phase, stagger) = (rng.spread(0.24), rng.between(0.0, TAU), rng.spread(0.3));
        let (sin, cos) = libm::sincosf(tilt / longest.max(1.0) * 3.0);
        let wave = 0.06 * height;
        self.places.clear();
        for (row, &count) in rows.iter().enumerate() {
            let lean = if row % 2 == 0 { stagger } else { -stagger };
            for column in 0..count {
                let jitter = Point::new(rng.spread(0.036), rng.spread(0.036));
                let u = (column as f32 - (count as f32 - 1.0) / 2.0 + lean) * ADVANCE * self.size;
                let v = (row as f32 - (rows.len() as f32 - 1.0) / 2.0) * PITCH * self.size
                    + wave * libm::sinf(phase + u / (0.35 * height));
                self.places.push(Place {
                    centre: Point::new(
                        width / 2.0 + u * cos - v * sin + jitter.x * self.size,
                        height / 2.0 + u * sin + v * cos + jitter.y * self.size,
                    ),
                    turn: 0.0,
                });
            }
        }
    }
}

/// Whether glyphs of `size` pixels an em can be read.
pub(crate) fn readable(size: f32) -> bool {
    size >= SMALLEST
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
}
