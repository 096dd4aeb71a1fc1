//! Outlines to coverage: a sparse scan converter with exact areas in fixed point.
//!
//! Every edge adds, to each pixel it crosses, how much winding it brings from there on to the right. Adding those
//! changes up along a row gives each pixel's coverage. Only touched pixels are visited: a bit for each says where
//! they are, and between two of them the coverage stands still. So a picture costs its edges, not its area.
//!
//! The idea of signed area accumulation is from R. Levien's font-rs; the bit map in place of sorted cells is ours.

use crate::outline::Point;
use crate::raster::Raster;
use crate::scene::Scene;

/// One pixel in the fixed point of coordinates and of coverage.
const ONE: i32 = 256;

/// Which side of an edge is ink.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Ink wherever an odd number of shapes overlap.
    EvenOdd,
    /// Ink wherever the outlines wind around, however often.
    NonZero,
}

impl Fold {
    /// Coverage from 0 to 256 for a sum of windings.
    fn coverage(self, winding: i16) -> u16 {
        match self {
            Self::EvenOdd => {
                let folded = winding.unsigned_abs() & 511;
                if folded > 256 { 512 - folded } else { folded }
            }
            Self::NonZero => winding.unsigned_abs().min(256),
        }
    }
}

/// The scan converter's scratch. It keeps its memory between pictures.
#[derive(Clone, Debug, Default)]
pub struct Fill {
    width: usize,
    height: usize,
    /// Changes of winding, one row after the other; each row has two spare cells at its end.
    cells: Vec<i16>,
    /// A bit for each cell that starts a pair of changed cells.
    touched: Vec<u64>,
}

impl Fill {
    /// Makes room for a canvas. All scratch is clean afterwards.
    pub fn start(&mut self, width: usize, height: usize) {
        if (self.width, self.height) != (width, height) {
            (self.width, self.height) = (width, height);
            self.cells.clear();
            self.cells.resize(self.stride() * height, 0);
            self.touched.clear();
            self.touched.resize(self.words() * height, 0);
        }
    }

    /// Paints the layers of a scene, enlarged by `scale`, over a raster.
    pub fn paint(&mut self, scene: &Scene, scale: f32, raster: &mut Raster) {
        let width = raster.width();
        self.start(width, raster.height());
        let mut contours = scene.outline.contours();
        for layer in &scene.layers {
            for contour in contours.by_ref().take(layer.contours.len()) {
                self.add(contour, scale);
            }
            let pixels = raster.pixels_mut();
            self.resolve(layer.fold, layer.levels, |row, from, to, level| {
                pixels[row * width + from..row * width + to].fill(layer.first + level - 1);
            });
        }
    }

    fn stride(&self) -> usize {
        self.width + 2
    }

    fn words(&self) -> usize {
        (self.width + 1) / 64 + 1
    }

    /// Adds a closed contour, its coordinates multiplied by `scale`.
    pub fn add(&mut self, contour: &[Point], scale: f32) {
        let fixed = |p: &Point| (fixed(p.x * scale), fixed(p.y * scale));
        let Some(last) = contour.last() else { return };
        let mut from = fixed(last);
        for point in contour {
            let to = fixed(point);
            self.edge(from, to);
            from = to;
        }
    }

    /// Adds an edge, cut to the canvas. What lies left of it counts at its left border; what lies above, below or
    /// to the right changes nothing inside.
    fn edge(&mut self, a: (i32, i32), b: (i32, i32)) {
        if a.1 == b.1 {
            return;
        }
        let (top, bottom, sign) = if a.1 < b.1 { (a, b, 1) } else { (b, a, -1) };
        let (right, low) = (self.width as i32 * ONE, self.height as i32 * ONE);
        if bottom.1 <= 0 || top.1 >= low || (top.0 >= right && bottom.0 >= right) {
            return;
        }
        let inside = |x: i32| (0..=right).contains(&x);
        if top.1 >= 0 && bottom.1 <= low && inside(top.0) && inside(bottom.0) {
            return self.run(top, bottom, sign);
        }
        let at_y = |y: i32| (along(top.1, bottom.1, top.0, bottom.0, y), y);
        let top_in = if top.1 < 0 { at_y(0) } else { top };
        let bottom_in = if bottom.1 > low { at_y(low) } else { bottom };
        let mut cuts = [top_in.1, bottom_in.1, bottom_in.1, bottom_in.1];
        for (cut, border) in cuts[1..3].iter_mut().zip([0, right]) {
            if (top_in.0 < border) != (bottom_in.0 < border) {
                *cut = along(top_in.0, bottom_in.0, top_in.1, bottom_in.1, border)
                    .clamp(top_in.1, bottom_in.1);
            }
        }
        cuts[1..3].sort_unstable();
        let held = |y: i32| {
            (
                along(top_in.1, bottom_in.1, top_in.0, bottom_in.0, y).clamp(0, right),
                y,
            )
        };
        for pair in cuts.windows(2) {
            if pair[0] < pair[1] {
                self.run(held(pair[0]), held(pair[1]), sign);
            }
        }
    }

