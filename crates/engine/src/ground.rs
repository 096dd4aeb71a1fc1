//! Grounds: large calm shapes under the glyphs that turn ink to paper and paper to ink.

use std::f32::consts::{PI, TAU};

use rand_core::Rng;

use crate::outline::{Outline, Point};
use crate::vary::Vary;

/// How far, in pixels, a flattened curve may be from the true one.
const TOLERANCE: f32 = 0.15;
/// The height of a canvas, in pixels, that has as many shapes as a style asks for. A smaller one has fewer, so that
/// each can still be seen.
const FULL_HEIGHT: f32 = 170.0;
/// The least height, in pixels, that a stroke has to itself.
const LANE: f32 = 60.0;

/// The shapes of a ground. They are folded even-odd with the glyphs, so there is no layer to peel off.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Circles.
    Circles,
    /// Leaves: two arcs from tip to tip.
    Leaves,
    /// Triangles to hexagons.
    Polygons,
    /// Rounded, uneven stones.
    Pebbles,
    /// Slightly bent bands, side by side across the canvas, little wider than the stems of glyphs.
    Bands,
    /// Rings around a point below the canvas, as a rainbow has.
    Rings,
    /// Rays from a point at the lower border.
    Rays,
}

impl Ground {
    /// Adds a ground for a canvas of `width` × `height` to `outline`, of `shapes` shapes where they are single ones.
    pub(crate) fn grow(
        self,
        shapes: u32,
        width: f32,
        height: f32,
        outline: &mut Outline,
        rng: &mut impl Rng,
    ) {
        let draw = match self {
            Self::Bands => return bands(width, height, outline, rng),
            Self::Rings => return rings(width, height, outline, rng),
            Self::Rays => return rays(width, height, outline, rng),
            Self::Circles => circle,
            Self::Leaves => leaf,
            Self::Polygons => polygon,
            Self::Pebbles => pebble,
        };
        let detail = (height / FULL_HEIGHT).clamp(0.1, 1.0).sqrt();
        let shapes = (shapes as f32 * detail).round();
        // Each in its own share of the width.
        for share in 0..shapes as u32 {
            let x = (share as f32 + rng.between(0.2, 0.8)) * width / shapes;
            let centre = Point::new(x, rng.between(0.15, 0.85) * height);
            draw(centre, rng.between(0.24, 0.44) * height, outline, rng);
        }
    }
}

fn circle<R: Rng>(centre: Point, radius: f32, outline: &mut Outline, _: &mut R) {
    outline.circle(centre, radius, TOLERANCE);
}

/// A leaf as long as it likes and about two thirds as wide.
fn leaf<R: Rng>(centre: Point, radius: f32, outline: &mut Outline, rng: &mut R) {
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

fn polygon<R: Rng>(centre: Point, radius: f32, outline: &mut Outline, rng: &mut R) {
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

fn pebble<R: Rng>(centre: Point, radius: f32, outline: &mut Outline, rng: &mut R) {
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
    let pitch = rng.between(0.19, 0.23) * height;
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

/// Circles around one point: even-odd makes every other ring of them.
fn rings(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let centre = Point::new(
        rng.between(0.35, 0.65) * width,
        rng.between(1.1, 1.5) * height,
    );
    let aside = centre.x.max(width - centre.x);
    let furthest = (aside * aside + centre.y * centre.y).sqrt();
    let pitch = rng.between(0.09, 0.11) * height;
    // The nearest lies below the canvas or just in it.
    let mut radius = centre.y - height + rng.between(0.0, 1.0) * pitch;
    while radius < furthest {
        outline.circle(centre, radius, TOLERANCE);
        radius += pitch * rng.between(0.85, 1.15);
    }
}

/// Wedges with their points together.
fn rays(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let source = Point::new(
        rng.between(0.3, 0.7) * width,
        rng.between(0.9, 1.2) * height,
    );
    let (count, reach) = (20 + rng.below(5), width + height);
    let start = rng.between(0.0, TAU);
    for ray in 0..count {
        outline.push(source);
        for side in [0.0, 0.5] {
            let turns = (ray as f32 + side + rng.spread(0.1)) / count as f32;
            let (sin, cos) = libm::sincosf(start + TAU * turns);
            outline.push(Point::new(source.x + reach * cos, source.y + reach * sin));
        }
        outline.close();
    }
}

/// Adds strokes: ribbons that swing across the whole canvas, each in a lane of its own, as many as have room.
pub(crate) fn strokes(
    count: u32,
    thickness: f32,
    width: f32,
    height: f32,
    outline: &mut Outline,
    rng: &mut impl Rng,
) {
    let count = count.min((height / LANE) as u32);
    for stroke in 0..count {
        let lane = 0.2 + 0.6 * (stroke as f32 + 0.5) / count as f32;
        let mut at = |from: f32, to: f32, swing: f32| {
            let (x, y) = (rng.between(from, to), lane + rng.spread(swing));
            Point::new(x * width, y * height)
        };
        let ends = 0.24 / count as f32;
        let curve = [
            at(-0.05, 0.15, ends),
            at(0.2, 0.45, 0.3),
            at(0.55, 0.8, 0.3),
            at(0.85, 1.05, ends),
        ];
        outline.ribbon(curve, thickness, TOLERANCE);
    }
}
