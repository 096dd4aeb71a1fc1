//! What visitors see: one struct for each page, its template beside it in `templates/`.
//!
//! Pages know nothing of HTTP: handlers fill them in and render them.

mod assets;
mod docs;
mod fallback;
mod front;
mod lang;
mod link;
mod member;
mod newpage;
mod notice;
mod picture;
mod product;
mod shell;

pub(crate) use assets::Assets;
pub(crate) use docs::{Docs, Operation};
pub(crate) use fallback::{Fallback, FallbackDone};
pub(crate) use front::{Front, StyleCard};
pub use lang::Lang;
pub(crate) use link::{LinkDone, LinkForm, LinkGone, LinkProblem, LinkPurpose};
pub(crate) use member::{MemberHome, MemberLogin, MemberProblem};
pub(crate) use newpage::{NewpageDone, NewpageLogin, NewpageProblem};
pub(crate) use notice::{Notice, NoticeKind};
pub(crate) use picture::Picture;
pub(crate) use product::{
    Account, AccountProblem, BROWSERS, EntryForm, EntryProblem, EntryPurpose, LoginForm,
    LoginProblem, Mailing, Product, SessionRow, Telling, Told,
};
pub(crate) use shell::Shell;

#[cfg(test)]
mod tests;
