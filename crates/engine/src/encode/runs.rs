//! Runs to a zlib stream: deflate (RFC 1951) that repeats the last byte and looks back no further.
//!
//! Where a run starts and how long it is decides its bits, so they are looked up ready-made, one entry a run. The
//! Huffman code is fixed: it was measured on pictures of the `ink` style and is written out once a stream. The check
//! sum follows from the runs too; no byte of the rows is ever made.

use std::hint::select_unpredictable;

use crate::raster::{Raster, Run, Runs};

/// The most colours for which the code has symbols.
pub(super) const COLOURS: usize = 16;
/// The longest run that one match covers, with the byte that it repeats.
const LONGEST: usize = 259;
/// Runs below this length have an entry.
const SHORT: usize = 256;
/// The most bits of a run: two of them fit behind the seven that a flush may leave.
const MOST_BITS: u8 = 27;
const _: () = assert!(7 + 2 * MOST_BITS < 64);

/// More bytes than the header takes.
const ROOM_FOR_HEADER: usize = 64;

/// Code lengths of the palette indices.
const LITERALS: [u8; COLOURS] = [2, 4, 4, 4, 4, 4, 4, 3, 9, 9, 9, 9, 9, 9, 9, 9];
/// Code length of the end of the block.
const END: u8 = 9;
/// Code lengths of the 29 length symbols.
const LENGTHS: [u8; 29] = [
    6, 6, 6, 6, 6, 7, 7, 7, 6, 6, 7, 7, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9,
];
/// Code lengths of the code lengths, 0 to 18.
const META: [u8; 19] = [0, 4, 5, 5, 3, 0, 3, 2, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 4];
/// The order in which those are written (RFC 1951, section 3.2.7).
const META_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
/// The shortest length of each length symbol (RFC 1951, section 3.2.5).
const LENGTH_FROM: [usize; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
];

/// Bits to write, the first in the lowest place.
#[derive(Copy, Clone)]
struct Bits {
    bits: u32,
    count: u8,
}

impl Bits {
    const NONE: Self = Self { bits: 0, count: 0 };

    const fn then(self, next: Self) -> Self {
        Self {
            bits: self.bits | next.bits << self.count,
            count: self.count + next.count,
        }
    }
}

/// All code lengths of literals and lengths, in the order of their symbols.
const SYMBOLS: [u8; 286] = {
    let mut lengths = [0; 286];
    let mut i = 0;
    while i < COLOURS {
        lengths[i] = LITERALS[i];
        i += 1;
    }
    lengths[256] = END;
    i = 0;
    while i < 29 {
        lengths[257 + i] = LENGTHS[i];
        i += 1;
    }
    lengths
};

const CODES: [Bits; 286] = codes(&SYMBOLS);
const META_CODES: [Bits; 19] = codes(&META);

/// The header of the only block, its codes written out (RFC 1951, section 3.2.7), and how many bits it has.
static HEADER: ([u8; ROOM_FOR_HEADER], usize) = {
    const fn put(
        (mut bytes, start): ([u8; ROOM_FOR_HEADER], usize),
        next: Bits,
    ) -> ([u8; ROOM_FOR_HEADER], usize) {
        let mut place = 0;
        while place < next.count {
            let at = start + place as usize;
            bytes[at / 8] |= ((next.bits >> place & 1) as u8) << (at % 8);
            place += 1;
        }
        (bytes, start + next.count as usize)
    }
    const fn plain(bits: u32, count: u8) -> Bits {
        Bits { bits, count }
    }
    // The last block, with codes of its own: 286 symbols, two distances, all lengths of the code of lengths.
    let counts = plain(29, 5).then(plain(1, 5)).then(plain(15, 4));
    let mut header = put(([0; ROOM_FOR_HEADER], 0), plain(0b101, 3).then(counts));
    let mut i = 0;
    while i < META_ORDER.len() {
        header = put(header, plain(META[META_ORDER[i]] as u32, 3));
        i += 1;
    }
    i = 0;
    while i < SYMBOLS.len() {
        if i == COLOURS {
            // 240 symbols without a code, in two repetitions of nothing.
            header = put(header, META_CODES[18].then(plain(138 - 11, 7)));
            header = put(header, META_CODES[18].then(plain(102 - 11, 7)));
            i = 256;
        }
        header = put(header, META_CODES[SYMBOLS[i] as usize]);
        i += 1;
    }
    // One bit for either distance.
    put(put(header, META_CODES[1]), META_CODES[1])
};

