//! The product's own sign-in, neutral of the tutorials: forms, the account, and what is told.

use askama::Template;

use super::picture::Picture;
use super::shell::Shell;

/// What the pages call themselves, and what they offer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product<'a> {
    /// The name beside the logo.
    pub(crate) name: &'a str,
    /// The address of the logo.
    pub(crate) logo: &'a str,
    /// Whether a link to set a password can be mailed.
    pub(crate) has_mail: bool,
    /// Whether visitors may make accounts.
    pub(crate) has_registration: bool,
}

/// `/login`
#[derive(Debug, Template)]
#[template(path = "login.html")]
pub(crate) struct LoginForm<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// Whose form it is.
    pub(crate) product: Product<'a>,
    /// The form's ticket and its picture, where a captcha is asked.
    pub(crate) picture: Option<Picture>,
    /// The e-mail address typed before, if any.
    pub(crate) email: String,
    /// Whether "remember me" was ticked before.
    pub(crate) remember: bool,
    /// Where to go after signing in; empty for the account.
    pub(crate) next: &'a str,
    /// Why the form is shown again.
    pub(crate) problem: Option<LoginProblem>,
    /// Name of the member this browser is signed in as.
    pub(crate) signed_in_as: Option<&'a str>,
}

impl LoginForm<'_> {
    fn is_captcha_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(LoginProblem::Captcha | LoginProblem::CaptchaExpired | LoginProblem::CaptchaAsked)
        )
    }

    fn is_password_wrong(&self) -> bool {
        self.problem == Some(LoginProblem::Password)
    }
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginProblem {
    /// Not what the picture shows, or the picture was used before.
    Captcha,
    /// The picture is too old.
    CaptchaExpired,
    /// From now on a captcha is asked, too.
    CaptchaAsked,
    /// No such e-mail address, or not its password.
    Password,
}

impl LoginProblem {
    fn title(self) -> &'static str {
        match self {
            Self::Captcha => "captcha-wrong",
            Self::CaptchaExpired => "captcha-expired",
            Self::CaptchaAsked => "captcha-asked",
            Self::Password => "login-failed",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Captcha | Self::CaptchaExpired | Self::CaptchaAsked => "captcha-advice",
            Self::Password => "login-failed-advice",
        }
    }
}

/// `/register` and `/login/link`
#[derive(Debug, Template)]
#[template(path = "register.html")]
pub(crate) struct EntryForm<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// Whose form it is.
    pub(crate) product: Product<'a>,
    /// What for.
    pub(crate) purpose: EntryPurpose,
    /// The form's ticket and its picture.
    pub(crate) picture: Picture,
    /// The e-mail address typed before, if any.
    pub(crate) email: String,
    /// The name typed before, if any.
    pub(crate) name: String,
    /// Why the form is shown again.
    pub(crate) problem: Option<EntryProblem>,
}

impl EntryForm<'_> {
    fn is_captcha_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(EntryProblem::Captcha | EntryProblem::CaptchaExpired)
        )
    }

    fn is_email_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(EntryProblem::Email | EntryProblem::Taken)
        )
    }

    fn is_name_wrong(&self) -> bool {
        self.problem == Some(EntryProblem::Name)
    }

    fn is_password_wrong(&self) -> bool {
        matches!(
            self.problem,
            Some(
                EntryProblem::TooShort
                    | EntryProblem::TooLong
                    | EntryProblem::Common
                    | EntryProblem::Mismatch
            )
        )
    }
}

/// What a form with a captcha is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryPurpose {
    /// An account, whose password is typed here.
    RegisterHere,
    /// An account, whose address is proved by a mailed link.
    RegisterByMail,
    /// A link to set the password of an account that there may be.
    Forgot,
}

impl EntryPurpose {
    fn title(self) -> &'static str {
        match self {
            Self::RegisterHere | Self::RegisterByMail => "register-title",
            Self::Forgot => "forgot-title",
        }
    }

    fn lead(self) -> &'static str {
        match self {
            Self::RegisterHere => "register-lead",
            Self::RegisterByMail => "register-mail-lead",
            Self::Forgot => "forgot-lead",
        }
    }

    fn submit(self) -> &'static str {
        match self {
            Self::RegisterHere => "register-submit",
            Self::RegisterByMail | Self::Forgot => "forgot-submit",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::RegisterHere | Self::RegisterByMail => "/register",
            Self::Forgot => "/login/link",
        }
    }
}

