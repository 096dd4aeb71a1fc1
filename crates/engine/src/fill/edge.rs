//! Edges to cells: the exact area that each edge leaves to its right, in every pixel that it crosses.
//!
//! An edge is cut into pieces that lie in one row and reach over no more than one pixel to the side: a row of a steep
//! edge, a half, a quarter or an eighth of a row where it is flatter. Such a piece touches two pixels at most. Flatter
//! ones yet are cut into eighths too, and each counts where its middle is: with the eight steps that pictures have
//! between paper and ink, no eye can tell.
//!
//! Edges are sorted by how they are cut and whether they lead down, since a processor foresees a loop that it runs many
//! times over, and each loop then does no more than its edges need.

use std::hint::select_unpredictable;

use super::cells::{Adder, Cells};
use crate::outline::Point;

/// One pixel in the fixed point of coordinates, and full coverage.
const ONE: i32 = 256;
/// The same in the finer fixed point of places within a row.
const FINE: u32 = 65_536;
/// Into how many pieces a row is cut, as a power of two; the last class counts by its middle.
const CLASSES: usize = 5;

/// Edges that wait to be added, by class; of each those that lead up, and those that lead down.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges([[Vec<Edge>; 2]; CLASSES]);

impl Edges {
    /// Adds closed contours to `cells`, their coordinates multiplied by `scale`.
    pub(super) fn trace<'a>(
        &mut self,
        contours: impl Iterator<Item = &'a [Point]>,
        scale: f32,
        cells: &mut Cells,
    ) {
        let canvas = Canvas {
            right: cells.width() as i32 * ONE,
            low: cells.height() as i32 * ONE,
        };
        for contour in contours {
            let Some(last) = contour.last() else {
                continue;
            };
            let mut from = Spot::of(last, scale);
            let mut from_held = canvas.holds(from);
            for to in contour {
                let to = Spot::of(to, scale);
                let to_held = canvas.holds(to);
                if from_held & to_held {
                    self.push(from, to);
                } else {
                    canvas.clip(from, to, |from, to| self.push(from, to));
                }
                (from, from_held) = (to, to_held);
            }
        }
        self.walk::<0, false>(cells);
        self.walk::<0, true>(cells);
        self.walk::<1, false>(cells);
        self.walk::<1, true>(cells);
        self.walk::<2, false>(cells);
        self.walk::<2, true>(cells);
        self.walk::<3, false>(cells);
        self.walk::<3, true>(cells);
        self.walk::<4, false>(cells);
        self.walk::<4, true>(cells);
    }

    #[inline(always)]
    fn push(&mut self, from: Spot, to: Spot) {
        let down = from.y < to.y;
        let pick = |a, b| select_unpredictable(down, a, b);
        let (top, bottom) = (
            Spot {
                x: pick(from.x, to.x),
                y: pick(from.y, to.y),
            },
            Spot {
                x: pick(to.x, from.x),
                y: pick(to.y, from.y),
            },
        );
        let (dx, dy) = (bottom.x - top.x, bottom.y - top.y);
        if dy == 0 {
            return;
        }
        let wide = dx.abs();
        let class = [dy, 2 * dy, 4 * dy, 8 * dy]
            .iter()
            .map(|reach| usize::from(wide > *reach))
            .sum::<usize>();
        // More than any canvas is wide, and few enough that a piece's reach fits in 32 bits.
        const MOST: f32 = 67_108_864.0;
        let pace = FINE as f32 * wide as f32 / dy as f32;
        let pace = if pace < MOST { pace } else { MOST } as u32;
        self.0[class][usize::from(down)].push(Edge {
            x: top.x << 8,
            y: top.y as u32,
            end: bottom.y as u32,
            pace,
            share: 8_388_608 / pace.max(1),
            leftward: dx >> 31,
        });
    }

    #[inline(never)]
    fn walk<const CLASS: usize, const DOWN: bool>(&mut self, cells: &mut Cells) {
        let step = ONE as u32 >> CLASS.min(3);
        let mut adder = cells.adder();
        for edge in self.0[CLASS][usize::from(DOWN)].drain(..) {
            let mut walk = Walk::<CLASS, DOWN> {
                x: edge.x,
                y: edge.y,
                edge,
            };
            let until = ((edge.y | (step - 1)) + 1).min(edge.end);
            walk.part(until - edge.y, &mut adder);
            walk.steps(step, &mut adder);
            if walk.y < edge.end {
                walk.part(edge.end - walk.y, &mut adder);
            }
        }
    }
}

/// An edge from its upper end.
#[derive(Copy, Clone, Debug)]
struct Edge {
    /// 65536ths of a pixel.
    x: i32,
    /// 256ths of a row.
    y: u32,
    /// Where the edge ends.
    end: u32,
    /// How far a row takes the edge to the side, in 65536ths of a pixel.
    pace: u32,
    /// 2²³ over the pace.
    share: u32,
    /// All bits where the edge leads to the left, else none.
    leftward: i32,
}

/// How far an edge has been added.
struct Walk<const CLASS: usize, const DOWN: bool> {
    edge: Edge,
    x: i32,
    y: u32,
}

