//! Grounds: large calm shapes under the glyphs that turn ink to paper and paper to ink.

use std::f32::consts::{PI, TAU};

use rand_core::Rng;

use crate::outline::{Outline, Point};
use crate::vary::Vary;

/// How far, in pixels, a flattened curve may be from the true one.
const TOLERANCE: f32 = 0.15;
/// How many shapes a ground has, each in its own share of the width.
const SHAPES: usize = 5;

/// The shapes of a ground. They are folded even-odd with the glyphs, so there is no layer to peel off.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Circles.
    Circles,
    /// Leaves: two arcs from tip to tip.
    Leaves,
    /// Slightly bent bands, side by side across the canvas.
    Bands,
    /// Triangles to hexagons.
    Polygons,
    /// Rounded, uneven stones.
    Pebbles,
}

impl Ground {
    /// Adds the shapes for a canvas of `width` × `height` to `outline`.
    pub(crate) fn grow(self, width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
        if self == Self::Bands {
            return bands(width, height, outline, rng);
        }
        for share in 0..SHAPES {
            let x = (share as f32 + rng.between(0.2, 0.8)) * width / SHAPES as f32;
            let centre = Point::new(x, rng.between(0.2, 0.8) * height);
            let radius = rng.between(0.28, 0.5) * height;
            match self {
                Self::Circles | Self::Bands => outline.circle(centre, radius, TOLERANCE),
                Self::Leaves => leaf(centre, radius, outline, rng),
                Self::Polygons => polygon(centre, radius, outline, rng),
                Self::Pebbles => pebble(centre, radius, outline, rng),
            }
        }
    }
}

/// A leaf as long as it likes and about two thirds as wide.
fn leaf(centre: Point, radius: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let (sin, cos) = libm::sincosf(rng.between(0.0, PI));
    let (long, wide) = (1.35 * radius, rng.between(1.0, 1.3) * radius);
    let at = |along: f32, aside: f32| {
        Point::new(
            centre.x + along * cos - aside * sin,
            centre.y + along * sin + aside * cos,
        )
    };
    outline.push(at(-long, 0.0));
    outline.cubic_to(
        at(-0.4 * long, -wide),
        at(0.4 * long, -wide),
        at(long, 0.0),
        TOLERANCE,
    );
    outline.cubic_to(
        at(0.4 * long, wide),
        at(-0.4 * long, wide),
        at(-long, 0.0),
        TOLERANCE,
    );
    outline.close();
}

fn polygon(centre: Point, radius: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let sides = 3 + rng.below(4);
    // Fewer sides cover less, so they reach further.
    let radius = radius * (1.0 + 0.9 / sides as f32);
    let start = rng.between(0.0, TAU);
    for side in 0..sides {
        let (sin, cos) = libm::sincosf(start + TAU * side as f32 / sides as f32);
        outline.push(Point::new(centre.x + radius * cos, centre.y + radius * sin));
    }
    outline.close();
}

fn pebble(centre: Point, radius: f32, outline: &mut Outline, rng: &mut impl Rng) {
    const SIDES: u32 = 36;
    let (second, third) = (rng.between(0.12, 0.26), rng.between(0.04, 0.12));
    let (second_at, third_at) = (rng.between(0.0, TAU), rng.between(0.0, TAU));
    for side in 0..SIDES {
        let angle = TAU * side as f32 / SIDES as f32;
        let (sin, cos) = libm::sincosf(angle);
        let bulge = second * libm::sinf(2.0 * angle + second_at)
            + third * libm::sinf(3.0 * angle + third_at);
        let reach = radius * (1.0 + bulge);
        outline.push(Point::new(centre.x + reach * cos, centre.y + reach * sin));
    }
    outline.close();
}

/// Bands over half the canvas, all in one direction.
fn bands(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let (sin, cos) = libm::sincosf(rng.between(0.0, PI));
    let reach = 0.62 * (width * width + height * height).sqrt();
    let pitch = rng.between(0.34, 0.42) * height;
    // How far the canvas reaches across the bands.
    let across = (width * sin).abs() + (height * cos).abs();
    let count = (across / pitch).ceil() as u32 + 1;
    let start = -across / 2.0 + rng.spread(0.5) * pitch;
    let (bow, swing) = (rng.spread(0.45) * height, rng.spread(0.45) * height);
    let at = |along: f32, aside: f32| {
        Point::new(
            width / 2.0 + along * cos - aside * sin,
            height / 2.0 + along * sin + aside * cos,
        )
    };
    for band in 0..count {
        let aside = start + band as f32 * pitch;
        let curve = [
            at(-reach, aside),
            at(-reach / 3.0, aside + bow + swing),
            at(reach / 3.0, aside + bow - swing),
            at(reach, aside),
        ];
        outline.ribbon(curve, rng.between(0.4, 0.56) * pitch, TOLERANCE);
    }
}

/// Adds strokes: ribbons that swing across the whole canvas, each in its own share of the height at either end.
pub(crate) fn strokes(
    count: u32,
    thickness: f32,
    width: f32,
    height: f32,
    outline: &mut Outline,
    rng: &mut impl Rng,
) {
    let (from, to) = (rng.below(count.max(1)), rng.below(count.max(1)));
    for stroke in 0..count {
        let mut at = |x0, x1, y: f32| Point::new(rng.between(x0, x1) * width, y * height);
        let share =
            |turned: u32| 0.2 + 0.6 * (((stroke + turned) % count) as f32 + 0.5) / count as f32;
        let (start, stop) = (at(-0.05, 0.15, share(from)), at(0.85, 1.05, share(to)));
        let (near, far) = (at(0.2, 0.45, share(from)), at(0.55, 0.8, share(to)));
        let mut swing =
            |point: Point, reach: f32| Point::new(point.x, point.y + rng.spread(reach) * height);
        let (ends, bends) = (0.24 / count as f32, 0.42);
        let curve = [
            swing(start, ends),
            swing(near, bends),
            swing(far, bends),
            swing(stop, ends),
        ];
        outline.ribbon(curve, thickness, TOLERANCE);
    }
}
