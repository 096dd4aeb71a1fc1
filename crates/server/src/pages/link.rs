//! One-time links: creating the first member, setting a password.

use askama::Template;

use super::shell::Shell;

/// The form behind a link.
#[derive(Debug, Template)]
#[template(path = "link_form.html")]
pub(crate) struct LinkForm<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// What the link is for.
    pub(crate) purpose: LinkPurpose,
    /// The link itself, where the form goes.
    pub(crate) action: &'a str,
    /// The e-mail address typed before, if any.
    pub(crate) email: String,
    /// The name typed before, if any.
    pub(crate) name: String,
    /// Why the form is shown again.
    pub(crate) problem: Option<LinkProblem>,
}

impl LinkForm<'_> {
    fn is_wrong(&self, part: Part) -> bool {
        self.problem.is_some_and(|problem| problem.part() == part)
    }
}

/// The fields of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Email,
    Name,
    Password,
    Again,
}

/// What a link is for.
#[derive(Debug)]
pub(crate) enum LinkPurpose {
    /// To create the first member.
    CreateFirst,
    /// To set a member's password.
    SetPassword {
        /// The member's e-mail address.
        email: String,
    },
}

impl LinkPurpose {
    fn title(&self) -> &'static str {
        match self {
            Self::CreateFirst => "link-create",
            Self::SetPassword { .. } => "link-set",
        }
    }

    fn lead(&self) -> &'static str {
        match self {
            Self::CreateFirst => "link-create-lead",
            Self::SetPassword { .. } => "link-set-lead",
        }
    }

    fn submit(&self) -> &'static str {
        match self {
            Self::CreateFirst => "link-create-submit",
            Self::SetPassword { .. } => "link-set-submit",
        }
    }
}

/// Why a link was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkProblem {
    /// Not an e-mail address.
    Email,
    /// Not a name.
    Name,
    /// Too few characters.
    TooShort,
    /// Too many characters.
    TooLong,
    /// Among the passwords that are tried first: name, e-mail, one character, a run.
    Common,
    /// The two passwords differ.
    Mismatch,
}

impl LinkProblem {
    fn text(self) -> &'static str {
        match self {
            Self::Email => "email-problem",
            Self::Name => "name-problem",
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::Mismatch => "password-mismatch",
        }
    }

    fn part(self) -> Part {
        match self {
            Self::Email => Part::Email,
            Self::Name => Part::Name,
            Self::TooShort | Self::TooLong | Self::Common => Part::Password,
            Self::Mismatch => Part::Again,
        }
    }
}

/// The page after a link was followed.
#[derive(Debug, Template)]
#[template(path = "link_done.html")]
pub(crate) struct LinkDone<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
}

/// The page behind a link that was used, is over, or never was.
#[derive(Debug, Template)]
#[template(path = "link_gone.html")]
pub(crate) struct LinkGone<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
}