/// The bits of a run, for each palette index, for each length: below them a byte that says how many they are.
static RUNS: [u64; COLOURS * SHORT] = {
    let mut table = [0; COLOURS * SHORT];
    let mut key = 0;
    while key < table.len() {
        if key % SHORT > 0 {
            let Bits { bits, count } = run(key / SHORT, key % SHORT);
            table[key] = (bits as u64) << 8 | count as u64;
        }
        key += 1;
    }
    table
};

/// The most bytes that [`deflate`] needs while it writes.
pub(super) fn room(raster: &Raster) -> usize {
    let most = raster.width() * raster.height();
    2 + room_for(raster, raster.runs().map_or(most, Runs::count)) + 4
}

fn room_for(raster: &Raster, runs: usize) -> usize {
    let total = (raster.width() + 1) * raster.height();
    let entries = runs + 2 * raster.height() + total / LONGEST;
    ROOM_FOR_HEADER + entries * usize::from(MOST_BITS.div_ceil(8)) + size_of::<u64>()
}

/// Adds the pixels of `raster`, each row led by the filter byte 0, as a zlib stream.
pub(super) fn deflate(raster: &Raster, data: &mut Vec<u8>) {
    match raster.runs() {
        Some(runs) => write(raster, runs, data),
        None => write(raster, &Runs::of(&raster.pixels(), raster.width()), data),
    }
}

fn write(raster: &Raster, runs: &Runs, data: &mut Vec<u8>) {
    let row_length = raster.width() + 1;
    let total = row_length * raster.height();
    data.extend_from_slice(&[0x78, 0x01]);
    let start = data.len();
    data.resize(start + room_for(raster, runs.count()), 0);
    let mut stream = Stream::start(total, &mut data[start..]);
    let mut at = 0;
    for row in runs.rows() {
        stream.turn(at, 0);
        if let [first, further @ ..] = row {
            stream.turn(at + 1, first.index);
            stream.turns(at + 1, further);
        }
        at += row_length;
    }
    let (written, sum) = stream.finish();
    data.truncate(start + written);
    data.extend_from_slice(&sum.to_be_bytes());
}

/// A stream being written.
struct Stream<'a> {
    room: &'a mut [u8],
    /// How many bytes the stream stands for.
    total: usize,
    tail: Tail,
}

/// Where a stream has got to. Loops keep a copy of their own, which fits in the processor's registers.
#[derive(Copy, Clone, Default)]
struct Tail {
    written: usize,
    waiting: u64,
    waiting_bits: u8,
    /// The byte that runs now, and since when.
    value: u8,
    since: usize,
    sum: Sum,
}

impl<'a> Stream<'a> {
    /// A stream that has its header.
    fn start(total: usize, room: &'a mut [u8]) -> Self {
        let (header, bits) = &HEADER;
        room[..ROOM_FOR_HEADER].copy_from_slice(header);
        let tail = Tail {
            written: bits / 8,
            waiting: u64::from(header[bits / 8]),
            waiting_bits: (bits % 8) as u8,
            ..Tail::default()
        };
        Self { room, total, tail }
    }

    /// From `at` on the bytes are `value`, as they may be already.
    ///
    /// Whether they are cannot be foreseen, so what is written then is chosen, and is nothing.
    #[inline(always)]
    fn turn(&mut self, at: usize, value: u8) {
        let turns = value != self.tail.value;
        let length = at - self.tail.since;
        if length >= SHORT {
            if turns {
                self.end_run(at, value);
            }
            return;
        }
        let entry = entry(self.tail.value, length);
        self.tail.add(select_unpredictable(turns, entry, 0));
        self.tail.flush(self.room);
        self.tail.turn(self.total - at, value);
        self.tail.since = select_unpredictable(turns, at, self.tail.since);
    }

    /// The same of a run of any length that does end.
    #[cold]
    fn end_run(&mut self, at: usize, value: u8) {
        self.run(at - self.tail.since);
        self.tail.turn(self.total - at, value);
        self.tail.since = at;
    }

