//! The languages the pages speak.

use fluent_templates::{LanguageIdentifier, langid};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Chinese in simplified characters (简体中文).
    ZhHans,
    /// Chinese in traditional characters (繁體中文).
    ZhHant,
}

const EN: LanguageIdentifier = langid!("en");
const ZH_HANS: LanguageIdentifier = langid!("zh-Hans");
const ZH_HANT: LanguageIdentifier = langid!("zh-Hant");

impl Lang {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::En, Self::ZhHans, Self::ZhHant];

    /// The BCP 47 tag, as in `lang` attributes and the configuration.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
        }
    }

    /// The language's name in itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhHans => "简体中文",
            Self::ZhHant => "繁體中文",
        }
    }

    /// The language with this [`code`](Self::code).
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The best language for an `Accept-Language` header (RFC 9110, section 12.5.4): the one
    /// weighted highest, the first among equals; English where none fits.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (Self::En, 0);
        for range in header.split(',') {
            let Some((lang, weight)) = weighted(range) else {
                continue;
            };
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    pub(super) fn id(self) -> LanguageIdentifier {
        match self {
            Self::En => EN,
            Self::ZhHans => ZH_HANS,
            Self::ZhHant => ZH_HANT,
        }
    }

    /// The language a range such as `zh-TW` or `en-GB` asks for. A script outranks a region;
    /// Chinese without either is simplified.
    fn of_range(tag: &str) -> Option<Self> {
        let mut subtags = tag.split('-').map(str::to_ascii_lowercase);
        match subtags.next()?.as_str() {
            "en" | "*" => Some(Self::En),
            "zh" => {
                let rest: Vec<String> = subtags.collect();
                let has = |wanted: &[&str]| rest.iter().any(|tag| wanted.contains(&tag.as_str()));
                let is_traditional = has(&["hant"]) || !has(&["hans"]) && has(&["tw", "hk", "mo"]);
                Some(if is_traditional {
                    Self::ZhHant
                } else {
                    Self::ZhHans
                })
            }
            _ => None,
        }
    }
}

/// A range's language and its weight in thousandths. A malformed weight counts as none at all.
fn weighted(range: &str) -> Option<(Lang, u32)> {
    let mut parts = range.split(';').map(str::trim);
    let lang = Lang::of_range(parts.next()?)?;
    let weight = match parts.next() {
        None => 1_000,
        Some(weight) => thousandths(weight.strip_prefix("q=")?)?,
    };
    Some((lang, weight))
}

/// Reads `0`, `1`, or either with up to three decimals.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let decimals: u32 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_and_nothing_else_is() {
        for lang in Lang::ALL {
            assert_eq!(Lang::parse(lang.code()), Some(lang));
        }
        for other in ["", "EN", "zh", "zh-hans", "zh-Hans ", "de"] {
            assert_eq!(Lang::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn the_browsers_wish_is_followed() {
        for (header, lang) in [
            ("", Lang::En),
            ("zh-CN", Lang::ZhHans),
            ("zh-SG,en;q=0.5", Lang::ZhHans),
            ("zh-Hans-HK", Lang::ZhHans),
            ("zh", Lang::ZhHans),
            ("zh-TW", Lang::ZhHant),
            ("ZH-hk", Lang::ZhHant),
            ("zh-MO;q=0.9,en;q=0.8", Lang::ZhHant),
            ("zh-Hant", Lang::ZhHant),
            ("zh-Hant-CN", Lang::ZhHant),
            ("en-GB,en;q=0.9,zh-TW;q=0.8", Lang::En),
            ("en;q=0.7, zh-TW ; q=0.8", Lang::ZhHant),
            ("de-DE,de;q=0.9,zh-CN;q=0.1", Lang::ZhHans),
            ("de,fr;q=0.5", Lang::En),
            ("zh-TW;q=0,*", Lang::En),
        ] {
            assert_eq!(Lang::from_accept_language(header), lang, "{header:?}");
        }
    }

    #[test]
    fn a_malformed_header_is_no_reason_to_fail() {
        for header in [
            ",,;;",
            ";q=1",
            "zh-TW;q=",
            "zh-TW;q=2",
            "zh-TW;q=1.1",
            "zh-TW;q=-1",
            "zh-TW;q=0.0001",
            "zh-TW;v=1",
            "q=1",
            "\u{feff}zh-TW",
        ] {
            assert_eq!(Lang::from_accept_language(header), Lang::En, "{header:?}");
        }
        let endless = "zh-TW;q=0.1,".repeat(10_000);
        assert_eq!(Lang::from_accept_language(&endless), Lang::ZhHant);
    }
}
