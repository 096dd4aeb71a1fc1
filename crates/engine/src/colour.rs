//! Colours: how light they are to an eye, how far two stand apart, and the pairs that two-colour pictures use.
//!
//! Lightness and contrast are those of WCAG 2.2 (relative luminance, contrast ratio).

use std::sync::LazyLock;

use rand_core::Rng;

use crate::vary::Vary;

/// Red, green and blue, each sRGB-encoded.
pub type Colour = [u8; 3];

/// A light and a dark colour at least 7:1 apart.
pub(crate) type Pair = [Colour; 2];

/// WCAG's contrast ratio of two colours, from 1 to 21.
pub fn contrast(a: Colour, b: Colour) -> f32 {
    ratio(luminance(a), luminance(b))
}

fn ratio(a: f32, b: f32) -> f32 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG's relative luminance: 0 for black, 1 for white.
fn luminance([r, g, b]: Colour) -> f32 {
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn linear(channel: u8) -> f32 {
    /// Powers cost more than a whole row of a picture, and there are few of them.
    static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
        std::array::from_fn(|channel| {
            let encoded = channel as f32 / 255.0;
            if encoded <= 0.04045 {
                encoded / 12.92
            } else {
                libm::powf((encoded + 0.055) / 1.055, 2.4)
            }
        })
    });
    LINEAR[usize::from(channel)]
}

/// A random colour at least `least` to 1 away from `ground`. Where chance does not find one in time, black or white,
/// whichever is further: no ground is within 4.5:1 of both.
pub(crate) fn apart_from(ground: Colour, least: f32, rng: &mut impl Rng) -> Colour {
    let light = luminance(ground);
    let mut drawn = (0..64).map(|_| rng.colour());
    let found = drawn.find(|&colour| ratio(light, luminance(colour)) >= least);
    found.unwrap_or(if light > 0.18 { [0; 3] } else { [255; 3] })
}

/// The colour `part` of `whole` steps from `a` to `b`.
pub(crate) fn mix(a: Colour, b: Colour, part: u32, whole: u32) -> Colour {
    let channel = |i: usize| {
        let (a, b) = (u32::from(a[i]), u32::from(b[i]));
        ((a * (whole - part) + b * part + whole / 2) / whole) as u8
    };
    [channel(0), channel(1), channel(2)]
}

/// Pairs for a light page: paper, then ink.
pub(crate) const BY_DAY: [Pair; 14] = [
    [[0xF7, 0xF1, 0xE3], [0x1D, 0x2B, 0x3A]],
    [[0xFB, 0xEE, 0xD5], [0x5A, 0x1E, 0x1E]],
    [[0xE6, 0xF0, 0xF7], [0x0F, 0x3B, 0x5F]],
    [[0xEA, 0xF4, 0xE4], [0x1F, 0x45, 0x2B]],
    [[0xF4, 0xEA, 0xF7], [0x43, 0x1C, 0x5C]],
    [[0xFD, 0xEC, 0xEA], [0x6B, 0x15, 0x2E]],
    [[0xFF, 0xF6, 0xD6], [0x4A, 0x36, 0x05]],
    [[0xE2, 0xF3, 0xF1], [0x0B, 0x43, 0x46]],
    [[0xF1, 0xEE, 0xEA], [0x33, 0x2B, 0x24]],
    [[0xE9, 0xEC, 0xFB], [0x20, 0x25, 0x6B]],
    [[0xFC, 0xEF, 0xE2], [0x6A, 0x2F, 0x0A]],
    [[0xEF, 0xF3, 0xDC], [0x35, 0x42, 0x0C]],
    [[0xFB, 0xE9, 0xF1], [0x5E, 0x14, 0x4A]],
    [[0xEC, 0xF0, 0xF3], [0x27, 0x33, 0x44]],
];

/// Pairs for a dark page: paper, then ink. The same hues, the light colour subdued so that it does not glare.
pub(crate) const BY_NIGHT: [Pair; 14] = [
    [[0x14, 0x1D, 0x29], [0xD9, 0xD2, 0xC0]],
    [[0x2C, 0x10, 0x12], [0xE2, 0xCB, 0xA9]],
    [[0x0A, 0x24, 0x3B], [0xB5, 0xD0, 0xE4]],
    [[0x11, 0x29, 0x19], [0xBD, 0xD9, 0xAF]],
    [[0x26, 0x12, 0x36], [0xD6, 0xBF, 0xE3]],
    [[0x33, 0x0B, 0x18], [0xEB, 0xC0, 0xBC]],
    [[0x29, 0x1F, 0x05], [0xE3, 0xCF, 0x8C]],
    [[0x08, 0x28, 0x2B], [0xA9, 0xD9, 0xD3]],
    [[0x1F, 0x1B, 0x17], [0xD3, 0xCA, 0xBF]],
    [[0x14, 0x17, 0x40], [0xC1, 0xC8, 0xF0]],
    [[0x33, 0x18, 0x07], [0xEB, 0xC4, 0x9E]],
    [[0x1E, 0x25, 0x09], [0xCD, 0xD8, 0x9E]],
    [[0x30, 0x0D, 0x27], [0xE6, 0xBD, 0xD3]],
    [[0x17, 0x1E, 0x28], [0xC5, 0xCE, 0xD8]],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_on_white_is_21_to_1() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
        assert!((contrast([119, 119, 119], [255; 3]) - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_pair_is_at_least_7_to_1() {
        for [paper, ink] in BY_DAY.into_iter().chain(BY_NIGHT) {
            let ratio = contrast(paper, ink);
            assert!(ratio >= 7.0, "{paper:02X?} {ink:02X?} {ratio}");
        }
    }

    #[test]
    fn a_mix_starts_and_ends_at_its_colours() {
        let (a, b) = ([0, 10, 200], [255, 20, 100]);
        assert_eq!(mix(a, b, 0, 3), a);
        assert_eq!(mix(a, b, 3, 3), b);
        assert_eq!(mix(a, b, 1, 2), [128, 15, 150]);
    }
}
