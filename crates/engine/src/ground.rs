//! Grounds: large calm shapes under the glyphs that turn ink to paper and paper to ink.

use std::f32::consts::{PI, TAU};
use std::ops::Range;

use rand_core::Rng;

use crate::outline::{Outline, Point};
use crate::vary::Vary;

/// How far, in pixels, a flattened curve may be from the true one.
const TOLERANCE: f32 = 0.15;
/// The height of a canvas, in pixels, that has as many shapes as a style asks for. A smaller one has fewer, so that
/// each can still be seen.
const FULL_HEIGHT: f32 = 170.0;
/// The height of a canvas, in pixels, from which on lines grow with it. On a smaller one they would be too fine.
const FINE_HEIGHT: f32 = 140.0;
/// From a knot of an edge to the next one, in heights of the canvas.
const KNOT: f32 = 0.3;
/// How far an edge lies beside its place, either way, as a share of the way to the next one.
const ASIDE: f32 = 0.15;
/// How far each knot of an edge wanders beside that.
const WANDER: f32 = 0.33;
/// How far all edges bend together at a knot.
const SWAY: f32 = 0.35;
/// The most edges of a ground of lines.
const MOST_EDGES: usize = 128;
/// The most knots of an edge.
const MOST_KNOTS: usize = 64;
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
    /// Bent bands, side by side across the canvas, little wider than the stems of glyphs. Every edge of these and of what
    /// follows is bent in its own way.
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
    let period = period(height, rng);
    let (bow, swing) = (rng.spread(0.34) * height, rng.spread(0.34) * height);
    // How far the canvas reaches along the bands and across them, bent as they are.
    let length = 1.05 * ((width * cos).abs() + (height * sin).abs());
    let across = (width * sin).abs() + (height * cos).abs() + bow.abs() + swing.abs();
    let edges = edges(across, period) + 2;
    let knots = knots(length, height);
    let half = Point::new(-sin * period / 2.0, cos * period / 2.0);
    let at = |edge: usize, knot: usize| {
        let t = knot as f32 / (knots - 1) as f32;
        let (along, aside) = (length * (t - 0.5), edge as f32 - edges as f32 / 2.0);
        // A cubic curve that is level at both ends, moved back to the middle.
        let bend = 3.0 * t * (1.0 - t) * (bow + swing * (1.0 - 2.0 * t)) - 0.4 * bow;
        let place = Point::new(
            width / 2.0 + along * cos - bend * sin + aside * half.x,
            height / 2.0 + along * sin + bend * cos + aside * half.y,
        );
        (place, half)
    };
    weave(edges, knots, at, outline, rng);
}

/// Rings around one point, as far as the canvas sees them.
fn rings(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let centre = beyond(0.25..0.7, width, height, rng);
    let (middle, furthest) = distance(centre, width, height);
    let period = period(height, rng);
    let nearest = beside(centre, height) - rng.unit() * period;
    let (from, to) = seen(centre, width, height);
    let knots = knots((to - from) * middle, height);
    let mut spokes = [Point::default(); MOST_KNOTS];
    for (knot, spoke) in spokes[..knots].iter_mut().enumerate() {
        *spoke = direction(from + (to - from) * knot as f32 / (knots - 1) as f32);
    }
    let at = |edge: usize, knot: usize| {
        let (spoke, radius) = (spokes[knot], nearest + edge as f32 * period / 2.0);
        let half = Point::new(spoke.x * period / 2.0, spoke.y * period / 2.0);
        let place = Point::new(centre.x + radius * spoke.x, centre.y + radius * spoke.y);
        (place, half)
    };
    weave(edges(furthest - nearest, period), knots, at, outline, rng);
}