    /// The runs of a row that begins at `at`, two at a time where they are short.
    fn turns(&mut self, at: usize, runs: &[Run]) {
        let (pairs, rest) = runs.as_chunks();
        let mut tail = self.tail;
        let mut since = tail.since.wrapping_sub(at);
        let (first, mut sum) = (tail.value, Sum::default());
        for &[a, b] in pairs {
            let (start_a, start_b) = (usize::from(a.start), usize::from(b.start));
            let (before, between) = (start_a.wrapping_sub(since), start_b.wrapping_sub(start_a));
            sum.turn(start_a, tail.value, a.index);
            sum.turn(start_b, a.index, b.index);
            if (before | between) >= SHORT {
                tail.since = since.wrapping_add(at);
                self.tail = tail;
                self.end_run(at + start_a, a.index);
                self.end_run(at + start_b, b.index);
                tail = Tail {
                    sum: tail.sum,
                    ..self.tail
                };
            } else {
                tail.add(entry(tail.value, before));
                tail.add(entry(a.index, between));
                tail.flush(self.room);
            }
            tail.value = b.index;
            since = start_b;
        }
        tail.since = since.wrapping_add(at);
        tail.sum.add_row(self.total - at, first, tail.value, sum);
        self.tail = tail;
        let (at, value) = match rest {
            [run] => (at + usize::from(run.start), run.index),
            _ => (tail.since, tail.value),
        };
        self.turn(at, value);
    }

    fn run(&mut self, mut length: usize) {
        let value = usize::from(self.tail.value);
        while length > LONGEST {
            self.put(run(value, LONGEST));
            length -= LONGEST;
        }
        self.put(run(value, length));
    }

    fn put(&mut self, bits: Bits) {
        self.tail
            .add(u64::from(bits.bits) << 8 | u64::from(bits.count));
        self.tail.flush(self.room);
    }

    /// Ends the last run and the block. Returns how many bytes were written, and the check sum.
    fn finish(mut self) -> (usize, u32) {
        self.run(self.total - self.tail.since);
        self.put(CODES[256]);
        (
            self.tail.written + usize::from(self.tail.waiting_bits > 0),
            self.tail.sum.finish(self.total),
        )
    }
}

impl Tail {
    /// Adds the bits of an entry to those that wait. There is room for two beside the seven bits that a flush may leave.
    #[inline(always)]
    fn add(&mut self, entry: u64) {
        self.waiting |= (entry >> 8) << (self.waiting_bits & 63);
        self.waiting_bits = self.waiting_bits.wrapping_add(entry as u8);
    }

    /// Writes all bits that wait, and goes on behind the bytes that are full.
    #[inline(always)]
    fn flush(&mut self, room: &mut [u8]) {
        if let Some(room) = room.get_mut(self.written..self.written + 8)
            && let Some(room) = room.first_chunk_mut()
        {
            *room = self.waiting.to_le_bytes();
        }
        self.written += usize::from(self.waiting_bits / 8);
        self.waiting >>= self.waiting_bits & 56;
        self.waiting_bits &= 7;
    }

    /// With `left` bytes to come, they become `value`.
    #[inline(always)]
    fn turn(&mut self, left: usize, value: u8) {
        self.sum.turn(left, self.value, value);
        self.value = value;
    }
}

/// Adler-32 (RFC 1950, section 8.2) of bytes that are told by where they change.
///
/// A change by `d` with `n` bytes still to come adds `d` to each of them: `n·d` to the first sum, and to the second,
/// which counts the first byte of those `n` times and the last once, `d` for each of `n(n + 1)/2`.
#[derive(Copy, Clone, Default)]
struct Sum {
    /// The changes, each times the bytes to come.
    first: i64,
    /// The same, times the bytes to come once more.
    second: i64,
}

impl Sum {
    #[inline(always)]
    fn turn(&mut self, left: usize, from: u8, to: u8) {
        let left = left as i64;
        let first = (i64::from(to) - i64::from(from)) * left;
        self.first += first;
        self.second += first * left;
    }

