//! The Inkgate HTTP service: challenges, the two sites, member sign-in.
//!
//! Two doors: [`app`] makes the [`axum::Router`] that answers visitors and sites, to be mounted or
//! tested without a socket; [`serve`] runs it on a listener until told to stop.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use inkgate_server::{AppState, Config, serve};
//!
//! let config = Config::default();
//! let listener = tokio::net::TcpListener::bind(config.listen).await?;
//! serve(AppState::open(config)?, listener, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod clock;
pub mod config;
mod connections;
pub mod data;
mod deadline;
mod error;
mod faces;
mod http;
mod metrics;
mod pages;
pub mod service;
mod state;
mod storage;

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use connections::Connections;
use tokio::net::TcpListener;

pub use clock::Clock;
pub use config::Config;
pub use error::Error;
pub use faces::styles;
pub use http::{admin, app};
pub use metrics::Metrics;
pub use pages::Lang;
pub use state::{AppState, Foundation, StartError};
pub use storage::{Opener, Remotes, Storage};

/// How often what has expired is deleted and the keys are read again.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Where a server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For metrics and readiness, if anybody asks for them.
    pub admin: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(public: TcpListener) -> Self {
        Self {
            public,
            admin: None,
        }
    }
}

/// Serves until `shutdown` resolves, lets requests in flight end, and closes the store. The admin
/// listener answers until then, and says that the server is no longer ready.
pub async fn serve(
    state: AppState,
    listeners: impl Into<Listeners>,
    shutdown: impl Future<Output = ()>,
) {
    let Listeners { public, admin } = listeners.into();
    let tidying = tokio::spawn({
        let state = state.clone();
        async move {
            loop {
                tokio::time::sleep(TIDY_EVERY).await;
                state.tidy().await;
            }
        }
    });
    let connections = || Connections::new(&state.config);
    let shutdown = async {
        shutdown.await;
        state.is_ending.store(true, Ordering::Relaxed);
    };
    let answering = accept::accept(public, connections(), app(state.clone()), shutdown);
    match admin {
        None => answering.await,
        Some(admin) => {
            let router = http::admin(state.clone());
            tokio::select! {
                () = answering => {}
                () = accept::accept(admin, connections(), router, std::future::pending()) => {}
            }
        }
    }
    tidying.abort();
    if let Err(error) = state.store.close().await {
        tracing::error!(%error, "the store did not close cleanly");
    }
}
