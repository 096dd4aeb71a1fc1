//! What the server does, without HTTP: each service is a small cloneable struct that holds the
//! tables it uses.

pub mod asking;
pub mod captcha;
pub(crate) mod common;
pub mod curve;
pub mod device;
pub mod dummy;
pub mod keys;
pub mod limiter;
pub mod link;
pub mod login;
pub mod mail;
pub mod marks;
pub mod password;
pub mod policy;
pub mod preset;
pub mod remember;
pub mod session;
pub mod sites;
pub mod throttle;
pub mod verify;
pub mod work;
