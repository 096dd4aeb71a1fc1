//! Cells: how coverage changes from each pixel to the next, kept so that only the pixels where it does are visited.

/// By how much the winding, in 256ths, differs from that of the pixel before. Half as many bits would do, but then
/// the compiler adds to two cells at once, and the processor waits wherever the next edge adds to one of them.
type Cell = i32;

/// Pixels that are visited in one go.
const BLOCK: usize = 64;
/// Pixels from a number of met bits to the next.
const STEP: usize = 32;
/// An edge changes up to three cells, and one on the right border those beside the canvas.
const SPARE: usize = 3;

/// The cells of a canvas. Between layers all of them are zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    width: usize,
    height: usize,
    /// Row after row, each of whole blocks.
    cells: Vec<Cell>,
    /// A bit for each cell that something was added to. Those of the two cells behind a step lie in its own number, so
    /// that three cells in a row never need two numbers.
    met: Vec<u64>,
}

impl Cells {
    /// Makes room for a canvas.
    pub(super) fn start(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let wanted = self.stride() * height;
        // Cells are left empty, so those of a canvas of another size serve as well.
        if self.cells.len() < wanted {
            self.cells.resize(wanted, 0);
            self.met.resize(wanted / STEP, 0);
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Cells from a row to the next.
    pub(super) fn stride(&self) -> usize {
        (self.width + SPARE).next_multiple_of(BLOCK)
    }

    /// What adds edges.
    pub(super) fn adder(&mut self) -> Adder<'_> {
        Adder {
            stride: self.stride() as u32,
            cells: &mut self.cells,
            met: &mut self.met,
        }
    }

    /// The rows from the top, to be visited.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = Row<'_>> {
        let (width, stride) = (self.width, self.stride());
        let cells = self.cells.chunks_mut(stride).take(self.height);
        let rows = cells.zip(self.met.chunks_mut(stride / STEP));
        rows.map(move |(cells, met)| Row { width, cells, met })
    }

    /// Adds to another canvas of the same size what is covered here, however often, once; and empties this one.
    pub(super) fn melt_into(&mut self, other: &mut Self) {
        let mut adder = other.adder();
        for (y, row) in (0..).zip(self.rows()) {
            let start = adder.row(y);
            let mut last = 0;
            row.visit(|x, winding| {
                let coverage = winding.wrapping_abs().min(256);
                adder.add(start + x as u32, [coverage - last, 0, 0], false);
                last = coverage;
            });
        }
    }
}

/// Adds to cells.
pub(super) struct Adder<'a> {
    stride: u32,
    cells: &'a mut [Cell],
    met: &'a mut [u64],
}

impl Adder<'_> {
    /// Where a row begins.
    #[inline(always)]
    pub(super) fn row(&self, y: u32) -> u32 {
        y * self.stride
    }

    /// Adds to three cells in a row. The third counts as met only where something is added to it.
    #[inline(always)]
    pub(super) fn add(&mut self, at: u32, changes: [i32; 3], third: bool) {
        let at = at as usize;
        if let Some(cells) = self.cells.get_mut(at..at + 3)
            && let Some(met) = self.met.get_mut(at / STEP)
        {
            *met |= (3 | u64::from(third) << 2) << (at % STEP);
            for (cell, change) in cells.iter_mut().zip(changes) {
                *cell = cell.wrapping_add(change);
            }
        }
    }
}

/// A row of pixels.
pub(super) struct Row<'a> {
    width: usize,
    cells: &'a mut [Cell],
    met: &'a mut [u64],
}

impl Row<'_> {
    /// Adds up the cells along the row, and empties it. Tells the winding, in 256ths, of the first pixel and of every
    /// one where it may differ from the pixel before.
    #[inline(always)]
    pub(super) fn visit(self, mut tell: impl FnMut(usize, i32)) {
        // An edge on the right border changes cells that are never told, and may do so in a block of their own.
        self.cells[self.width..self.width + SPARE].fill(0);
        let last = self.width.next_multiple_of(BLOCK) / STEP;
        self.met[last..].fill(0);
        let mut winding: Cell = 0;
        let mut carried = 1;
        let blocks = self.cells.as_chunks_mut::<BLOCK>().0.iter_mut();
        let met = self.met.as_chunks_mut::<2>().0.iter_mut();
        for ((cells, met), base) in blocks.zip(met).zip((0..self.width).step_by(BLOCK)) {
            let [low, high] = std::mem::take(met);
            let mut visits = carried | low | high << STEP;
            carried = high >> STEP;
            if let Some(within @ ..BLOCK) = self.width.checked_sub(base) {
                visits &= (1 << within) - 1;
            }
            while visits != 0 {
                let x = visits.trailing_zeros() as usize;
                visits &= visits - 1;
                let cell = std::mem::take(&mut cells[x % BLOCK]);
                winding = winding.wrapping_add(cell);
                tell(base + x, winding);
            }
        }
    }
}

#[cfg(test)]
impl Cells {
    pub(super) fn are_empty(&self) -> bool {
        self.cells.iter().all(|&cell| cell == 0) && self.met.iter().all(|&met| met == 0)
    }
}
