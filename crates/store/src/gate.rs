//! Whether a server elsewhere can be reached: one door for all who want something of it, one task that knocks while
//! it is shut.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{Error, Result};

/// How long a server may take over one verb.
pub(crate) const VERB: Duration = Duration::from_millis(500);

/// How long it may take until a new connection is of use.
pub(crate) const CONNECT: Duration = Duration::from_secs(1);

/// A server that may be away.
#[async_trait]
pub(crate) trait Backend: Send + Sync + 'static {
    /// Its gate.
    fn gate(&self) -> &Gate;

    /// Makes a connection and finds out that it is of use, in a time that has a bound.
    async fn connect(&self) -> Result<()>;
}

/// Open while the server answers. Whoever comes while it is shut is told so at once.
pub(crate) struct Gate {
    state: watch::Sender<State>,
    /// When something last succeeded.
    succeeded: Mutex<Instant>,
    /// What the server is called in the log, without secrets.
    name: String,
}

#[derive(Clone)]
enum State {
    Open,
    /// Shut, and why, once a try has told.
    Shut(Option<Arc<Error>>),
}

impl Gate {
    /// A gate that is shut until [`watch_over`] has opened it.
    pub(crate) fn new(name: String) -> Self {
        Self {
            state: watch::Sender::new(State::Shut(None)),
            succeeded: Mutex::new(Instant::now()),
            name,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Waits for `turn`, which must not outlast the gate's being open.
    pub(crate) async fn while_open<T>(&self, turn: impl Future<Output = T>) -> Result<T> {
        let mut state = self.state.subscribe();
        tokio::select! {
            biased;
            shut = state.wait_for(|state| matches!(state, State::Shut(_))) => {
                Err(shut.map_or_else(Error::unavailable, |state| away(&state)))
            }
            done = turn => Ok(done),
        }
    }

    /// Does something within [`VERB`]. One that began after the last success and ends too late shuts the gate: the
    /// server does not answer anybody.
    pub(crate) async fn in_time<T>(&self, verb: impl Future<Output = T>) -> Result<T> {
        let begun = Instant::now();
        let done = tokio::time::timeout(VERB, verb).await;
        if done.is_err() && *lock(&self.succeeded) < begun {
            self.shut();
        }
        done.map_err(|_| Error::unavailable(Late))
    }

    /// Notes that the server answered.
    pub(crate) fn succeed(&self) {
        *lock(&self.succeeded) = Instant::now();
    }

    pub(crate) fn shut(&self) {
        self.state.send_if_modified(|state| {
            let was_open = matches!(state, State::Open);
            if was_open {
                *state = State::Shut(None);
            }
            was_open
        });
    }

    /// Until the gate is open, or the reason why it is shut is known, or time is up.
    pub(crate) async fn settled(&self, patience: Duration) -> Result<()> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Shut(None)));
        match tokio::time::timeout(patience, settled).await {
            Ok(Ok(state)) if matches!(*state, State::Open) => Ok(()),
            Ok(Ok(state)) => Err(reason(&state)),
            _ => Err(Error::unavailable(Late)),
        }
    }
}

/// The reason itself, where whoever starts should hear it as it is.
fn reason(state: &State) -> Error {
    match state {
        State::Shut(Some(why)) => match &**why {
            Error::NewerSchema { path, found, known } => Error::NewerSchema {
                path: path.clone(),
                found: *found,
                known: *known,
            },
            _ => away(state),
        },
        _ => away(state),
    }
}

/// Opens the gate as soon as the server can be reached, now and whenever it was away, for as long as the backend is
/// there. However many callers a server has, it is knocked at by one of each process, ever more slowly.
pub(crate) fn watch_over(backend: &Arc<impl Backend>) {
    let mut state = backend.gate().state.subscribe();
    let backend = Arc::downgrade(backend);
    tokio::spawn(async move {
        while state
            .wait_for(|state| matches!(state, State::Shut(_)))
            .await
            .is_ok()
        {
            if reopen(&backend).await.is_none() {
                return;
            }
        }
    });
}

/// Knocks until the gate is open; `None` when the backend is gone.
async fn reopen(backend: &Weak<impl Backend>) -> Option<()> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let there = backend.upgrade()?;
        let gate = there.gate();
        match there.connect().await {
            Ok(()) => {
                gate.succeed();
                gate.state.send_replace(State::Open);
                tracing::info!(store = gate.name, after = ?begun.elapsed(), "the store answers");
                return Some(());
            }
            Err(error) => gate.note(error),
        }
        drop(there);
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_millis(400);

/// Between half a pause and all of it, so that not all processes knock at once.
fn jittered(pause: Duration) -> Duration {
    let share = getrandom::u32().unwrap_or(u32::MAX);
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u32::MAX) / 2.0)
}

impl Gate {
    /// Keeps why the server cannot be reached; the log hears it when it changes.
    fn note(&self, error: Error) {
        let told = chain(&error);
        self.state.send_if_modified(|state| {
            let is_news = match state {
                State::Shut(Some(before)) => chain(before) != told,
                _ => true,
            };
            *state = State::Shut(Some(Arc::new(error)));
            if is_news {
                tracing::warn!(store = self.name, error = told, "the store is away");
            }
            is_news
        });
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

fn away(state: &State) -> Error {
    match state {
        State::Shut(Some(why)) => Error::unavailable(Away(Arc::clone(why))),
        _ => Error::unavailable("it does not answer"),
    }
}

/// The server did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("it did not answer in time")]
struct Late;

/// Why the last try failed, for everyone who asks meanwhile.
#[derive(Debug)]
struct Away(Arc<Error>);

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(&self.0))
    }
}

impl StdError for Away {}

/// Why a server is away: an error and its causes, once each, in one line.
fn chain(error: &Error) -> String {
    let (mut told, mut source) = match error {
        Error::Unavailable(why) => (why.to_string(), why.source()),
        other => (other.to_string(), other.source()),
    };
    while let Some(cause) = source {
        let said = cause.to_string();
        if !told.ends_with(&said) {
            told = format!("{told}: {said}");
        }
        source = cause.source();
    }
    told
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
