//! The floor: a prototype that does as little as a raster captcha can.
//!
//! Five glyphs of a fixed text, flattened once; each picture shears and waves their points, fills them with exact
//! areas (non-zero, one colour, no ground, no strokes), flips two noise bits in every pixel, packs four bits a pixel
//! and stores them in a ready-made PNG whose check sums are mended. No answer is chosen, no glyph is placed, nothing
//! is compressed. It says what the steps cost that no raster captcha can leave out, and is no captcha.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use ttf_parser::{Face, OutlineBuilder};

const WIDTH: usize = 200;
const HEIGHT: usize = 100;
/// Cells from a column to the next.
const COLUMN: usize = 112;
/// Bytes of a row, its filter among them.
const ROW: usize = 1 + WIDTH / 2;
const TEXT: [char; 5] = ['K', '7', 'm', 'B', 'g'];
/// Pixels an em.
const SIZE: f32 = 60.0;

type Point = [f32; 2];

pub struct Floor {
    glyphs: Vec<Glyph>,
    rng: ChaCha8Rng,
    cells: Vec<i16>,
    columns: Vec<u8>,
    points: Vec<Point>,
    noise: Vec<u8>,
    png: Template,
}

impl Floor {
    pub fn new(font: &[u8]) -> Option<Self> {
        let face = Face::parse(font, 0).ok()?;
        let scale = SIZE / f32::from(face.units_per_em());
        let glyph = |(place, symbol)| {
            let mut glyph = Glyph {
                scale,
                right: 8.0 + 36.0 * place as f32,
                ..Glyph::default()
            };
            face.outline_glyph(face.glyph_index(symbol)?, &mut glyph)?;
            Some(glyph)
        };
        Some(Self {
            glyphs: TEXT
                .into_iter()
                .enumerate()
                .map(glyph)
                .collect::<Option<_>>()?,
            rng: ChaCha8Rng::from_seed([5; 32]),
            cells: vec![0; WIDTH * COLUMN],
            columns: vec![0; WIDTH * COLUMN],
            points: vec![],
            noise: vec![0; WIDTH * COLUMN / 4],
            png: Template::new(),
        })
    }

    /// Draws a picture and returns the file.
    pub fn draw(&mut self) -> &[u8] {
        let phases = [self.phase(), self.phase()];
        self.cells.fill(0);
        for glyph in &self.glyphs {
            self.points.clear();
            self.points
                .extend(glyph.points.iter().map(|&point| warp(point, phases)));
            let mut start = 0;
            for &end in &glyph.ends {
                for edge in self.points[start..end].windows(2) {
                    add(&mut self.cells, edge[0], edge[1]);
                }
                start = end;
            }
        }
        resolve(&self.cells, &mut self.columns);
        self.rng.fill_bytes(&mut self.noise);
        flip(&mut self.columns, &self.noise);
        pack(&self.columns, &mut self.png.file[self.png.body..]);
        self.png.seal();
        &self.png.file
    }

    fn phase(&mut self) -> f32 {
        (self.rng.next_u32() >> 8) as f32 / 1.6e7
    }
}

/// A glyph, flattened.
#[derive(Default)]
struct Glyph {
    points: Vec<Point>,
    ends: Vec<usize>,
    scale: f32,
    right: f32,
    start: Point,
    last: Point,
}

impl Glyph {
    fn at(&self, x: f32, y: f32) -> Point {
        [x * self.scale + self.right, 66.0 - y * self.scale]
    }

    fn push(&mut self, point: Point) {
        self.points.push(point);
        self.last = point;
    }
}

impl OutlineBuilder for Glyph {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.at(x, y);
        self.push(self.start);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push(self.at(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, bend, to) = (self.last, self.at(x1, y1), self.at(x, y));
        for part in 1..=4 {
            let t = part as f32 / 4.0;
            let u = 1.0 - t;
            let along = |i: usize| u * u * from[i] + 2.0 * u * t * bend[i] + t * t * to[i];
            self.push([along(0), along(1)]);
        }
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        self.line_to(x, y);
    }

