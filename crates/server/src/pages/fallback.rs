//! The check for visitors of other sites whose browsers run no scripts.

use askama::Template;

use super::newpage::NewpageProblem;
use super::picture::Picture;
use super::shell::Shell;

/// `/fallback`
#[derive(Debug, Template)]
#[template(path = "fallback.html")]
pub(crate) struct Fallback<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The form's ticket and its picture.
    pub(crate) picture: Picture,
    /// The public key of the site whose form this is for.
    pub(crate) sitekey: &'a str,
    /// What the visitor is about to do there, if the address says it.
    pub(crate) action: &'a str,
    /// The host that the form is on.
    pub(crate) host: &'a str,
    /// Why the form is shown again.
    pub(crate) problem: Option<NewpageProblem>,
}

/// The page after a right code.
#[derive(Debug, Template)]
#[template(path = "fallback_done.html")]
pub(crate) struct FallbackDone<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The public key of the site whose form this is for.
    pub(crate) sitekey: &'a str,
    /// The host that the form is on.
    pub(crate) host: &'a str,
    /// What is to be copied.
    pub(crate) token: String,
    /// How long it is good.
    pub(crate) seconds: u64,
}
