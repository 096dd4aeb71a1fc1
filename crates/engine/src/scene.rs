//! Scene: outlines placed on a canvas, and the colours they are painted in.

use std::ops::Range;

use rand_core::Rng;

use crate::colour::{self, Colour, mix};
use crate::fill::Fold;
use crate::ground;
use crate::layout::{self, Layout, MARGIN, MOST_GLYPHS, Places};
use crate::outline::{Affine, Bounds, Outline, Point};
use crate::style::{Colours, Style, capital};
use crate::vary::Vary;
use crate::{Answer, Error, View};

/// How many steps from paper to ink a two-colour picture has, both included.
const PAIR_LEVELS: u8 = 8;
/// The same where one ink is on one paper and nothing is folded.
const SMOOTH_LEVELS: u8 = 8;
/// The same for each glyph of a scattered picture.
const SCATTER_LEVELS: u8 = 8;
/// Contrast of every glyph of a scattered picture with its ground (C-63, WCAG 1.4.11).
const LEAST_CONTRAST: f32 = 3.0;
/// The canvas height that the distances of warps are meant for.
const WARP_HEIGHT: f32 = 170.0;

/// What is to be painted, in units of the style's own size.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// All contours of all layers.
    pub outline: Outline,
    /// What is painted, in this order.
    pub layers: Vec<Layer>,
    /// The contours of glyphs that overlap themselves: they are filled non-zero before they are folded with others.
    pub solids: Vec<Range<usize>>,
    /// The colours. The first is the ground.
    pub palette: Vec<Colour>,
    /// From which palette index on a noise takes its colours.
    pub spare: usize,
    text: Vec<char>,
    places: Places,
}

/// Contours painted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Which contours of the outline.
    pub contours: Range<usize>,
    /// Which side of an edge is ink.
    pub fold: Fold,
    /// Steps of coverage, from none to full. None leaves what is there.
    pub levels: u8,
    /// The palette index of the first step that paints. Full coverage is `levels - 2` further.
    pub first: u8,
}

impl Scene {
    /// Composes the picture of `answer`.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] or [`Error::NoRoom`] naming a character.
    pub fn lay_out(
        &mut self,
        answer: &Answer,
        style: &Style,
        view: View,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        self.outline.clear();
        self.layers.clear();
        self.solids.clear();
        self.read(answer, style)?;
        self.colour(style, view, rng);
        match rng.pick(&style.layouts) {
            Some(Layout::Steps) => self.steps(style, rng),
            Some(&Layout::Text { x, y, size }) => self.line(style, Point::new(x, y), size, rng),
            Some(&layout) => self.fold(style, layout, rng),
            None => Ok(()),
        }
    }

    fn read(&mut self, answer: &Answer, style: &Style) -> Result<(), Error> {
        let drawn = |symbol| {
            if style.upper_case {
                capital(symbol)
            } else {
                symbol
            }
        };
        self.text.clear();
        self.text.extend(answer.reveal().chars().map(drawn));
        self.text
            .get(MOST_GLYPHS)
            .map_or(Ok(()), |&symbol| Err(Error::NoRoom(symbol)))
    }

    fn colour(&mut self, style: &Style, view: View, rng: &mut impl Rng) {
        self.palette.clear();
        self.spare = 0;
        match style.colours {
            Colours::Pair => {
                let pairs = if view.dark {
                    &colour::BY_NIGHT
                } else {
                    &colour::BY_DAY
                };
                let [paper, ink] = pairs[rng.below(pairs.len() as u32) as usize];
                let [paper, ink] = if rng.coin() {
                    [paper, ink]
                } else {
                    [ink, paper]
                };
                self.palette.push(paper);
                self.ramp(ink, PAIR_LEVELS);
            }
            Colours::Fixed { paper, ink } => {
                self.palette.push(paper);
                self.ramp(ink, SMOOTH_LEVELS);
            }
            Colours::Scatter => {
                let paper = rng.colour();
                self.palette.push(paper);
                for _ in 0..self.text.len() {
                    self.ramp(
                        colour::apart_from(paper, LEAST_CONTRAST, rng),
                        SCATTER_LEVELS,
                    );
                }
                self.spare = self.palette.len();
                self.palette.extend((self.spare..256).map(|_| rng.colour()));
            }
        }
    }

    /// Adds the steps from the ground to `ink`.
    fn ramp(&mut self, ink: Colour, levels: u8) {
        let paper = self.palette[0];
        let full = u32::from(levels) - 1;
        self.palette
            .extend((1..=full).map(|part| mix(paper, ink, part, full)));
    }

