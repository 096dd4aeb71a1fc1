//! The fields of a sealed payload: each has its number and its length before it, in a fixed order.
//!
//! So no byte of one field can be taken for a byte of the next (CAP-38), and a payload has one spelling.

use zeroize::Zeroizing;

use crate::Error;

/// A payload is filled up to a multiple of this, so that its length tells little about it.
pub(crate) const BLOCK: usize = 64;

/// Writes fields one after another.
pub(crate) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    pub(crate) fn new() -> Self {
        // Room for the longest payload: a vector that grows leaves copies behind.
        Self(Zeroizing::new(Vec::with_capacity(1_024)))
    }

    /// A field of bytes.
    pub(crate) fn bytes(&mut self, number: u8, value: &[u8]) {
        let length = u16::try_from(value.len()).expect("no field is as long as 64 KiB");
        self.0.push(number);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    /// A field of text, of at most `limit` bytes.
    pub(crate) fn text(
        &mut self,
        number: u8,
        name: &'static str,
        value: &str,
        limit: usize,
    ) -> Result<(), Error> {
        if value.len() > limit {
            return Err(Error::TooLong { field: name, limit });
        }
        self.bytes(number, value.as_bytes());
        Ok(())
    }

    /// A field that is `ROOM` bytes long however much is in it: a length and the value, then zeros.
    pub(crate) fn hidden<const ROOM: usize>(&mut self, number: u8, value: &[u8]) {
        let mut room = Zeroizing::new([0; ROOM]);
        room[0] = u8::try_from(value.len()).expect("a hidden field is shorter than 256 bytes");
        room[1..=value.len()].copy_from_slice(value);
        self.bytes(number, room.as_ref());
    }

    /// The payload, filled up with zeros.
    pub(crate) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        let filled = self.0.len().next_multiple_of(BLOCK);
        self.0.resize(filled, 0);
        self.0
    }
}

/// Reads the fields back. Each method gives nothing if what comes next is not that field.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    pub(crate) fn bytes(&mut self, number: u8) -> Option<&'a [u8]> {
        let (&[found, high, low], rest) = self.0.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        self.0 = rest;
        (found == number).then_some(value)
    }

    pub(crate) fn array<const LENGTH: usize>(&mut self, number: u8) -> Option<[u8; LENGTH]> {
        self.bytes(number)?.try_into().ok()
    }

    pub(crate) fn text(&mut self, number: u8) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(number)?).ok()
    }

    pub(crate) fn hidden<const ROOM: usize>(&mut self, number: u8) -> Option<&'a [u8]> {
        let (&length, room) = self.bytes(number)?.split_first()?;
        let (value, zeros) = room.split_at_checked(length.into())?;
        (room.len() + 1 == ROOM && is_zero(zeros)).then_some(value)
    }

    /// Whether nothing but filling is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.0.len() < BLOCK && is_zero(self.0)
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}
