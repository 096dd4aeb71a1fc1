//! Outlines to coverage: a sparse scan converter with exact areas in fixed point.
//!
//! Every edge adds, to each pixel it crosses, the winding it brings there and to everything further right. Adding
//! these changes up along a row gives each pixel's coverage. Only touched pixels are visited: a bit for each says
//! where they are, and between two of them the coverage stands still. So a picture costs its edges, not its area.
//!
//! Signed areas are accumulated as in R. Levien's font-rs; bits in place of sorted cells keep them sparse.

use crate::outline::Point;
use crate::raster::{Raster, Run, Runs};
use crate::scene::{Layer, Scene};

/// One pixel in the fixed point of coordinates, and full coverage.
const ONE: i32 = 256;
/// Cells further right than the canvas that an edge on its border may touch.
const SPARE: usize = 3;

/// Which side of an edge is ink.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Ink wherever an odd number of shapes overlap.
    EvenOdd,
    /// Ink wherever the outlines wind around, however often.
    NonZero,
}

impl Fold {
    /// Coverage from 0 to 256 for a winding from 0 to 511, itself in 256ths.
    fn coverage(self, winding: u16) -> u16 {
        match self {
            Self::EvenOdd => winding.min(512 - winding),
            Self::NonZero => winding.min(256),
        }
    }
}

/// The scan converter's scratch. It keeps its memory between pictures.
#[derive(Clone, Debug, Default)]
pub struct Fill {
    width: usize,
    height: usize,
    /// Changes of winding, row after row. There is a row to spare below.
    cells: Vec<i16>,
    /// A bit for each changed cell, 64 to a word and a word to spare in each row.
    touched: Vec<u8>,
    runs: Runs,
}

impl Fill {
    /// Paints the layers of a scene, enlarged by `scale`, onto a raster that has just been started.
    pub fn paint(&mut self, scene: &Scene, scale: f32, raster: &mut Raster) {
        self.start(raster.width(), raster.height());
        let mut contours = scene.outline.contours();
        for layer in &scene.layers {
            for contour in contours.by_ref().take(layer.contours.len()) {
                self.add(contour, scale);
            }
            if scene.layers.len() == 1 {
                self.resolve(layer, raster.runs_mut());
            } else {
                let mut runs = std::mem::take(&mut self.runs);
                self.resolve(layer, &mut runs);
                overlay(&runs, raster);
                self.runs = runs;
            }
        }
    }

    /// Makes room for a canvas.
    fn start(&mut self, width: usize, height: usize) {
        if (self.width, self.height) != (width, height) {
            (self.width, self.height) = (width, height);
            self.cells.clear();
            self.cells.resize(self.stride() * (height + 1), 0);
            self.touched.clear();
            self.touched.resize(self.bytes() * (height + 1), 0);
        }
    }

    fn stride(&self) -> usize {
        self.width + SPARE
    }

    fn bytes(&self) -> usize {
        (self.width + SPARE) / 64 * 8 + 16
    }

