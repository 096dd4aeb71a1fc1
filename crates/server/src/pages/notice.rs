//! Every error page: what happened and what to do.

use askama::Template;

use super::shell::Shell;

/// The page that goes with an error status.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The HTTP status it is sent with.
    pub(crate) status: u16,
    /// What happened.
    pub(crate) kind: NoticeKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// The request could not be read.
    BadRequest,
    /// It came from another site's page.
    CrossSite,
    /// There is nothing at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The body is larger than any form here.
    TooLarge,
    /// What was here is over.
    Gone,
    /// A limit was reached.
    TooMany {
        /// Seconds until another try makes sense.
        seconds: u64,
    },
    /// The store is away or full.
    Unavailable,
    /// A defect of ours.
    Internal,
}

impl NoticeKind {
    fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::CrossSite => "cross-site",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooLarge => "too-large",
            Self::Gone => "gone",
            Self::TooMany { .. } => "too-many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request-advice",
            Self::CrossSite => "cross-site-advice",
            Self::NotFound => "not-found-advice",
            Self::MethodNotAllowed => "method-not-allowed-advice",
            Self::TooLarge => "too-large-advice",
            Self::Gone => "gone-advice",
            Self::TooMany { .. } => "too-many-advice",
            Self::Unavailable => "unavailable-advice",
            Self::Internal => "internal-advice",
        }
    }

    fn seconds(self) -> u64 {
        match self {
            Self::TooMany { seconds } => seconds,
            _ => 0,
        }
    }
}
