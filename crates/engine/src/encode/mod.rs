//! Encoders: a raster in, the bytes of a picture file out.

pub mod gif;
pub mod png;
pub mod webp;

mod runs;

use crate::Raster;

/// The file formats there are. Each keeps every pixel and holds nothing besides (CAP-09).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics, with a palette (ISO/IEC 15948): the fastest to write by far.
    #[default]
    Png,
    /// WebP, lossless (RFC 9649): two and a half times the size of the PNG, and thirty times the work.
    Webp,
    /// Graphics Interchange Format 89a: a tenth smaller than the PNG, and thirty times the work.
    Gif,
}

impl Format {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Png, Self::Webp, Self::Gif];

    /// What a file's name ends with, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// The format of that [extension](Self::extension).
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == extension)
    }

    /// The media type, as in the header `Content-Type`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// The bytes of `raster` as a file of this format.
    pub fn to_vec(self, raster: &Raster) -> Vec<u8> {
        match self {
            Self::Png => png::to_vec(raster),
            Self::Webp => webp::to_vec(raster),
            Self::Gif => gif::to_vec(raster),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_names_one_format() {
        for format in Format::ALL {
            assert_eq!(Format::of_extension(format.extension()), Some(format));
            assert_eq!(format.media_type(), format!("image/{}", format.extension()));
        }
        for none in ["", "PNG", ".png", "jpeg"] {
            assert_eq!(Format::of_extension(none), None);
        }
        assert_eq!(Format::default(), Format::ALL[0]);
    }
}
