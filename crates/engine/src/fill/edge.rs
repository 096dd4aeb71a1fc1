//! Edges to cells: the exact area that each edge leaves to its right, in every pixel that it crosses.
//!
//! An edge is cut into pieces that lie in one row and reach over no more than one pixel to the side: a row of a steep
//! edge, a half, a quarter or an eighth of a row where it is flatter. Such a piece touches two pixels at most. Flatter
//! ones yet are cut into eighths too, and each counts where its middle is: with the eight steps that pictures have
//! between paper and ink, no eye can tell.
//!
//! Edges are sorted by how they are cut, since a processor foresees a loop that it runs many times over.

use std::hint::select_unpredictable;

use super::cells::{Block, Cells};
use crate::outline::Point;

/// One pixel in the fixed point of coordinates, and full coverage.
const ONE: i32 = 256;
/// The same in the finer fixed point of places within a row.
const FINE: u32 = 65_536;
/// Into how many pieces a row is cut, as a power of two; the last class counts by its middle.
const CLASSES: usize = 5;

/// Edges that wait to be added, by class.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges([Vec<Edge>; CLASSES]);

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
        self.walk::<0>(cells);
        self.walk::<1>(cells);
        self.walk::<2>(cells);
        self.walk::<3>(cells);
        self.walk::<4>(cells);
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
        let pace = if pace < MOST { pace } else { MOST } as i32;
        self.0[class].push(Edge {
            x: top.x << 8,
            y: top.y as u32,
            end: bottom.y as u32,
            pace: pace as u32,
            share: (8_388_608.0 / pace as f32) as i32 as u32,
            winding: if down { 1 } else { -1 },
            leftward: dx >> 31,
        });
    }

    fn walk<const CLASS: usize>(&mut self, cells: &mut Cells) {
        let stride = cells.blocks_in_row() as u32;
        let step = ONE as u32 >> CLASS.min(3);
        for mut edge in self.0[CLASS].drain(..) {
            let blocks = cells.blocks_mut();
            let until = ((edge.y | (step - 1)) + 1).min(edge.end);
            edge.piece::<CLASS>(until - edge.y, stride, blocks);
            while edge.y + step <= edge.end {
                edge.piece::<CLASS>(step, stride, blocks);
            }
            if edge.y < edge.end {
                edge.piece::<CLASS>(edge.end - edge.y, stride, blocks);
            }
        }
    }
}

/// An edge, or what is left of one, from its upper end.
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
    /// 1 where the edge leads down, else -1.
    winding: i32,
    /// All bits where the edge leads to the left, else none.
    leftward: i32,
}

impl Edge {
    /// Adds the uppermost piece, and is what is left.
    ///
    /// Of a piece of height h that reaches over w, the pixel where it begins lacks h times the middle of it, less what
    /// lies beyond the pixel's right border: a triangle of h/w by one, over which it sticks out by e, so h·e²/2w.
    #[inline(always)]
    fn piece<const CLASS: usize>(&mut self, height: u32, stride: u32, blocks: &mut [Block]) {
        let row = (self.y >> 8) * stride;
        self.y += height;
        let wide = (self.pace * height) >> 8;
        let left = self.x - (wide as i32 & self.leftward);
        self.x = left + (wide as i32 & !self.leftward);
        let (left, wide) = if CLASS < 4 {
            (left as u32, wide)
        } else {
            (left as u32 + wide / 2, 0)
        };
        let place = left % FINE;
        let over = (place + wide).wrapping_sub(FINE);
        let over = select_unpredictable(place + wide > FINE, over, 0);
        let beyond = ((((over * over) >> 16) * self.share) >> 16) as i32;
        let lacks = ((height * (place + wide / 2)) >> 16) as i32 - beyond;
        if let Some(block) = blocks.get_mut((row + (left >> 22)) as usize) {
            let changes = [height as i32 - lacks, lacks - beyond, beyond];
            block.add(left >> 16, changes.map(|change| change * self.winding));
        }
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
