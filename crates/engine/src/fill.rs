//! Outlines to coverage: a sparse scan converter in fixed point.
//!
//! Each row of pixels has four scan lines. Where an edge crosses one, it adds its winding to the pixel it meets, as
//! much as the exact place leaves of that pixel, and all of it from the next pixel on. Adding up along a row gives
//! each pixel's coverage. Only the pixels that were met are visited: a bit for each says where they are, and between
//! two of them the coverage stands still. So a picture costs its edges, not its area.
//!
//! Accumulating signed areas is from R. Levien's font-rs; bits in place of sorted cells keep it sparse.

use crate::outline::Point;
use crate::raster::{Raster, Run, Runs};
use crate::scene::{Layer, Scene};

/// One pixel in the fixed point of coordinates, and full coverage.
const ONE: i32 = 256;
/// Scan lines in a row of pixels.
const LINES: i32 = 4;
/// What one line is worth: the share of a row that it stands for.
const LINE: i32 = ONE / LINES;

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
pub(crate) struct Fill {
    cells: Cells,
    /// Where glyphs whose own contours overlap are made solid before they are folded with the rest.
    solid: Cells,
    runs: Runs,
}

impl Fill {
    /// Paints the layers of a scene, enlarged by `scale`, onto a raster that has just been started.
    pub(crate) fn paint(&mut self, scene: &Scene, scale: f32, raster: &mut Raster) {
        let (width, height) = (raster.width(), raster.height());
        self.cells.start(width, height);
        let mut contours = scene.outline.contours();
        let mut solids = scene.solids.iter().peekable();
        for layer in &scene.layers {
            let mut next = layer.contours.start;
            while let Some(solid) = solids.next_if(|solid| solid.end <= layer.contours.end) {
                self.cells
                    .add(contours.by_ref().take(solid.start - next), scale);
                self.solid.start(width, height);
                self.solid.add(contours.by_ref().take(solid.len()), scale);
                self.solid.melt_into(&mut self.cells);
                next = solid.end;
            }
            self.cells
                .add(contours.by_ref().take(layer.contours.end - next), scale);
            if scene.layers.len() == 1 {
                self.cells.resolve(layer, raster.runs_mut());
            } else {
                self.cells.resolve(layer, &mut self.runs);
                overlay(&self.runs, raster);
            }
        }
    }
}

/// What edges add to the pixels of a canvas.
#[derive(Clone, Debug, Default)]
struct Cells {
    width: usize,
    height: usize,
    /// The blocks of a row side by side, row after row. Between layers all of them are empty.
    blocks: Vec<Block>,
    /// The points of the contour being added.
    spots: Vec<Spot>,
}

/// 64 pixels of a row.
#[derive(Clone, Debug)]
struct Block {
    /// A bit for each cell that something was added to.
    met: u64,
    cells: [Cell; 64],
}

/// The edges that meet a pixel: 65536 times the winding they bring, and what the pixel itself lacks of it.
type Cell = i32;

impl Block {
    const EMPTY: Self = Self {
        met: 0,
        cells: [0; 64],
    };

    fn add(&mut self, cell: usize, brings: Cell) {
        self.cells[cell % 64] = self.cells[cell % 64].wrapping_add(brings);
        self.met |= 1 << (cell % 64);
    }
}

impl Cells {
    /// Makes room for a canvas.
    fn start(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let wanted = self.blocks_in_row() * height;
        // Blocks are left empty, so those of a canvas of another size serve as well.
        if self.blocks.len() < wanted {
            self.blocks.resize(wanted, Block::EMPTY);
        }
    }

    /// As many as hold the row and one pixel to spare, where edges on the right border are added.
    fn blocks_in_row(&self) -> usize {
        self.width / 64 + 1
    }

