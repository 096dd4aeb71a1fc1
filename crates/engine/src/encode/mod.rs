//! Encoders: a raster in, the bytes of a picture file out.

pub mod png;

mod runs;

/// The file formats there are.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics, with a palette (ISO/IEC 15948).
    #[default]
    Png,
}
