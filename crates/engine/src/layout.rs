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
/// How far a capital reaches to the sides of its middle, in ems, near enough for every face.
const HALF_WIDE: f32 = 0.36;
/// How far it reaches up and down, a little turned.
const HALF_HIGH: f32 = 0.39;
/// How far glyphs stay from the border, as a share of the height.
pub(crate) const MARGIN: f32 = 0.02;

/// A way to arrange glyphs. Each scales to any text of 1 to 12 characters.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Layout {
    /// Two tilted, waving, staggered rows, the longer one on top (one row for up to three glyphs, three for nine
    /// and more).
    TopHeavy,
    /// The same with the longer row below.
    BottomHeavy,
    /// Two rows bent to arches, glyphs turned along, either of them the longer.
    Vault,
    /// Two rows that hang through, glyphs turned along, either of them the longer.
    Bowl,
    /// One file that goes down from left to right, swinging.
    Stair,
    /// One file that swings up and down.
    Swing,
    /// One file bent to an arch, each glyph turned along.
    Arch,
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

/// How close glyphs stand, and how evenly.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Spacing {
    /// From row to row, in ems. Below 0.8 rows reach into one another, and no level cut parts them.
    pub pitch: f32,
    /// How far rows are shifted against one another at most, either way, in ems.
    pub stagger: f32,
    /// How far a glyph stands beside its place at most, either way, in ems.
    pub jitter: f32,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            pitch: 0.86,
            stagger: 0.28,
            jitter: 0.036,
        }
    }
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
    /// Puts `count` glyphs on a canvas of `width` × `height`, as large as it allows.
    pub(crate) fn arrange(
        &mut self,
        layout: Layout,
        spacing: Spacing,
        count: usize,
        [width, height]: [f32; 2],
        rng: &mut impl Rng,
    ) {
        let (mut rows, mut used) = split(count);
        match layout {
            Layout::BottomHeavy => rows[..used].reverse(),
            Layout::Vault | Layout::Bowl if rng.coin() => rows[..used].reverse(),
            Layout::Stair | Layout::Swing | Layout::Arch if count < 7 => {
                (rows, used) = ([count, 0, 0], 1);
            }
            _ => (),
        }
        let rows_of = |rng: &mut _| Lattice::rows(spacing, rng);
        let lattice = match layout {
            Layout::Vault => rows_of(rng).arched(1.0, rng),
            Layout::Bowl => rows_of(rng).arched(-1.0, rng),
            Layout::Stair => rows_of(rng).stair(rng),
            Layout::Swing => rows_of(rng).swing(rng),
            Layout::Arch => rows_of(rng).arch(rng),
            _ => rows_of(rng),
        };
        self.places.clear();
        for (row, &glyphs) in rows[..used].iter().enumerate() {
            for column in 0..glyphs {
                let place = lattice.place(column, glyphs, row, used);
                let centre = Point::new(
                    place.centre.x + rng.spread(spacing.jitter),
                    place.centre.y + rng.spread(spacing.jitter),
                );
                self.places.push(Place { centre, ..place });
            }
        }
        self.fit(width, height, rng);
    }

    /// Enlarges places in ems to the canvas, and puts them anywhere that leaves all glyphs inside.
    fn fit(&mut self, width: f32, height: f32, rng: &mut impl Rng) {
        let centres = || self.places.iter().map(|place| place.centre);
        let (left, right) = ends(centres().map(|centre| centre.x), HALF_WIDE);
        let (top, bottom) = ends(centres().map(|centre| centre.y), HALF_HIGH);
        let margin = MARGIN * height;
        self.size = ((width - 2.0 * margin) / (right - left))
            .min((height - 2.0 * margin) / (bottom - top))
            .min(LARGEST * height);
        let size = self.size;
        let mut start = |low: f32, high: f32, length: f32| {
            let slack = length - 2.0 * margin - (high - low) * size;
            margin + slack * rng.between(0.2, 0.8) - low * size
        };
        let (x, y) = (start(left, right, width), start(top, bottom, height));
        for place in &mut self.places {
            let centre = &mut place.centre;
            *centre = Point::new(x + centre.x * size, y + centre.y * size);
        }
    }
}

/// The least and the most of some numbers, and `reach` further.
fn ends(numbers: impl Iterator<Item = f32>, reach: f32) -> (f32, f32) {
    let (low, high) = numbers.fold((f32::MAX, f32::MIN), |(low, high), number| {
        (low.min(number), high.max(number))
    });
    (low - reach, high + reach)
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
    /// Radians of the wave in an em.
    swiftness: f32,
    /// Where in the wave the middle is, in radians.
    phase: f32,
    /// How far the ends of the rows hang down, or up.
    bend: f32,
    /// How far a glyph is turned along the bend.
    follow: f32,
}

impl Lattice {
    /// Where a glyph stands, in ems from the middle of all.
    fn place(&self, column: usize, glyphs: usize, row: usize, rows: usize) -> Place {
        let middle = |count: usize| (count as f32 - 1.0) / 2.0;
        let lean = if row.is_multiple_of(2) {
            self.stagger
        } else {
            -self.stagger
        };
        let lean = if rows == 1 { 0.0 } else { lean };
        let along = (column as f32 - middle(glyphs)) * self.advance + lean;
        let down = (row as f32 - middle(rows)) * self.pitch
            + self.wave * libm::sinf(self.phase + along * self.swiftness)
            + self.bend * along * along;
        let (sin, cos) = libm::sincosf(self.tilt);
        Place {
            centre: Point::new(along * cos - down * sin, along * sin + down * cos),
            turn: self.bend * along * self.follow,
        }
    }

    fn rows(spacing: Spacing, rng: &mut impl Rng) -> Self {
        Self {
            advance: 0.84,
            pitch: spacing.pitch,
            stagger: rng.spread(spacing.stagger),
            tilt: rng.spread(0.14),
            wave: 0.1,
            swiftness: 1.4,
            phase: rng.between(0.0, TAU),
            bend: 0.0,
            follow: 0.9,
        }
    }

    fn arched(self, side: f32, rng: &mut impl Rng) -> Self {
        Self {
            tilt: rng.spread(0.1),
            wave: 0.0,
            bend: side * rng.between(0.16, 0.28),
            follow: 0.6,
            ..self
        }
    }

    fn stair(self, rng: &mut impl Rng) -> Self {
        Self {
            advance: 0.7,
            tilt: rng.between(0.3, 0.42),
            wave: 0.2,
            swiftness: 2.2,
            ..self
        }
    }

    fn swing(self, rng: &mut impl Rng) -> Self {
        Self {
            advance: 0.66,
            tilt: rng.spread(0.1),
            wave: rng.between(0.36, 0.48),
            swiftness: rng.between(1.2, 1.8),
            ..self
        }
    }

    fn arch(self, rng: &mut impl Rng) -> Self {
        Self {
            advance: 0.68,
            tilt: rng.spread(0.1),
            wave: 0.0,
            bend: rng.between(0.2, 0.3),
            ..self
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
