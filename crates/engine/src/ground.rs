//! Grounds: large calm shapes under the glyphs that turn ink to paper and paper to ink.

use rand_core::Rng;

use crate::outline::{Outline, Point};
use crate::vary::Vary;

/// The shapes of a ground. They are folded even-odd with the glyphs, so there is no layer to peel off.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Five circles, one to each fifth of the width.
    Circles,
}

impl Ground {
    /// Adds the shapes for a canvas of `width` × `height` to `outline`.
    pub(crate) fn grow(self, width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
        match self {
            Self::Circles => circles(width, height, outline, rng),
        }
    }
}

fn circles(width: f32, height: f32, outline: &mut Outline, rng: &mut impl Rng) {
    for fifth in 0..5 {
        let x = (fifth as f32 + rng.between(0.2, 0.8)) * width / 5.0;
        let y = rng.between(0.2, 0.8) * height;
        outline.circle(Point::new(x, y), rng.between(0.28, 0.5) * height, 0.1);
    }
}

/// Adds a stroke: a ribbon that swings across the whole canvas.
pub(crate) fn stroke(
    thickness: f32,
    width: f32,
    height: f32,
    outline: &mut Outline,
    rng: &mut impl Rng,
) {
    let mut at =
        |x0, x1, y0, y1| Point::new(rng.between(x0, x1) * width, rng.between(y0, y1) * height);
    let curve = [
        at(-0.05, 0.15, 0.2, 0.8),
        at(0.2, 0.45, -0.1, 1.1),
        at(0.55, 0.8, -0.1, 1.1),
        at(0.85, 1.05, 0.2, 0.8),
    ];
    outline.ribbon(curve, thickness, 0.1);
}