/// Why such a form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryProblem {
    /// Not what the picture shows, or the picture was used before.
    Captcha,
    /// The picture is too old.
    CaptchaExpired,
    /// Not an e-mail address.
    Email,
    /// There is an account with this address.
    Taken,
    /// Not a name.
    Name,
    /// Too few characters.
    TooShort,
    /// Too many characters.
    TooLong,
    /// Nothing but common words.
    Common,
    /// The two passwords differ.
    Mismatch,
}

impl EntryProblem {
    fn text(self) -> &'static str {
        match self {
            Self::Captcha => "captcha-wrong",
            Self::CaptchaExpired => "captcha-expired",
            Self::Email => "email-problem",
            Self::Taken => "register-taken",
            Self::Name => "name-problem",
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::Mismatch => "password-mismatch",
        }
    }
}

/// A page that only tells something.
#[derive(Debug, Template)]
#[template(path = "told.html")]
pub(crate) struct Told<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// Whose page it is.
    pub(crate) product: Product<'a>,
    /// What.
    pub(crate) told: Telling,
}

/// What such a page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// An account was made.
    Registered,
    /// A link is in the mail, if anybody is to have one.
    Mailed,
    /// Every session has ended.
    SignedOutEverywhere,
    /// The account is gone.
    Deleted,
}

impl Telling {
    fn title(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Mailed => "mailed",
            Self::SignedOutEverywhere => "signed-out-everywhere",
            Self::Deleted => "account-deleted",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Registered => "registered-note",
            Self::Mailed => "mailed-note",
            Self::SignedOutEverywhere => "signed-out-everywhere-note",
            Self::Deleted => "account-deleted-note",
        }
    }
}

/// `/account`
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub(crate) struct Account<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// Whose page it is.
    pub(crate) product: Product<'a>,
    /// The member's name.
    pub(crate) name: String,
    /// The member's address.
    pub(crate) email: String,
    /// Where the member is signed in.
    pub(crate) sessions: Vec<SessionRow>,
    /// What has been done.
    pub(crate) notice: Option<&'static str>,
    /// Why it was not.
    pub(crate) problem: Option<AccountProblem>,
}

impl Account<'_> {
    fn is_wrong(&self, part: AccountPart) -> bool {
        self.problem.is_some_and(|problem| problem.part() == part)
    }
}

/// The texts of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mailing {
    /// A link to set a password.
    Link,
    /// A link that makes an account.
    Registration,
}

impl Mailing {
    /// The subject, after the product's name.
    pub(crate) fn subject(self) -> &'static str {
        match self {
            Self::Link => "mail-link-subject",
            Self::Registration => "mail-register-subject",
        }
    }

    /// The text, which holds the link.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Link => "mail-link-text",
            Self::Registration => "mail-register-text",
        }
    }
}

/// What browsers are called: Edge, Firefox, Chrome, Safari and all others.
pub(crate) const BROWSERS: [&str; 5] = [
    "browser-edge",
    "browser-firefox",
    "browser-chrome",
    "browser-safari",
    "browser-other",
];

/// A session in the list.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    /// Names it in the form.
    pub(crate) id: String,
    /// The text that names the browser.
    pub(crate) browser: &'static str,
    /// When it began.
    pub(crate) created: String,
    /// When it was last used.
    pub(crate) seen: String,
    /// Whether it is the one that looks.
    pub(crate) is_this: bool,
}

/// The account's forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccountPart {
    Current,
    New,
    Delete,
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountProblem {
    /// The current password is another.
    Wrong,
    /// So it is, and the account stays.
    WrongToDelete,
    /// Too few characters.
    TooShort,
    /// Too many characters.
    TooLong,
    /// Nothing but common words.
    Common,
    /// The two passwords differ.
    Mismatch,
}

impl AccountProblem {
    fn text(self) -> &'static str {
        match self {
            Self::Wrong | Self::WrongToDelete => "current-wrong",
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::Mismatch => "password-mismatch",
        }
    }

    fn part(self) -> AccountPart {
        match self {
            Self::Wrong => AccountPart::Current,
            Self::WrongToDelete => AccountPart::Delete,
            _ => AccountPart::New,
        }
    }
}