    /// Adds a closed contour, its coordinates multiplied by `scale`.
    fn add(&mut self, contour: &[Point], scale: f32) {
        let scale = scale * ONE as f32;
        let fixed = |p: &Point| Spot {
            x: fixed(p.x * scale),
            y: fixed(p.y * scale),
        };
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
    fn edge(&mut self, a: Spot, b: Spot) {
        if a.y == b.y {
            return;
        }
        let (top, bottom, sign) = if a.y < b.y { (a, b, 1) } else { (b, a, -1) };
        let (right, low) = (self.width as i32 * ONE, self.height as i32 * ONE);
        let inside = |x: i32| (0..=right).contains(&x);
        if top.y >= 0 && bottom.y <= low && inside(top.x) && inside(bottom.x) {
            return self.inner_edge(top, bottom, sign);
        }
        if bottom.y <= 0 || top.y >= low || (top.x >= right && bottom.x >= right) {
            return;
        }
        let at = |y: i32| Spot {
            x: along((top.y, top.x), (bottom.y, bottom.x), y),
            y,
        };
        let (first, last) = (at(top.y.max(0)), at(bottom.y.min(low)));
        // Where the edge passes the left and the right border, if it does.
        let mut cuts = [first.y, first.y, first.y, last.y];
        for (cut, border) in cuts[1..3].iter_mut().zip([0, right]) {
            if (first.x < border) != (last.x < border) {
                let y = along((first.x, first.y), (last.x, last.y), border);
                *cut = y.clamp(first.y, last.y);
            }
        }
        cuts[1..3].sort_unstable();
        for pair in cuts.windows(2).filter(|pair| pair[0] < pair[1]) {
            let held = |y: i32| Spot {
                x: at(y).x.clamp(0, right),
                y,
            };
            self.inner_edge(held(pair[0]), held(pair[1]), sign);
        }
    }

    /// Adds an edge that lies inside the canvas and leads down.
    fn inner_edge(&mut self, top: Spot, bottom: Spot, sign: i32) {
        if (bottom.x - top.x).abs() <= bottom.y - top.y {
            self.steep(top, bottom, sign);
        } else {
            self.flat(top, bottom, sign);
        }
    }

    /// Adds an edge that crosses each row in at most two columns. There is no branch in a row.
    fn steep(&mut self, top: Spot, bottom: Spot, sign: i32) {
        let (stride, bytes) = (self.stride(), self.bytes());
        let across = bottom.x - top.x;
        // How far a row takes the edge to the side, in 65536ths: a little short, so that it never overshoots.
        let pace = (across.abs() as f32 / (bottom.y - top.y) as f32 * 65_536.0) as i32;
        let pace = (pace - 1).max(0);
        // The area left of a column border at distance e, in a row crossed at slope s, is e²/2s.
        let bend = (8_388_608.0 / pace as f32) as i32 * sign;
        let turn = across >> 31;
        let row = (top.y / ONE) as usize;
        let (mut cells, mut touched) = (row * stride, row * bytes);
        let (mut y, mut x, mut end) = (top.y, top.x << 8, (top.y | (ONE - 1)) + 1);
        while y < bottom.y {
            let tall = end.min(bottom.y) - y;
            let next = x + ((((pace * tall) >> 8) ^ turn) - turn);
            let (left, right) = (x.min(next) >> 8, x.max(next) >> 8);
            let border = (left | (ONE - 1)) + 1;
            let column = (left / ONE) as usize;
            let rise = tall * sign;
            let inner = (rise * (2 * border - left - right)) >> 9;
            let reach = border - left;
            let two = right > border;
            let first = if two {
                (reach * reach).wrapping_mul(bend) >> 16
            } else {
                inner
            };
            if let Some([a, b, c]) = self.cells[cells + column..].first_chunk_mut() {
                *a = a.wrapping_add(first as i16);
                *b = b.wrapping_add((rise + inner - 2 * first) as i16);
                *c = c.wrapping_add((first - inner) as i16);
            }
            self.touch(touched, column, 3 | u64::from(two) << 2);
            (x, y, end) = (next, end, end + ONE);
            (cells, touched) = (cells + stride, touched + bytes);
        }
    }

    /// Adds an edge that crosses more columns than rows: in each row a slope, from one column to another.
    fn flat(&mut self, top: Spot, bottom: Spot, sign: i32) {
        let (stride, bytes) = (self.stride(), self.bytes());
        let (across, down) = ((bottom.x - top.x) as f32, (bottom.y - top.y) as f32);
        let pace = across / down;
        // How much coverage a column brings, in 65536ths.
        let gain = (down / across.abs() * 65_536.0) as i32 * sign;
        let row = (top.y / ONE) as usize;
        let (mut cells, mut touched) = (row * stride, row * bytes);
        let (mut y, mut x) = (top.y, top.x);
        let (least, most) = (top.x.min(bottom.x), top.x.max(bottom.x));
        while y < bottom.y {
            let end = (y | (ONE - 1)) + 1;
            let (end, next) = if end < bottom.y {
                (
                    end,
                    (top.x + (pace * (end - top.y) as f32) as i32).clamp(least, most),
                )
            } else {
                (bottom.y, bottom.x)
            };
            let (left, right) = (x.min(next), x.max(next));
            let (first, last) = ((left / ONE) as usize, (right / ONE) as usize);
            let slope = Slope {
                left,
                right,
                rise: (end - y) * sign,
                gain,
            };
            slope.add(&mut self.cells[cells + first..cells + last + 2]);
            self.touch_all(touched, first, last + 2 - first);
            (x, y) = (next, end);
            (cells, touched) = (cells + stride, touched + bytes);
        }
    }

    /// Marks cells from `column` on, one for each bit of `mask`, of which there are at most 57.
    fn touch(&mut self, row: usize, column: usize, mask: u64) {
        if let Some(bytes) = self.touched[row + column / 8..].first_chunk_mut() {
            *bytes = (u64::from_le_bytes(*bytes) | mask << (column % 8)).to_le_bytes();
        }
    }

    fn touch_all(&mut self, row: usize, mut column: usize, mut count: usize) {
        while count > 56 {
            self.touch(row, column, (1 << 56) - 1);
            (column, count) = (column + 56, count - 56);
        }
        self.touch(row, column, (1 << count) - 1);
    }

    /// Turns what was added into runs of palette indices and cleans the scratch.
    fn resolve(&mut self, layer: &Layer, runs: &mut Runs) {
        let indices = indices(layer);
        match layer.fold {
            Fold::EvenOdd => self.sweep(runs, |winding| indices[usize::from(winding as u16 & 511)]),
            Fold::NonZero => self.sweep(runs, |winding| {
                indices[usize::from(winding.unsigned_abs().min(511))]
            }),
        }
    }

    fn sweep(&mut self, runs: &mut Runs, index: impl Fn(i16) -> u8) {
        let (width, stride, bytes) = (self.width, self.stride(), self.bytes());
        let mut count = 0;
        runs.ends.clear();
        let rows = self
            .cells
            .chunks_exact_mut(stride)
            .zip(self.touched.chunks_exact_mut(bytes));
        for (cells, touched) in rows.take(self.height) {
            if runs.list.len() < count + width + 1 {
                runs.list.resize(count + width + 1, Run::default());
            }
            let list = &mut runs.list[count..count + width + 1];
            count += row_runs(&mut cells[..width], touched, list, &index);
            cells[width..].fill(0);
            runs.ends.push(count);
        }
        runs.list.truncate(count);
    }
}

/// Adds up the changes along a row and cleans it. Returns how many runs of `list` were written.
fn row_runs(
    cells: &mut [i16],
    touched: &mut [u8],
    list: &mut [Run],
    index: impl Fn(i16) -> u8,
) -> usize {
    let mut count = 0;
    let mut winding = 0i16;
    // No index is 256, so the first pixel always starts a run.
    let mut last = 256;
    let mut first = 1;
    for (word, base) in touched.chunks_exact_mut(8).zip((0..).step_by(64)) {
        let mut bits = first
            | word
                .first_chunk()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes));
        first = 0;
        word.fill(0);
        while bits != 0 {
            let x = base + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            // What was touched beyond the last column changes nothing any more.
            let (Some(cell), Some(run)) = (cells.get_mut(x), list.get_mut(count)) else {
                break;
            };
            winding = winding.wrapping_add(std::mem::take(cell));
            let index = index(winding);
            *run = Run {
                start: x as u16,
                index,
            };
            count += usize::from(u16::from(index) != last);
            last = u16::from(index);
        }
    }
    count
}

