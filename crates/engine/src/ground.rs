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
/// The height of a canvas, in pixels, from which on lines grow with it. On a smaller one they would be too fine.
const FINE_HEIGHT: f32 = 138.0;
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
    /// Rings around a point above or below the canvas, like a rainbow.
    Rings,
    /// Rays from a point above or below the canvas.
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
    let period = period(height, rng);
    // How far the canvas reaches across the bands.
    let across = (width * sin).abs() + (height * cos).abs();
    let count = (across / period).ceil() as u32 + 1;
    let start = -across / 2.0 + rng.spread(0.5) * period;
    let (bow, swing) = (rng.spread(0.45) * height, rng.spread(0.45) * height);
    let at = |along: f32, aside: f32| {
        Point::new(
            width / 2.0 + along * cos - aside * sin,
            height / 2.0 + along * sin + aside * cos,
        )
    };
    for band in 0..count {
        let aside = start + band as f32 * period;
        let curve = [
            at(-reach, aside),
            at(-reach / 3.0, aside + bow + swing),
            at(reach / 3.0, aside + bow - swing),
            at(reach, aside),
        ];
        outline.ribbon(curve, rng.between(0.4, 0.56) * period, TOLERANCE);
    }
}

/// Circles around one point: even-odd makes every other ring of them.
fn rings(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let centre = beyond(width, height, rng);
    let furthest = distance(centre, width, height).1;
    let half = period(height, rng) / 2.0;
    let mut radius = beside(centre, height) + rng.between(0.0, 1.0) * half;
    while radius < furthest {
        outline.circle(centre, radius, TOLERANCE);
        radius += half * rng.between(0.85, 1.15);
    }
}

/// Wedges with their points together.
fn rays(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let source = beyond(width, height, rng);
    let (middle, reach) = distance(source, width, height);
    let count = (TAU * middle / period(height, rng)).round();
    let start = rng.between(0.0, TAU);
    for ray in 0..count as u32 {
        outline.push(source);
        for side in [0.0, 0.5] {
            let turns = (ray as f32 + side + rng.spread(0.1)) / count;
            let (sin, cos) = libm::sincosf(start + TAU * turns);
            // Wedges are cut off straight, so they reach further than the furthest corner.
            let reach = 1.1 * reach;
            outline.push(Point::new(source.x + reach * cos, source.y + reach * sin));
        }
        outline.close();
    }
}

/// From a dark line to the next one, in pixels: about twice a stem, so that edges run through every glyph.
fn period(height: f32, rng: &mut impl Rng) -> f32 {
    rng.between(0.19, 0.22) * height.max(FINE_HEIGHT)
}

/// A point a little above or below the canvas.
fn beyond(width: f32, height: f32, rng: &mut impl Rng) -> Point {
    let x = rng.between(0.2, 0.8) * width;
    let aside = rng.between(0.25, 0.7) * height;
    Point::new(x, if rng.coin() { -aside } else { height + aside })
}

/// How far a point above or below the canvas is from it.
fn beside(point: Point, height: f32) -> f32 {
    (-point.y).max(point.y - height)
}

/// How far a point is from the middle of the canvas, and from its furthest corner.
fn distance(point: Point, width: f32, height: f32) -> (f32, f32) {
    let length = |x: f32, y: f32| (x * x + y * y).sqrt();
    let (x, y) = (point.x - width / 2.0, point.y - height / 2.0);
    (
        length(x, y),
        length(x.abs() + width / 2.0, y.abs() + height / 2.0),
    )
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
