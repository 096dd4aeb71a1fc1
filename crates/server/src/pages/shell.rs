//! The frame that every page stands in.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};

use super::assets::Assets;
use super::lang::Lang;

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
    };
}

/// What every page needs: its language, its own address, and where the files it loads are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shell<'a> {
    /// The language the page speaks.
    pub(crate) lang: Lang,
    /// Path and query to come back to after another language was chosen.
    pub(crate) here: &'a str,
    /// Style sheet, scripts and mark.
    pub(crate) assets: &'a Assets,
}

impl Shell<'_> {
    /// The text with this key in the page's language.
    pub(crate) fn say(&self, key: &str) -> String {
        TEXTS.lookup(&self.lang.id(), key)
    }

    /// The text with this key and one value in it. Fluent isolates the value, so that a name
    /// written from right to left does not turn the sentence around.
    pub(crate) fn say_with<'v>(
        &self,
        key: &str,
        name: &'static str,
        value: impl Into<FluentValue<'v>>,
    ) -> String {
        let values = HashMap::from([(Cow::Borrowed(name), value.into())]);
        TEXTS.lookup_with_args(&self.lang.id(), key, &values)
    }

    /// Every language, for the switcher.
    pub(crate) fn languages(&self) -> [Lang; 3] {
        Lang::ALL
    }
}
