//! Stories told through `app(state)`: what a visitor asks and what comes back. No socket.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod altcha;
mod api;
mod cap;
mod dummy;
mod errors;
mod fallback;
mod front;
mod keys;
mod limits;
mod links;
mod login;
mod mail;
mod member;
mod metrics;
mod newpage;
mod once;
mod openapi;
mod pictures;
mod policy;
mod remember;
mod site;
mod siteverify;
mod store;
mod throttle;
mod visitor;
mod work;