    fn close(&mut self) {
        if self.last != self.start {
            self.push(self.start);
        }
        self.ends.push(self.points.len());
    }
}

fn warp([x, y]: Point, phases: [f32; 2]) -> Point {
    [
        (x + 0.05 * (y - 50.0) + 4.0 * sine(y * 0.013 + phases[0])).clamp(0.0, 197.9),
        (y + 5.0 * sine(x * 0.009 + phases[1])).clamp(0.0, 99.9),
    ]
}

fn sine(turns: f32) -> f32 {
    let t = turns - (turns + 0.5).floor();
    let y = 8.0 * t - 16.0 * t * t.abs();
    y * (0.775 + 0.225 * y.abs())
}

/// Adds an edge's signed areas, in 256ths, to cells that lie column after column.
fn add(cells: &mut [i16], from: Point, to: Point) {
    if from[1] == to[1] {
        return;
    }
    let (full, from, to) = if from[1] < to[1] {
        (256.0f32, from, to)
    } else {
        (-256.0, to, from)
    };
    let slope = (to[0] - from[0]) / (to[1] - from[1]);
    let mut x = from[0];
    let (mut row, end) = (from[1] as usize, (to[1].ceil() as usize).min(HEIGHT));
    while row < end {
        let height = ((row + 1) as f32).min(to[1]) - (row as f32).max(from[1]);
        let next = x + slope * height;
        let cover = height * full;
        let (left, right) = if x < next { (x, next) } else { (next, x) };
        let first = (left as i32 as usize).min(WIDTH - 2);
        let last = (right as i32 as usize).min(WIDTH - 2);
        if last <= first {
            let middle = 0.5 * (left + right) - first as f32;
            let (all, beyond) = (cover as i32 as i16, (cover * middle) as i32 as i16);
            cells[first * COLUMN + row] += all - beyond;
            cells[(first + 1) * COLUMN + row] += beyond;
        } else {
            let share = cover / (right - left);
            let (mut before, mut done) = (0i32, 0f32);
            for column in first..=last {
                let edge = (column + 1) as f32;
                let inside = (edge - left).min(right - left);
                let over = (edge - right).max(0.0);
                let area = 0.5 * inside * inside * share + over * cover;
                let brings = (area - done) as i32;
                done = area;
                cells[column * COLUMN + row] += (brings - before) as i16;
                before = brings;
            }
            cells[(last + 1) * COLUMN + row] += (cover as i32 - before) as i16;
        }
        x = next;
        row += 1;
    }
}

/// Adds up from column to column, to values from 0 to 15.
fn resolve(cells: &[i16], columns: &mut [u8]) {
    let mut sums = [0i16; COLUMN];
    let cells = cells.as_chunks::<COLUMN>().0;
    let columns = columns.as_chunks_mut::<COLUMN>().0;
    for (cells, column) in cells.iter().zip(columns) {
        for (sum, cell) in sums.iter_mut().zip(cells) {
            *sum = sum.wrapping_add(*cell);
        }
        for (value, &sum) in column.iter_mut().zip(&sums) {
            let cover = if sum < 0 { 0i16.wrapping_sub(sum) } else { sum };
            *value = (cover.min(255) >> 4) as u8;
        }
    }
}

/// Flips the two lowest bits of every pixel, or not.
fn flip(columns: &mut [u8], noise: &[u8]) {
    for (quarter, part) in columns.chunks_mut(noise.len()).enumerate() {
        for (pixel, bits) in part.iter_mut().zip(noise) {
            *pixel ^= (bits >> (2 * quarter as u32)) & 3;
        }
    }
}