    /// Adds the turns of a row that begins with `left` bytes to come, where `row` counts from its beginning.
    fn add_row(&mut self, left: usize, from: u8, to: u8, row: Self) {
        // n - s in place of s, and its square.
        let left = left as i64;
        let first = (i64::from(to) - i64::from(from)) * left;
        self.first += first - row.first;
        self.second += (first - 2 * row.first) * left + row.second;
    }

    fn finish(&self, total: usize) -> u32 {
        const BASE: i64 = 65_521;
        let first = (1 + self.first) % BASE;
        let second = (total as i64 + (self.first + self.second) / 2) % BASE;
        (second as u32) << 16 | first as u32
    }
}

/// The bits of a run, ready-made.
#[inline(always)]
fn entry(index: u8, length: usize) -> u64 {
    RUNS[(usize::from(index) * SHORT + length) % RUNS.len()]
}

/// The bits of `length` bytes of one palette index: the byte and a match of the rest at distance one, or the byte
/// again and again where that is shorter.
const fn run(index: usize, length: usize) -> Bits {
    let literal = CODES[index];
    if length > 3 {
        let matched = literal.then(repeat(length - 1));
        if (matched.count as usize) < length * literal.count as usize {
            return matched;
        }
    }
    let mut bits = Bits::NONE;
    let mut i = 0;
    while i < length {
        bits = bits.then(literal);
        i += 1;
    }
    bits
}

/// A match of `length` at distance one, whose code is a single zero.
const fn repeat(length: usize) -> Bits {
    let mut symbol = 28;
    while LENGTH_FROM[symbol] > length {
        symbol -= 1;
    }
    // The symbols from 265 to 284 have extra bits: one more for each four symbols.
    let extra = if symbol < 8 || symbol == 28 {
        0
    } else {
        symbol as u8 / 4 - 1
    };
    let rest = Bits {
        bits: (length - LENGTH_FROM[symbol]) as u32,
        count: extra,
    };
    CODES[257 + symbol]
        .then(rest)
        .then(Bits { bits: 0, count: 1 })
}

/// The canonical code of these lengths (RFC 1951, section 3.2.2), its bits reversed as they are written.
const fn codes<const N: usize>(lengths: &[u8; N]) -> [Bits; N] {
    let mut codes = [Bits::NONE; N];
    let mut next = 0u32;
    let mut length = 1;
    while length < 16 {
        let mut symbol = 0;
        while symbol < N {
            if lengths[symbol] == length {
                codes[symbol] = Bits {
                    bits: next.reverse_bits() >> (32 - length as u32),
                    count: length,
                };
                next += 1;
            }
            symbol += 1;
        }
        next <<= 1;
        length += 1;
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kraft(lengths: &[u8]) -> f64 {
        lengths
            .iter()
            .filter(|&&length| length > 0)
            .map(|&length| 0.5f64.powi(length.into()))
            .sum()
    }

    #[test]
    fn the_codes_are_complete() {
        assert_eq!(kraft(&SYMBOLS), 1.0);
        assert_eq!(kraft(&META), 1.0);
    }

    #[test]
    fn every_run_has_bits_and_no_more_than_the_most() {
        for index in 0..COLOURS {
            for length in 1..=LONGEST {
                let Bits { bits, count } = run(index, length);
                assert!((1..=MOST_BITS).contains(&count) && bits >> count == 0);
            }
        }
    }

    #[test]
    fn the_sum_of_a_row_is_that_of_its_turns() {
        let (left, turns) = (1000, [(3, 0, 7), (4, 7, 2), (190, 2, 5)]);
        let (mut sum, mut row, mut same) = (Sum::default(), Sum::default(), Sum::default());
        for (start, from, to) in turns {
            same.turn(left - start, from, to);
            row.turn(start, from, to);
        }
        sum.add_row(left, 0, 5, row);
        assert_eq!(sum.finish(left), same.finish(left));
    }

    #[test]
    fn the_sum_is_adler_32() {
        let bytes = [0u8, 0, 7, 7, 7, 7, 3, 0, 15, 15, 0];
        let mut sum = Sum::default();
        let mut last = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            sum.turn(bytes.len() - at, last, byte);
            last = byte;
        }
        assert_eq!(
            sum.finish(bytes.len()),
            simd_adler32::adler32(&bytes.as_slice())
        );
    }
}