    /// Adds closed contours, their coordinates multiplied by `scale`.
    fn add<'a>(&mut self, contours: impl Iterator<Item = &'a [Point]>, scale: f32) {
        let mut spots = std::mem::take(&mut self.spots);
        for contour in contours {
            spots.clear();
            spots.extend(
                contour
                    .iter()
                    .map(|point| Spot::of(point, scale * ONE as f32)),
            );
            let Some(mut from) = spots.last().copied() else {
                continue;
            };
            let mut from_held = self.holds(&from);
            for &to in &spots {
                let to_held = self.holds(&to);
                if from_held & to_held {
                    self.edge::<false>(from, to);
                } else {
                    self.edge::<true>(from, to);
                }
                (from, from_held) = (to, to_held);
            }
        }
        self.spots = spots;
    }

    fn holds(&self, spot: &Spot) -> bool {
        let (right, low) = (self.width as i32 * ONE, self.height as i32 * ONE);
        // What is below zero is huge without a sign.
        (spot.x as u32 <= right as u32) & (spot.y as u32 <= low as u32)
    }

    /// Adds an edge to the pixel it meets on each scan line. One that leaves the canvas is to `CLIP`: what is left
    /// of the canvas counts at its border, what is right of it in the pixels to spare.
    #[inline]
    fn edge<const CLIP: bool>(&mut self, a: Spot, b: Spot) {
        let (top, bottom, winding) = if a.y < b.y { (a, b, 1) } else { (b, a, -1) };
        let (mut first, mut last) = (line(top.y), line(bottom.y));
        if CLIP {
            (first, last) = (first.max(0), last.min(self.height as i32 * LINES));
        }
        let right = self.width as i32 * ONE;
        if first >= last || (CLIP && a.x.min(b.x) >= right) {
            return;
        }
        // How far a line takes the edge to the side, in 65536ths of a pixel. Both are rounded towards the upper
        // end, so no line is met beyond the lower one. Where they do not fit, the edge crosses no second line.
        let pace = 256.0 * (bottom.x - top.x) as f32 / (bottom.y - top.y) as f32;
        let step = (pace * LINE as f32) as i32;
        let mut x = (top.x << 8) + (pace * (first * LINE + LINE / 2 - top.y) as f32) as i32;
        let row_length = (self.blocks_in_row() * 64) as u32;
        for line in first as u32..last as u32 {
            let held = if CLIP { x.clamp(0, right << 8) } else { x } as u32;
            let at = line / LINES as u32 * row_length + (held >> 16);
            if let Some(block) = self.blocks.get_mut(at as usize / 64) {
                let lacks = (held >> 8) & 0xFF;
                let brings = ((LINE as u32) << 16) | (lacks / LINES as u32);
                block.add(at as usize, brings as i32 * winding);
            }
            x = x.wrapping_add(step);
        }
    }

    /// Turns what was added into runs of palette indices and cleans the scratch.
    fn resolve(&mut self, layer: &Layer, runs: &mut Runs) {
        let indices = indices(layer);
        match layer.fold {
            Fold::EvenOdd => self.sweep(runs, |winding| indices[(winding & 511) as usize]),
            Fold::NonZero => self.sweep(runs, |winding| {
                indices[winding.unsigned_abs().min(511) as usize]
            }),
        }
    }

    fn sweep(&mut self, runs: &mut Runs, index: impl Fn(i32) -> u8) {
        let (blocks, most) = (self.blocks_in_row(), self.blocks_in_row() * 64);
        let mut count = 0;
        runs.ends.clear();
        for row in self.blocks.chunks_mut(blocks).take(self.height) {
            if runs.list.len() < count + most {
                runs.list.resize(count + most, Run::default());
            }
            let list = &mut runs.list[count..count + most];
            let written = row_runs(row, list, &index);
            // Runs in the pixels to spare are beyond the border.
            let beyond = list[..written].iter().rev();
            let beyond = beyond.take_while(|run| usize::from(run.start) >= self.width);
            count += written - beyond.count();
            runs.ends.push(count);
        }
    }

    /// Adds to another canvas of the same size what is covered here, however often, once; and cleans this one.
    fn melt_into(&mut self, other: &mut Self) {
        let blocks = self.blocks_in_row();
        let rows = self
            .blocks
            .chunks_mut(blocks)
            .zip(other.blocks.chunks_mut(blocks));
        for (row, other) in rows.take(self.height) {
            let mut last = 0;
            visit(row, |x, winding| {
                let coverage = winding.wrapping_abs().min(ONE);
                if let Some(block) = other.get_mut(x as usize / 64) {
                    block.add(x as usize, (coverage - last) << 16);
                }
                last = coverage;
            });
        }
    }
}