/// Columns of bytes to rows of half bytes, eight by eight.
fn pack(columns: &[u8], rows: &mut [u8]) {
    let mut packed = [0u8; WIDTH / 2 * COLUMN];
    let pairs = columns.chunks_exact(2 * COLUMN);
    for (packed, pair) in packed.chunks_exact_mut(COLUMN).zip(pairs) {
        let (left, right) = pair.split_at(COLUMN);
        for row in 0..COLUMN {
            packed[row] = left[row] << 4 | right[row];
        }
    }
    for x in (0..96).step_by(8) {
        for y in (0..104).step_by(8) {
            let column = |i| {
                let at = (x + i) * COLUMN + y;
                u64::from_le_bytes(std::array::from_fn(|j| packed[at + j]))
            };
            let block = transpose(std::array::from_fn(column));
            for (row, bytes) in (y..HEIGHT).zip(block) {
                rows[row * ROW + 1 + x..][..8].copy_from_slice(&bytes.to_le_bytes());
            }
        }
    }
    for x in 96..WIDTH / 2 {
        for y in 0..HEIGHT {
            rows[y * ROW + 1 + x] = packed[x * COLUMN + y];
        }
    }
}

/// Turns eight columns of eight bytes to rows.
fn transpose(mut block: [u64; 8]) -> [u64; 8] {
    for i in 0..4 {
        let (a, b) = (block[2 * i], block[2 * i + 1]);
        block[2 * i] = (a & 0x00FF_00FF_00FF_00FF) | ((b & 0x00FF_00FF_00FF_00FF) << 8);
        block[2 * i + 1] = ((a >> 8) & 0x00FF_00FF_00FF_00FF) | (b & 0xFF00_FF00_FF00_FF00);
    }
    for (i, j) in [(0, 2), (1, 3), (4, 6), (5, 7)] {
        let (a, b) = (block[i], block[j]);
        block[i] = (a & 0x0000_FFFF_0000_FFFF) | ((b & 0x0000_FFFF_0000_FFFF) << 16);
        block[j] = ((a >> 16) & 0x0000_FFFF_0000_FFFF) | (b & 0xFFFF_0000_FFFF_0000);
    }
    for i in 0..4 {
        let (a, b) = (block[i], block[i + 4]);
        block[i] = (a & 0xFFFF_FFFF) | (b << 32);
        block[i + 4] = (a >> 32) | (b & 0xFFFF_FFFF_0000_0000);
    }
    block
}

/// A PNG of 16 colours whose rows are stored as they are.
struct Template {
    file: Vec<u8>,
    /// Where the name of IDAT starts.
    data: usize,
    /// Where the rows start.
    body: usize,
}

impl Template {
    fn new() -> Self {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = vec![];
        header.extend((WIDTH as u32).to_be_bytes());
        header.extend((HEIGHT as u32).to_be_bytes());
        header.extend([4, 3, 0, 0, 0]);
        chunk(&mut file, b"IHDR", &header);
        let palette: Vec<u8> = (0..16).flat_map(|i| [255 - i * 16; 3]).collect();
        chunk(&mut file, b"PLTE", &palette);
        let rows = ROW * HEIGHT;
        let mut stream = vec![0x78, 1, 1];
        stream.extend((rows as u16).to_le_bytes());
        stream.extend((!(rows as u16)).to_le_bytes());
        let data = file.len() + 4;
        let body = data + 4 + stream.len();
        stream.resize(stream.len() + rows + 4, 0);
        chunk(&mut file, b"IDAT", &stream);
        chunk(&mut file, b"IEND", &[]);
        Self { file, data, body }
    }

    /// Mends both check sums.
    fn seal(&mut self) {
        let end = self.body + ROW * HEIGHT;
        let adler = simd_adler32::adler32(&&self.file[self.body..end]);
        self.file[end..end + 4].copy_from_slice(&adler.to_be_bytes());
        let crc = crc32fast::hash(&self.file[self.data..end + 4]);
        self.file[end + 4..end + 8].copy_from_slice(&crc.to_be_bytes());
    }
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let sum = crc32fast::hash(&file[start..]);
    file.extend(sum.to_be_bytes());
}
