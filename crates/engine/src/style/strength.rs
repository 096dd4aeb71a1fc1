//! Strength: what solvers and people were seen to read of a style.

/// What was measured of a style as it comes, in per cent of whole pictures.
///
/// `docs/strength.md` says how, and has the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// Read by the best of the solvers as they are shipped.
    pub stock: f32,
    /// Read by the best of them once adapted to the style by somebody who has read how it is drawn.
    pub adapted: f32,
    /// Read by a person who saw the pictures and nothing else.
    pub blind: f32,
    /// When: year, month and day.
    pub measured: &'static str,
}

/// The published figures, copied from `docs/strength.md`: style, stock, adapted, blind, date.
///
/// They are of the style's first size. A style that is not here has none.
const PUBLISHED: [(&str, f32, f32, f32, &str); 4] = [
    ("ink", 0.0, 32.0, 97.0, "2026-11-21"),
    ("woodcut", 0.0, 33.3, 95.0, "2026-11-21"),
    ("arch", 1.7, 40.0, 100.0, "2026-11-21"),
    ("legible", 16.7, 81.7, 100.0, "2026-11-21"),
];

/// What is published of the style of that name.
pub(super) fn published(name: &str) -> Option<Strength> {
    let row = PUBLISHED.iter().find(|row| row.0 == name);
    row.map(|&(_, stock, adapted, blind, measured)| Strength {
        stock,
        adapted,
        blind,
        measured,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Styles;

    #[test]
    fn what_is_published_is_of_a_style_that_there_is() {
        let styles = Styles::standard();
        for (name, stock, adapted, blind, measured) in PUBLISHED {
            assert!(styles.get(name).is_some(), "{name}");
            for share in [stock, adapted, blind] {
                assert!((0.0..=100.0).contains(&share), "{name}: {share}");
            }
            let digits = measured.bytes().filter(u8::is_ascii_digit).count();
            assert_eq!((measured.len(), digits), (10, 8), "{name}: {measured}");
        }
    }
}