/// Rays from one point. It is so far off that none is much finer than others.
fn rays(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    let source = beyond(0.75..1.2, width, height, rng);
    let (middle, furthest) = distance(source, width, height);
    // Radians from an edge to the next one.
    let turn = period(height, rng) / (2.0 * middle);
    let (from, to) = seen(source, width, height);
    let edges = edges((to - from) * middle, 2.0 * turn * middle) + 2;
    let from = from - rng.between(0.5, 1.5) * turn;
    let nearest = 0.9 * beside(source, height);
    let knots = knots(furthest - nearest, height);
    let mut spokes = [Point::default(); MOST_EDGES];
    for (edge, spoke) in spokes[..edges].iter_mut().enumerate() {
        *spoke = direction(from + turn * edge as f32);
    }
    let at = |edge: usize, knot: usize| {
        let spoke = spokes[edge];
        let radius = nearest + (furthest - nearest) * knot as f32 / (knots - 1) as f32;
        let place = Point::new(source.x + radius * spoke.x, source.y + radius * spoke.y);
        let half = Point::new(-spoke.y * radius * turn, spoke.x * radius * turn);
        (place, half)
    };
    weave(edges, knots, at, outline, rng);
}

/// Adds lines between each edge and the next one, an even number of `edges` in all.
///
/// `at` says where a knot of an edge lies, and how far it is to the next edge. Every edge leaves its place by a draw of its
/// own at each knot, and all of them together by another: a ground that a few numbers describe could be worked out
/// from the picture, and taken back.
fn weave(
    edges: usize,
    knots: usize,
    at: impl Fn(usize, usize) -> (Point, Point),
    outline: &mut Outline,
    rng: &mut impl Rng,
) {
    let mut sway = [0.0; MOST_KNOTS];
    sway[..knots].fill_with(|| rng.spread(SWAY));
    for edge in 0..edges {
        let aside = rng.spread(ASIDE);
        let mut knot = |number: usize| {
            // There along one edge of a line, and back along the other.
            let number = if edge.is_multiple_of(2) {
                number
            } else {
                knots - 1 - number
            };
            let (place, half) = at(edge, number);
            let off = aside + rng.spread(WANDER) + sway[number];
            Point::new(place.x + off * half.x, place.y + off * half.y)
        };
        outline.push(knot(0));
        let mut bend = knot(1);
        for number in 2..knots {
            let next = knot(number);
            let end = if number + 1 == knots {
                next
            } else {
                Point::new((bend.x + next.x) / 2.0, (bend.y + next.y) / 2.0)
            };
            outline.quad_to(bend, end, TOLERANCE);
            bend = next;
        }
        if !edge.is_multiple_of(2) {
            outline.close();
        }
    }
}

/// How many edges, an even number, cover `length` pixels.
fn edges(length: f32, period: f32) -> usize {
    (2 * (length / period).ceil() as usize).clamp(2, MOST_EDGES - 2)
}

/// How many knots an edge of `length` pixels has, its ends included.
fn knots(length: f32, height: f32) -> usize {
    ((length / (KNOT * height.max(FINE_HEIGHT))).ceil() as usize + 2).clamp(3, MOST_KNOTS)
}

fn direction(angle: f32) -> Point {
    let (sin, cos) = libm::sincosf(angle);
    Point::new(cos, sin)
}

/// Between which directions a point above or below the canvas sees it.
fn seen(point: Point, width: f32, height: f32) -> (f32, f32) {
    let down = if point.y < 0.0 { 1.0 } else { -1.0 };
    let angle = |x: f32| down * libm::atan2f(beside(point, height), x - point.x);
    let (left, right) = (angle(0.0), angle(width));
    // A little more, as edges wander.
    (left.min(right) - 0.02, left.max(right) + 0.02)
}

/// From a dark line to the next one, in pixels: about twice a stem, so that edges run through every glyph.
fn period(height: f32, rng: &mut impl Rng) -> f32 {
    rng.between(0.195, 0.22) * height.max(FINE_HEIGHT)
}

/// A point above or below the canvas, so many heights away.
fn beyond(heights: Range<f32>, width: f32, height: f32, rng: &mut impl Rng) -> Point {
    let x = rng.between(0.2, 0.8) * width;
    let aside = rng.between(heights.start, heights.end) * height;
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