    /// Glyphs, ground and strokes as one even-odd path.
    fn fold(&mut self, style: &Style, layout: Layout, rng: &mut impl Rng) -> Result<(), Error> {
        let (width, height) = (style.width as f32, style.height as f32);
        let canvas = Point::new(width, height);
        self.places
            .arrange(layout, style.spacing, self.text.len(), [width, height], rng);
        if !layout::readable(self.places.size) {
            return Err(Error::NoRoom(*self.text.last().unwrap_or(&' ')));
        }
        for (index, &symbol) in self.text.iter().enumerate() {
            let place = self.places.places[index];
            let face = rng.pick(&style.faces).ok_or(Error::MissingGlyph(symbol))?;
            let glyph = face.glyph(symbol).ok_or(Error::MissingGlyph(symbol))?;
            let mut size = || self.places.size * (1.0 + rng.spread(style.stretch));
            let (across, down) = (size(), size());
            let lean = rng.spread(style.shear);
            let turn = place.turn + rng.spread(style.turn);
            let affine = Affine::turned(across, down, lean, turn);
            let middle = affine.map(glyph.bounds.centre());
            let origin = Point::new(place.centre.x - middle.x, place.centre.y - middle.y);
            let start = self.outline.points().len();
            let first = self.outline.contours().len();
            self.outline
                .append(&glyph.outline, &Affine { origin, ..affine });
            if glyph.overlaps {
                self.solids.push(first..self.outline.contours().len());
            }
            keep_inside(
                &mut self.outline.points_mut()[start..],
                canvas,
                MARGIN * height,
            );
        }
        self.bend(style, rng);
        if let Some(ground) = rng.pick(&style.grounds) {
            ground.grow(style.shapes, width, height, &mut self.outline, rng);
        }
        let thickness = style.stroke_width * height;
        ground::strokes(
            style.strokes,
            thickness,
            width,
            height,
            &mut self.outline,
            rng,
        );
        self.paint(style, 0, Fold::EvenOdd);
        Ok(())
    }

    /// Warps everything that is laid out so far.
    fn bend(&mut self, style: &Style, rng: &mut impl Rng) {
        for warp in &style.warps {
            warp.bend(
                self.outline.points_mut(),
                style.height as f32 / WARP_HEIGHT,
                rng,
            );
        }
    }

    /// Each glyph in its own colour, its origin at an even step along the top.
    fn steps(&mut self, style: &Style, rng: &mut impl Rng) -> Result<(), Error> {
        let (width, height) = (style.width as f32, style.height as f32);
        let count = self.text.len().max(4) as f32;
        let size = (height * 4.0 / count).min(width * 2.0 / count);
        for index in 0..self.text.len() {
            let origin = Point::new(index as f32 * width / count, 0.0);
            self.upright(index, style, origin, size, rng)?;
            self.paint(style, index, Fold::NonZero);
        }
        Ok(())
    }

    /// A line of text in the one ink.
    fn line(
        &mut self,
        style: &Style,
        corner: Point,
        size: f32,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        let (width, height) = (style.width as f32, style.height as f32);
        let face = style.faces.first();
        let advance = |&symbol: &char| Some(face?.glyph(symbol)?.advance);
        let ems: f32 = self.text.iter().filter_map(advance).sum();
        let unit = height.min(width / 2.0);
        let mut origin = Point::new(corner.x * unit, corner.y * unit);
        let size = (size * unit).min((width - origin.x) / ems.max(0.1));
        for index in 0..self.text.len() {
            self.upright(index, style, origin, size, rng)?;
            origin.x += size * advance(&self.text[index]).unwrap_or(0.0);
        }
        self.bend(style, rng);
        self.paint(style, 0, Fold::NonZero);
        Ok(())
    }

    /// One glyph as the face has it, the top of its line at `corner`; shifted, then shrunk, where it would leave
    /// the canvas.
    fn upright(
        &mut self,
        index: usize,
        style: &Style,
        corner: Point,
        size: f32,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        let symbol = self.text[index];
        let face = rng.pick(&style.faces).ok_or(Error::MissingGlyph(symbol))?;
        let glyph = face.glyph(symbol).ok_or(Error::MissingGlyph(symbol))?;
        let canvas = Point::new(style.width as f32, style.height as f32);
        let shrunk = (canvas.x / glyph.bounds.width()).min(canvas.y / glyph.bounds.height());
        let size = size.min(shrunk);
        if !layout::readable(size) {
            return Err(Error::NoRoom(symbol));
        }
        let baseline = Point::new(corner.x, corner.y + face.ascent() * size);
        let start = self.outline.points().len();
        let affine = Affine::turned(size, size, 0.0, 0.0);
        self.outline.append(
            &glyph.outline,
            &Affine {
                origin: baseline,
                ..affine
            },
        );
        keep_inside(&mut self.outline.points_mut()[start..], canvas, 0.0);
        Ok(())
    }

    /// Makes a layer of the contours added since the last one.
    fn paint(&mut self, style: &Style, index: usize, fold: Fold) {
        let (levels, first) = match style.colours {
            Colours::Pair => (PAIR_LEVELS, 1),
            Colours::Fixed { .. } => (SMOOTH_LEVELS, 1),
            Colours::Scatter => (SCATTER_LEVELS, 1 + index as u8 * (SCATTER_LEVELS - 1)),
        };
        let start = self.layers.last().map_or(0, |layer| layer.contours.end);
        let contours = start..self.outline.contours().len();
        self.layers.push(Layer {
            contours,
            fold,
            levels,
            first,
        });
    }
}

/// Moves `points` no further than needed to lie inside the canvas, `margin` from its borders.
fn keep_inside(points: &mut [Point], canvas: Point, margin: f32) {
    let Some(bounds) = Bounds::of(points) else {
        return;
    };
    let shift = Point::new(
        shift(bounds.min.x, bounds.max.x, canvas.x, margin),
        shift(bounds.min.y, bounds.max.y, canvas.y, margin),
    );
    move_by(points, shift);
}

/// How far to move what reaches from `low` to `high`. What is too long is put in the middle.
fn shift(low: f32, high: f32, length: f32, margin: f32) -> f32 {
    if high - low > length - 2.0 * margin {
        (length - low - high) / 2.0
    } else {
        (margin - low).max(0.0) + (length - margin - high).min(0.0)
    }
}

fn move_by(points: &mut [Point], by: Point) {
    for point in points {
        *point = Point::new(point.x + by.x, point.y + by.y);
    }
}
