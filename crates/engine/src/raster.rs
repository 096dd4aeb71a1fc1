//! Raster: width, height, a palette of at most 256 colours, and the palette index of every pixel.
//!
//! Large shapes leave long runs of one index, so a raster stays a list of runs until a noise needs the pixels one by
//! one. Both say the same.

use std::borrow::Cow;

use crate::colour::Colour;

/// Pixels of one index, from `start` up to where the next run of the row starts, or to the row's end.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The first pixel, counted from the left.
    pub start: u16,
    /// The palette index.
    pub index: u8,
}

/// A picture as numbers.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    palette: Vec<Colour>,
    /// What is shown while `loose` is not set.
    runs: Runs,
    pixels: Vec<u8>,
    /// Whether the pixels stand alone.
    loose: bool,
}

/// Runs of consecutive rows. Each row starts with a run at 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    /// The runs, and room for more.
    pub(crate) list: Vec<Run>,
    /// Where those of each row end.
    pub(crate) ends: Vec<usize>,
}

impl Runs {
    /// The runs of `pixels`, rows of `width`.
    pub(crate) fn of(pixels: &[u8], width: usize) -> Self {
        let mut runs = Self::default();
        for row in pixels.chunks(width.max(1)) {
            let before = [None].into_iter().chain(row.iter().map(Some));
            let starts = row
                .iter()
                .zip(before)
                .enumerate()
                .filter(|(_, (index, before))| Some(*index) != *before);
            runs.list.extend(starts.map(|(start, (&index, _))| Run {
                start: start as u16,
                index,
            }));
            runs.ends.push(runs.list.len());
        }
        runs
    }

    pub(crate) fn count(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Run]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let row = &self.list[start..end];
            start = end;
            row
        })
    }
}

impl Raster {
    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The colours that the pixels name.
    pub fn palette(&self) -> &[Colour] {
        &self.palette
    }

    /// The runs of each row from the top, or nothing when the pixels stand alone. A row's first run starts at 0,
    /// and no run is followed by one of its own index.
    pub fn rows(&self) -> Option<impl Iterator<Item = &[Run]>> {
        self.runs().map(Runs::rows)
    }

    pub(crate) fn runs(&self) -> Option<&Runs> {
        (!self.loose).then_some(&self.runs)
    }

    /// The palette index of each pixel, row by row from the top. Every one of them is in the palette.
    pub fn pixels(&self) -> Cow<'_, [u8]> {
        if self.loose {
            Cow::Borrowed(&self.pixels)
        } else {
            let mut pixels = Vec::new();
            self.unroll(&mut pixels);
            Cow::Owned(pixels)
        }
    }

    fn unroll(&self, pixels: &mut Vec<u8>) {
        pixels.clear();
        pixels.resize(self.width * self.height, 0);
        for (row, runs) in pixels.chunks_mut(self.width).zip(self.runs.rows()) {
            let ends = runs
                .iter()
                .skip(1)
                .map(|run| usize::from(run.start))
                .chain([self.width]);
            for (run, end) in runs.iter().zip(ends) {
                row[usize::from(run.start)..end].fill(run.index);
            }
        }
    }

    /// Starts a picture that shows the first colour of `palette` everywhere.
    pub(crate) fn start(&mut self, width: usize, height: usize, palette: &[Colour]) {
        (self.width, self.height) = (width, height);
        self.palette.clear();
        self.palette
            .extend_from_slice(&palette[..palette.len().min(256)]);
        self.runs.ends.clear();
        self.loose = false;
    }

    /// Where the runs of all rows are to be written.
    pub(crate) fn runs_mut(&mut self) -> &mut Runs {
        &mut self.runs
    }

    /// The pixels one by one. From here on the raster is no list of runs.
    pub(crate) fn pixels_mut(&mut self) -> &mut [u8] {
        if !self.loose {
            let mut pixels = std::mem::take(&mut self.pixels);
            self.unroll(&mut pixels);
            self.pixels = pixels;
            self.loose = true;
        }
        &mut self.pixels
    }
}