impl<const CLASS: usize, const DOWN: bool> Walk<CLASS, DOWN> {
    /// Adds a piece that may be lower than a step.
    #[inline(always)]
    fn part(&mut self, height: u32, adder: &mut Adder) {
        let wide = self.wide(height);
        let left = self.x - (wide as i32 & self.edge.leftward);
        let row = adder.row(self.y >> 8);
        self.add(row, left as u32, height, wide, adder);
        self.x = left + (wide as i32 & !self.edge.leftward);
        self.y += height;
    }

    /// Adds all steps that are left.
    #[inline(always)]
    fn steps(&mut self, step: u32, adder: &mut Adder) {
        let wide = self.wide(step);
        let back = wide as i32 & self.edge.leftward;
        let forth = wide as i32 - 2 * back;
        let mut left = self.x - back;
        let mut row = adder.row(self.y >> 8);
        for _ in 0..(self.edge.end - self.y) / step {
            if CLASS > 0 {
                row = adder.row(self.y >> 8);
            }
            self.add(row, left as u32, step, wide, adder);
            if CLASS == 0 {
                row += adder.row(1);
            }
            left += forth;
            self.y += step;
        }
        self.x = left + back;
    }

    /// How far a piece reaches to the side.
    fn wide(&self, height: u32) -> u32 {
        (self.edge.pace * height) >> 8
    }

    /// Adds a piece of which only the place of its left end is still to be told.
    ///
    /// Of a piece of height h that reaches over w, the pixel where it begins lacks h times the middle of it, less what
    /// lies beyond the pixel's right border: a triangle of h/w by one, over which it sticks out by e, so h·e²/2w.
    #[inline(always)]
    fn add(&self, row: u32, left: u32, height: u32, wide: u32, adder: &mut Adder) {
        let (left, wide) = if CLASS < 4 {
            (left, wide)
        } else {
            (left + wide / 2, 0)
        };
        let place = left % FINE;
        let (over, inside) = (place + wide).overflowing_sub(FINE);
        let over = select_unpredictable(inside, 0, over);
        let beyond = ((((over * over) >> 16) * self.edge.share) >> 16) as i32;
        let lacks = ((height * (place + wide / 2)) >> 16) as i32 - beyond;
        let changes = [height as i32 - lacks, lacks - beyond, beyond];
        let changes = changes.map(|change| if DOWN { change } else { -change });
        adder.add(row + (left >> 16), changes, !inside);
    }
}

/// A point in fixed point: 256ths of a pixel.
#[derive(Copy, Clone, Debug)]
struct Spot {
    x: i32,
    y: i32,
}

impl Spot {
    fn of(point: &Point, scale: f32) -> Self {
        Self {
            x: fixed(point.x * (scale * ONE as f32)),
            y: fixed(point.y * (scale * ONE as f32)),
        }
    }
}

/// A coordinate in fixed point, rounded. What is no number is far outside, and none is so large that a difference
/// overflows.
///
/// Adding 3·2²² leaves the whole part in the lowest bits of the fraction, and needs no branch as a cast does.
fn fixed(coordinate: f32) -> i32 {
    const WHOLE: f32 = 12_582_912.0;
    const FAR: f32 = 2_097_152.0;
    // In this order each is one instruction, and what is no number becomes the lowest.
    let held = if coordinate > -FAR { coordinate } else { -FAR };
    let held = if held < FAR { held } else { FAR } + WHOLE;
    held.to_bits() as i32 - WHOLE.to_bits() as i32
}

/// The borders of the canvas that are not at zero.
struct Canvas {
    right: i32,
    low: i32,
}

impl Canvas {
    fn holds(&self, spot: Spot) -> bool {
        // What is below zero is huge without a sign.
        (spot.x as u32 <= self.right as u32) & (spot.y as u32 <= self.low as u32)
    }

    /// Cuts an edge at the borders. What is left of the canvas counts at its border, what is right of it not at all.
    fn clip(&self, from: Spot, to: Spot, mut push: impl FnMut(Spot, Spot)) {
        if from.y.max(to.y) <= 0 || from.y.min(to.y) >= self.low || from.x.min(to.x) >= self.right {
            return;
        }
        let cut = |spot: Spot| {
            let y = spot.y.clamp(0, self.low);
            Spot {
                x: if y == spot.y {
                    spot.x
                } else {
                    along((from.y, to.y), (from.x, to.x), y)
                },
                y,
            }
        };
        let (start, end) = (cut(from), cut(to));
        let beside = |spot: Spot| {
            let x = spot.x.clamp(0, self.right);
            Spot {
                x,
                y: if x == spot.x {
                    spot.y
                } else {
                    along((start.x, end.x), (start.y, end.y), x)
                },
            }
        };
        let at_left = |spot: Spot| Spot { x: 0, ..spot };
        if start.x.max(end.x) <= 0 {
            return push(at_left(start), at_left(end));
        }
        if start.x.min(end.x) >= self.right {
            return;
        }
        let (inner_start, inner_end) = (beside(start), beside(end));
        if start.x < 0 {
            push(at_left(start), inner_start);
        }
        push(inner_start, inner_end);
        if end.x < 0 {
            push(inner_end, at_left(end));
        }
    }
}

/// What `to` is where `of` is `at`, if both go evenly from their first to their second value.
fn along(of: (i32, i32), to: (i32, i32), at: i32) -> i32 {
    let share = (at - of.0) as f32 / (of.1 - of.0) as f32;
    let value = to.0 + ((to.1 - to.0) as f32 * share) as i32;
    value.clamp(to.0.min(to.1), to.0.max(to.1))
}
