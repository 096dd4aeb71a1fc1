//! Cells: how coverage changes from each pixel to the next, kept so that only the pixels where it does are visited.

/// By how much the winding, in 256ths, differs from that of the pixel before.
type Cell = i16;

/// The cells of a canvas. Between layers all of them are zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    width: usize,
    height: usize,
    /// The blocks of a row side by side, row after row.
    blocks: Vec<Block>,
}

/// 64 pixels of a row.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// A bit for each cell that something was added to.
    met: u64,
    /// The last two belong to the next block: an edge changes up to three cells.
    cells: [Cell; 66],
}

impl Block {
    const EMPTY: Self = Self {
        met: 0,
        cells: [0; 66],
    };

    /// Adds to three cells in a row. The third counts as met only where something is added to it.
    #[inline(always)]
    pub(super) fn add(&mut self, cell: u32, [a, b, c]: [i32; 3]) {
        let cell = cell as usize % 64;
        self.met |= (3 | u64::from(c != 0) << 2) << cell;
        for (cell, change) in self.cells[cell..cell + 3].iter_mut().zip([a, b, c]) {
            *cell = cell.wrapping_add(change as Cell);
        }
    }
}

impl Cells {
    /// Makes room for a canvas.
    pub(super) fn start(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let wanted = self.blocks_in_row() * height;
        // Blocks are left empty, so those of a canvas of another size serve as well.
        if self.blocks.len() < wanted {
            self.blocks.resize(wanted, Block::EMPTY);
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// As many as hold the row and one pixel to spare, where edges on the right border are added.
    pub(super) fn blocks_in_row(&self) -> usize {
        self.width / 64 + 1
    }

    pub(super) fn blocks_mut(&mut self) -> &mut [Block] {
        &mut self.blocks
    }

    /// The rows from the top, to be visited.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = Row<'_>> {
        let width = self.width;
        let rows = self.blocks.chunks_mut(width / 64 + 1).take(self.height);
        rows.map(move |blocks| Row { width, blocks })
    }

    /// Adds to another canvas of the same size what is covered here, however often, once; and empties this one.
    pub(super) fn melt_into(&mut self, other: &mut Self) {
        for (row, other) in self.rows().zip(other.rows()) {
            let mut last = 0;
            row.visit(|x, winding| {
                let coverage = winding.wrapping_abs().min(256);
                if let Some(block) = other.blocks.get_mut(x as usize / 64) {
                    block.add(x, [coverage - last, 0, 0]);
                }
                last = coverage;
            });
        }
    }
}

/// A row of pixels.
pub(super) struct Row<'a> {
    width: usize,
    blocks: &'a mut [Block],
}

impl Row<'_> {
    /// Adds up the cells along the row, and empties it. Tells the winding, in 256ths, of the first pixel and of every
    /// one where it may differ from the pixel before.
    #[inline(always)]
    pub(super) fn visit(self, mut tell: impl FnMut(u32, i32)) {
        let mut winding = 0i32;
        let mut carried = [0; 2];
        let mut first = 1;
        for (block, base) in self.blocks.iter_mut().zip((0..self.width).step_by(64)) {
            let mut visits = std::mem::take(&mut block.met) | first;
            first = 0;
            for (number, carried) in carried.iter_mut().enumerate() {
                visits |= u64::from(*carried != 0) << number;
                block.cells[number] = block.cells[number].wrapping_add(*carried);
                *carried = std::mem::take(&mut block.cells[64 + number]);
            }
            if let Some(within @ ..64) = self.width.checked_sub(base) {
                visits &= (1 << within) - 1;
            }
            while visits != 0 {
                let x = visits.trailing_zeros();
                visits &= visits - 1;
                let cell = std::mem::take(&mut block.cells[x as usize % 64]);
                winding = winding.wrapping_add(cell.into());
                tell(base as u32 + x, winding);
            }
        }
        // An edge on the right border changes cells that are never told.
        if let Some(block) = self.blocks.last_mut() {
            let spare = self.width % 64;
            block.cells[spare..spare + 3].fill(0);
            block.met = 0;
        }
    }
}

#[cfg(test)]
impl Cells {
    pub(super) fn are_empty(&self) -> bool {
        let empty = |block: &Block| block.met == 0 && block.cells == [0; 66];
        self.blocks.iter().all(empty)
    }
}
