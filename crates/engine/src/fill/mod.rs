//! Outlines to coverage: a sparse scan converter in fixed point.
//!
//! Each edge changes the coverage of the pixels that it crosses, by the exact area that it leaves to its right, and
//! nothing else. Adding up the changes along a row gives each pixel's coverage. Only the pixels that were met are
//! visited: a bit for each says where they are, and between two of them the coverage stands still. So a picture costs
//! its edges, not its area.
//!
//! Accumulating signed areas is from R. Levien's font-rs; bits in place of sorted cells keep it sparse.

use crate::raster::{Raster, Run, Runs};
use crate::scene::{Layer, Scene};

mod cells;
mod edge;

use cells::{Cells, Row};
use edge::Edges;

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
    edges: Edges,
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
                let plain = contours.by_ref().take(solid.start - next);
                self.edges.trace(plain, scale, &mut self.cells);
                self.solid.start(width, height);
                let solids = contours.by_ref().take(solid.len());
                self.edges.trace(solids, scale, &mut self.solid);
                self.solid.melt_into(&mut self.cells);
                next = solid.end;
            }
            let plain = contours.by_ref().take(layer.contours.end - next);
            self.edges.trace(plain, scale, &mut self.cells);
            if scene.layers.len() == 1 {
                resolve(&mut self.cells, layer, raster.runs_mut());
            } else {
                resolve(&mut self.cells, layer, &mut self.runs);
                overlay(&self.runs, raster);
            }
        }
    }
}

/// Turns what was added into runs of palette indices and empties the cells.
fn resolve(cells: &mut Cells, layer: &Layer, runs: &mut Runs) {
    let indices = indices(layer);
    match layer.fold {
        Fold::EvenOdd => sweep(cells, runs, |winding| indices[(winding & 511) as usize]),
        Fold::NonZero => sweep(cells, runs, |winding| {
            indices[winding.unsigned_abs().min(511) as usize]
        }),
    }
}

fn sweep(cells: &mut Cells, runs: &mut Runs, index: impl Fn(i32) -> u8) {
    let mut count = 0;
    runs.ends.clear();
    let most = cells.width() + 1;
    for row in cells.rows() {
        if runs.list.len() < count + most {
            runs.list.resize(count + most, Run::default());
        }
        count += row_runs(row, &mut runs.list[count..count + most], &index);
        runs.ends.push(count);
    }
}

/// Writes the runs of a row and returns how many there are.
fn row_runs(row: Row<'_>, list: &mut [Run], index: impl Fn(i32) -> u8) -> usize {
    let mut count = 0;
    // No index is 256, so the first pixel always starts a run.
    let mut last = 256;
    row.visit(|x, winding| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::{Outline, Point};

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
            assert!(cells.are_empty(), "scratch is left clean");
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