    /// Adds an edge that lies inside the canvas and leads down.
    fn run(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), sign: i32) {
        // 16 further bits, so that a step of one row keeps its place to the end of the canvas.
        let slope = (i64::from(x1 - x0) << 16) / i64::from(y1 - y0);
        let x_at = |y: i32| x0 + ((slope * i64::from(y - y0)) >> 16) as i32;
        let mut y = y0;
        let mut x = x0;
        while y < y1 {
            let row = y / ONE;
            let next_y = (row * ONE + ONE).min(y1);
            let next_x = if next_y == y1 { x1 } else { x_at(next_y) };
            self.crossing(row as usize, x, next_x, (next_y - y) * sign);
            (x, y) = (next_x, next_y);
        }
    }

    /// Adds the part of an edge inside one row: from `xa` to `xb`, bringing `rise` of winding.
    fn crossing(&mut self, row: usize, xa: i32, xb: i32, rise: i32) {
        let (left, right) = if xa < xb { (xa, xb) } else { (xb, xa) };
        let (first, last) = ((left / ONE) as usize, (right / ONE) as usize);
        if first == last {
            let beyond = rise * (left + right - 2 * ONE * first as i32) / (2 * ONE);
            return self.touch(row, first, rise - beyond, beyond);
        }
        let span = right - left;
        let mut brought = 0;
        let mut edge = left;
        for column in first..=last {
            let stop = ((column as i32 + 1) * ONE).min(right);
            let upto = if stop == right {
                rise
            } else {
                rise * (stop - left) / span
            };
            let part = upto - brought;
            let beyond = part * (edge + stop - 2 * ONE * column as i32) / (2 * ONE);
            self.touch(row, column, part - beyond, beyond);
            (edge, brought) = (stop, upto);
        }
    }

    fn touch(&mut self, row: usize, column: usize, here: i32, beyond: i32) {
        let at = row * self.stride() + column;
        if let [a, b] = &mut self.cells[at..at + 2] {
            *a = a.wrapping_add(here as i16);
            *b = b.wrapping_add(beyond as i16);
        }
        let word = row * self.words() + column / 64;
        self.touched[word] |= 1 << (column % 64);
    }

    /// Turns what was added into runs of equal level and cleans the scratch.
    ///
    /// Coverage is cut into `levels` steps from 0 (none) to `levels - 1` (full). `paint` is called from left to
    /// right with the row, where a run starts, where it ends, and its level, for every level above 0.
    pub fn resolve(
        &mut self,
        fold: Fold,
        levels: u8,
        mut paint: impl FnMut(usize, usize, usize, u8),
    ) {
        let full = u16::from(levels.max(2) - 1);
        let level = |winding: i16| ((fold.coverage(winding) * full + 128) >> 8) as u8;
        let (width, stride, words) = (self.width, self.stride(), self.words());
        let rows = self
            .cells
            .chunks_exact_mut(stride)
            .zip(self.touched.chunks_exact_mut(words));
        for (row, (cells, touched)) in rows.enumerate() {
            let mut winding = 0i16;
            let mut current = (0, 0u8);
            let mut carry = 0;
            let mut step = |x: usize, level: u8| {
                if level != current.1 {
                    if current.1 != 0 && current.0 < x {
                        paint(row, current.0, x, current.1);
                    }
                    current = (x, level);
                }
            };
            let mut expected = 0;
            for (index, word) in touched.iter_mut().enumerate() {
                let mut bits = *word | (*word << 1) | carry;
                carry = *word >> 63;
                *word = 0;
                while bits != 0 {
                    let x = index * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if x >= width {
                        cells[x.min(stride - 1)] = 0;
                        continue;
                    }
                    if x != expected {
                        step(expected, level(winding));
                    }
                    winding = winding.wrapping_add(std::mem::take(&mut cells[x]));
                    step(x, level(winding));
                    expected = x + 1;
                }
            }
            step(expected, level(winding));
            step(width, 0);
        }
    }
}

/// A coordinate in fixed point. Numbers that are no number are zero, and no number is so large that sums overflow.
fn fixed(coordinate: f32) -> i32 {
    ((coordinate * ONE as f32) as i32).clamp(-(1 << 24), 1 << 24)
}

