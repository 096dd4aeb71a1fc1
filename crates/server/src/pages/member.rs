//! Site two, "member": the login form and the page behind it.

use askama::Template;

use super::picture::Picture;
use super::shell::Shell;

/// `/member/login`
#[derive(Debug, Template)]
#[template(path = "member_login.html")]
pub(crate) struct MemberLogin<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The form's ticket and its picture, where a captcha is asked.
    pub(crate) picture: Option<Picture>,
    /// The e-mail address typed before, if any.
    pub(crate) email: String,
    /// Whether "remember me" was ticked before.
    pub(crate) remember: bool,
    /// Where to go after signing in; empty for the member page.
    pub(crate) next: &'a str,
    /// Why the form is shown again.
    pub(crate) problem: Option<MemberProblem>,
    /// Name of the member this browser is signed in as.
    pub(crate) signed_in_as: Option<&'a str>,
}

impl MemberLogin<'_> {
    fn is_captcha_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(MemberProblem::Captcha | MemberProblem::CaptchaExpired)
        )
    }

    fn is_password_wrong(&self) -> bool {
        self.problem == Some(MemberProblem::Password)
    }
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberProblem {
    /// Not what the picture shows, or the picture was used before.
    Captcha,
    /// The picture is too old.
    CaptchaExpired,
    /// No such e-mail address, or not its password.
    Password,
}

impl MemberProblem {
    fn title(self) -> &'static str {
        match self {
            Self::Captcha => "captcha-wrong",
            Self::CaptchaExpired => "captcha-expired",
            Self::Password => "password-wrong",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Captcha | Self::CaptchaExpired => "captcha-advice",
            Self::Password => "password-advice",
        }
    }
}

/// `/member/`
#[derive(Debug, Template)]
#[template(path = "member_home.html")]
pub(crate) struct MemberHome<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// The member's name.
    pub(crate) name: String,
    /// Whether this is the first page after signing in.
    pub(crate) just_signed_in: bool,
}