/// The part of an edge inside one row, from `left` to `right`.
struct Slope {
    left: i32,
    right: i32,
    /// What the part brings in the end.
    rise: i32,
    /// What a whole column of it brings, in 65536ths.
    gain: i32,
}

impl Slope {
    /// Adds the changes of coverage to the cells from the one that `left` is in to the one behind `right`'s.
    ///
    /// A column that is crossed whole is covered as much as its middle. At either end a triangle is missing.
    fn add(&self, cells: &mut [i16]) {
        let Self {
            left,
            right,
            rise,
            gain,
        } = *self;
        let border = (left | (ONE - 1)) + 1;
        let triangle =
            |side: i32| (side as u32 * side as u32).wrapping_mul(gain.unsigned_abs()) >> 25;
        let signed = |area: u32| area as i32 * gain.signum();
        let mut covered = 0;
        let mut cover = |cell: &mut i16, coverage: i32| {
            *cell = cell.wrapping_add((coverage - covered) as i16);
            covered = coverage;
        };
        if let [only, next] = cells {
            cover(only, (rise * (2 * border - left - right)) >> 9);
            cover(next, rise);
        } else if let [first, middle @ .., last, next] = cells {
            cover(first, signed(triangle(border - left)));
            let mut coverage = (border - left + ONE / 2) * gain;
            for cell in middle {
                cover(cell, coverage >> 16);
                coverage += gain * ONE;
            }
            cover(last, rise - signed(triangle(right & (ONE - 1))));
            cover(next, rise);
        }
    }
}

/// The palette index for each winding, folded into nine bits. Where there is no coverage it is 0.
fn indices(layer: &Layer) -> [u8; 512] {
    let full = u32::from(layer.levels.max(2) - 1);
    std::array::from_fn(|winding| {
        let level = (u32::from(layer.fold.coverage(winding as u16)) * full + 128) >> 8;
        if level == 0 {
            0
        } else {
            layer.first.saturating_add(level as u8 - 1)
        }
    })
}

/// Paints runs over the pixels of a raster, except those of index 0.
fn overlay(runs: &Runs, raster: &mut Raster) {
    let width = raster.width();
    for (row, runs) in raster.pixels_mut().chunks_mut(width).zip(runs.rows()) {
        let ends = runs
            .iter()
            .skip(1)
            .map(|run| usize::from(run.start))
            .chain([width]);
        for (run, end) in runs.iter().zip(ends).filter(|(run, _)| run.index != 0) {
            row[usize::from(run.start)..end].fill(run.index);
        }
    }
}

/// A point in fixed point.
#[derive(Copy, Clone, Debug)]
struct Spot {
    x: i32,
    y: i32,
}

/// A coordinate in fixed point. What is no number is zero, and none is so large that a difference overflows.
fn fixed(coordinate: f32) -> i32 {
    (coordinate as i32).clamp(-(1 << 24), 1 << 24)
}

/// The second coordinate of the point of a line whose first coordinate is `at`.
fn along(from: (i32, i32), to: (i32, i32), at: i32) -> i32 {
    let (done, all) = (i64::from(at - from.0), i64::from(to.0 - from.0));
    if all == 0 {
        from.1
    } else {
        from.1 + (i64::from(to.1 - from.1) * done / all) as i32
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
        let mut raster = Raster::default();
        raster.start(width, height, &[]);
        let layer = Layer {
            contours: 0..contours.len(),
            fold,
            levels: 255,
            first: 1,
        };
        fill.resolve(&layer, raster.runs_mut());
        assert!(fill.cells.iter().all(|&c| c == 0), "scratch is left clean");
        assert!(
            fill.touched.iter().all(|&w| w == 0),
            "scratch is left clean"
        );
        raster.pixels().into_owned()
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