/// Where a line is at `at`, on its way from `v0` to `v1` while the other coordinate goes from `start` to `end`.
fn along(start: i32, end: i32, v0: i32, v1: i32, at: i32) -> i32 {
    let (done, all) = (
        i64::from(at) - i64::from(start),
        i64::from(end) - i64::from(start),
    );
    if all == 0 {
        v0
    } else {
        v0 + (i64::from(v1 - v0) * done / all) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, fold: Fold, contours: &[&[(f32, f32)]]) -> Vec<u8> {
        let mut fill = Fill::default();
        fill.start(width, height);
        for contour in contours {
            let points: Vec<_> = contour.iter().map(|&(x, y)| Point::new(x, y)).collect();
            fill.add(&points, 1.0);
        }
        let mut pixels = vec![0; width * height];
        fill.resolve(fold, 255, |row, from, to, level| {
            pixels[row * width + from..row * width + to].fill(level);
        });
        assert!(fill.cells.iter().all(|&c| c == 0), "scratch is left clean");
        assert!(
            fill.touched.iter().all(|&w| w == 0),
            "scratch is left clean"
        );
        pixels
    }

    fn square(left: f32, top: f32, right: f32, bottom: f32) -> [(f32, f32); 4] {
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    }

    #[test]
    fn a_square_on_pixel_borders_is_sharp() {
        let pixels = picture(4, 3, Fold::EvenOdd, &[&square(1.0, 1.0, 3.0, 2.0)]);
        assert_eq!(pixels, [0, 0, 0, 0, 0, 254, 254, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn half_a_pixel_is_half_covered() {
        let pixels = picture(3, 1, Fold::NonZero, &[&square(0.5, 0.0, 1.25, 1.0)]);
        assert_eq!(pixels, [127, 64, 0]);
    }

    #[test]
    fn a_triangle_covers_its_area() {
        let pixels = picture(
            100,
            100,
            Fold::NonZero,
            &[&[(3.3, 2.1), (95.7, 40.2), (20.4, 97.9)]],
        );
        let covered = pixels.iter().map(|&p| f32::from(p) / 254.0).sum::<f32>();
        let (ax, ay, bx, by) = (92.4f32, 38.1, 17.1, 95.8);
        assert!(
            (covered - (ax * by - ay * bx) / 2.0).abs() < 8.0,
            "{covered}"
        );
    }

    #[test]
    fn two_overlapping_shapes_leave_a_hole_when_even_odd() {
        let shapes = [&square(0.0, 0.0, 3.0, 1.0)[..], &square(1.0, 0.0, 2.0, 1.0)];
        assert_eq!(picture(3, 1, Fold::EvenOdd, &shapes), [254, 0, 254]);
        assert_eq!(picture(3, 1, Fold::NonZero, &shapes), [254, 254, 254]);
    }

    #[test]
    fn what_hangs_over_a_border_is_cut_there() {
        let all = [&square(-50.0, -50.0, 50.0, 50.0)[..]];
        assert_eq!(picture(5, 4, Fold::EvenOdd, &all), [254; 20]);
        let slanted: &[(f32, f32)] = &[(-10.0, 2.0), (5.0, -13.0), (20.0, 2.0), (5.0, 17.0)];
        let cut = picture(10, 4, Fold::EvenOdd, &[slanted]);
        assert!(cut.iter().all(|&p| p == 254), "{cut:?}");
    }

    #[test]
    fn a_slanted_edge_that_leaves_to_the_left_keeps_its_place_inside() {
        let wedge: &[(f32, f32)] = &[(-8.0, 0.0), (8.0, 0.0), (-8.0, 16.0)];
        let pixels = picture(16, 16, Fold::NonZero, &[wedge]);
        for (y, row) in pixels.chunks(16).enumerate() {
            let ink = row.iter().map(|&p| f32::from(p) / 254.0).sum::<f32>();
            let expected = (7.5 - y as f32).max(0.0);
            assert!(
                (ink - expected).abs() < 0.13,
                "row {y}: {ink} for {expected}"
            );
        }
    }

    #[test]
    fn a_wide_canvas_keeps_pixels_apart_across_words() {
        let shapes = [
            &square(63.5, 0.0, 64.5, 1.0)[..],
            &square(127.0, 0.0, 130.0, 1.0),
        ];
        let pixels = picture(192, 1, Fold::EvenOdd, &shapes);
        let inked: Vec<_> = (0..192).filter(|&x| pixels[x] != 0).collect();
        assert_eq!(inked, [63, 64, 127, 128, 129]);
    }

    #[test]
    fn wild_numbers_are_harmless() {
        let wild = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            1e20,
            0.0,
            3.0,
        ];
        for &x in &wild {
            for &y in &wild {
                let _ = picture(
                    7,
                    5,
                    Fold::EvenOdd,
                    &[&[(x, y), (y, x), (3.0, 2.0), (x, 1.0)]],
                );
            }
        }
    }
}
