//! Site one, "newpage": a form with a picture, and what a right code shows.

use askama::Template;

use super::picture::Picture;
use super::shell::Shell;

/// `/newpage/login/`
#[derive(Debug, Template)]
#[template(path = "newpage_login.html")]
pub(crate) struct NewpageLogin<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The form's ticket and its picture.
    pub(crate) picture: Picture,
    /// The name typed before, if any.
    pub(crate) username: String,
    /// Why the form is shown again.
    pub(crate) problem: Option<NewpageProblem>,
}

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewpageProblem {
    /// Not what the picture shows, or the picture was used before.
    Wrong,
    /// The picture is too old.
    Expired,
}

impl NewpageProblem {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Wrong => "code-wrong",
            Self::Expired => "code-expired",
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Wrong => "code-wrong-advice",
            Self::Expired => "code-expired-advice",
        }
    }
}

/// The page after a right code.
#[derive(Debug, Template)]
#[template(path = "newpage_done.html")]
pub(crate) struct NewpageDone<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
}