/// Writes the runs of a row and returns how many there are.
fn row_runs(row: &mut [Block], list: &mut [Run], index: impl Fn(i32) -> u8) -> usize {
    let mut count = 0;
    // No index is 256, so the first pixel always starts a run.
    let mut last = 256;
    visit(row, |x, winding| {
        let index = index(winding);
        if let Some(run) = list.get_mut(count) {
            *run = Run {
                start: x as u16,
                index,
            };
        }
        count += usize::from(u16::from(index) != last);
        last = u16::from(index);
    });
    count
}

/// Adds up what was added along a row, and empties it. Tells the winding, in 256ths, of the first pixel and of every
/// one where it may differ from the pixel before.
#[inline]
fn visit(row: &mut [Block], mut tell: impl FnMut(u32, i32)) {
    let mut winding = 0i32;
    // A pixel that was met lacks something of what it brings; the pixel after it has all.
    let mut after = 1;
    for (block, base) in row.iter_mut().zip((0..).step_by(64)) {
        let mut visits = block.met | (block.met << 1) | after;
        after = block.met >> 63;
        block.met = 0;
        while visits != 0 {
            let x = visits.trailing_zeros();
            visits &= visits - 1;
            let cell = std::mem::take(&mut block.cells[x as usize % 64]);
            let lacks = i32::from(cell as i16);
            winding = winding.wrapping_add(cell.wrapping_sub(lacks) >> 16);
            tell(base + x, winding.wrapping_sub(lacks));
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

impl Spot {
    fn of(point: &Point, scale: f32) -> Self {
        Self {
            x: fixed(point.x * scale),
            y: fixed(point.y * scale),
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
    #[expect(clippy::manual_clamp, reason = "`clamp` would keep what is no number")]
    let held = coordinate.max(-FAR).min(FAR) + WHOLE;
    held.to_bits() as i32 - WHOLE.to_bits() as i32
}

/// The first scan line at or below `y`. Lines lie in the middle of their share of a row.
fn line(y: i32) -> i32 {
    (y + LINE - LINE / 2 - 1) >> LINE.trailing_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outline;

    fn outline(contours: &[&[(f32, f32)]]) -> Outline {
        let mut outline = Outline::default();
        for contour in contours {
            contour
                .iter()
                .for_each(|&(x, y)| outline.push(Point::new(x, y)));
            outline.close();
        }
        outline
    }

    fn paint(width: usize, height: usize, scene: &Scene) -> Vec<u8> {
        let mut fill = Fill::default();
        let mut raster = Raster::default();
        raster.start(width, height, &[]);
        fill.paint(scene, 1.0, &mut raster);
        for cells in [fill.cells, fill.solid] {
            assert!(
                cells
                    .blocks
                    .iter()
                    .all(|b| b.met == 0 && b.cells == [0; 64]),
                "scratch is left clean"
            );
        }
        raster.pixels().into_owned()
    }

    fn scene(outline: Outline, fold: Fold) -> Scene {
        let contours = 0..outline.contours().len();
        let mut scene = Scene::default();
        scene.layers.push(Layer {
            contours,
            fold,
            levels: 255,
            first: 1,
        });
        scene.outline = outline;
        scene
    }

    fn picture(width: usize, height: usize, fold: Fold, contours: &[&[(f32, f32)]]) -> Vec<u8> {
        paint(width, height, &scene(outline(contours), fold))
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
    fn a_solid_glyph_has_no_hole_where_its_contours_overlap() {
        let (left, right) = (square(0.0, 0.0, 3.5, 1.0), square(2.0, 0.0, 5.0, 1.0));
        let ground = square(4.0, 0.0, 6.0, 1.0);
        let mut scene = scene(outline(&[&left, &right, &ground]), Fold::EvenOdd);
        let glyph = 0..2;
        scene.solids.push(glyph);
        assert_eq!(paint(7, 1, &scene), [254, 254, 254, 254, 0, 254, 0]);
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
