//! The connections to one database.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError,
    RecyclingMethod, Runtime, TimeoutType,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::migrations;
use crate::address::{Address, word};
use crate::gate::{Backend, CONNECT, Gate, VERB, watch_over};
use crate::{Error, Result};

/// At most so many connections of one process.
const CONNECTIONS: usize = 16;

/// How long a caller waits for a connection while the server answers others.
const QUEUE: Duration = Duration::from_secs(2);

pub(super) struct Link {
    gate: Gate,
    pool: Pool,
    schema: String,
    /// Whether the schema has been brought up to date, so that every new connection can greet it.
    is_ready: Arc<AtomicBool>,
}

impl Link {
    /// Begins to connect.
    pub(super) fn open(url: &str) -> Result<Arc<Self>> {
        let (config, schema, shown) = read(url)?;
        let is_ready = Arc::<AtomicBool>::default();
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match config.get_ssl_mode() {
            SslMode::Disable => Manager::from_config(config, NoTls, manager),
            _ => Manager::from_config(config, tls()?, manager),
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(QUEUE))
            .create_timeout(Some(CONNECT))
            .recycle_timeout(Some(VERB))
            .post_create(settle(schema.clone(), Arc::clone(&is_ready)))
            .build()
            .map_err(Error::unavailable)?;
        let link = Arc::new(Self {
            gate: Gate::new(shown),
            pool,
            schema,
            is_ready,
        });
        watch_over(&link);
        Ok(link)
    }

    /// Runs one statement, once. What is not answered in time may have been done.
    pub(super) async fn rows(
        &self,
        statement: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>> {
        let client = self.gate.while_open(self.pool.get()).await?;
        let client = client.map_err(|error| self.no_connection(error))?;
        let answered = self.gate.in_time(async {
            let statement = client.prepare_cached(statement).await?;
            client.query(&statement, values).await
        });
        match answered.await {
            Ok(Ok(rows)) => {
                self.gate.succeed();
                Ok(rows)
            }
            Ok(Err(error)) => {
                if is_lost(&error) || client.is_closed() {
                    drop(Object::take(client));
                    self.gate.shut();
                }
                Err(Error::unavailable(error))
            }
            Err(late) => {
                // Its answer may never come.
                drop(Object::take(client));
                Err(late)
            }
        }
    }

    /// Runs a statement that answers with one row.
    pub(super) async fn row(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Row> {
        let mut rows = self.rows(statement, values).await?;
        rows.pop().ok_or_else(|| Error::unavailable("no row"))
    }

    fn no_connection(&self, error: PoolError) -> Error {
        if !matches!(error, PoolError::Timeout(TimeoutType::Wait)) {
            self.gate.shut();
        }
        Error::unavailable(error)
    }
}

#[async_trait]
impl Backend for Link {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn connect(&self) -> Result<()> {
        self.pool.retain(|_, _| false);
        let mut client = self.pool.get().await.map_err(Error::unavailable)?;
        if !self.is_ready.load(Ordering::Relaxed) {
            let updated = migrations::run(&mut client, &self.schema, self.gate.name()).await;
            if updated.is_err() {
                drop(Object::take(client));
                return updated;
            }
            greet(&client).await.map_err(Error::unavailable)?;
            self.is_ready.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// What the driver needs of a URL, the schema, and what may be shown of it.
fn read(url: &str) -> Result<(Config, String, String)> {
    let mut address = Address::parse(url)?;
    let schema = word(
        "schema",
        address.take("schema").unwrap_or("inkgate".to_owned()),
    )?;
    // libpq's stricter names for what we do in any case: whoever asks for TLS gets a checked certificate.
    let sslmode = address.take("sslmode").map(|mode| match &*mode {
        "verify-full" | "verify-ca" => "require".to_owned(),
        _ => mode,
    });
    let options = address
        .options
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(options)
        .extend_pairs(sslmode.iter().map(|mode| ("sslmode", mode)))
        .finish();
    let user = address
        .user
        .map_or(String::new(), |user| format!("{user}@"));
    // The driver takes "+" as it stands, form encoding means a space by it.
    let query = query.replace('+', "%20");
    let plain = format!(
        "postgres://{user}{}/{}?{query}",
        address.hosts, address.path
    );
    let mut config = Config::from_str(&plain).map_err(bad)?;
    if sslmode.is_none() {
        config.ssl_mode(SslMode::Disable);
    }
    if config.get_application_name().is_none() {
        config.application_name("inkgate");
    }
    config.connect_timeout(CONNECT);
    Ok((config, schema, address.shown()))
}

fn bad(error: tokio_postgres::Error) -> Error {
    let why = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
    Error::BadAddress(format!("cannot be used: {why}"))
}

/// TLS 1.2 or 1.3 with the certificates that this system trusts, or those that `SSL_CERT_FILE` names.
fn tls() -> Result<MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::unavailable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Readies each new connection. The server gives up a statement before we do, so that none goes on unheard.
fn settle(schema: String, is_ready: Arc<AtomicBool>) -> Hook {
    Hook::async_fn(move |client: &mut ClientWrapper, _| {
        let settings = format!(
            "SET search_path = \"{schema}\"; SET statement_timeout = {}; SET synchronous_commit = on",
            VERB.as_millis() - 50
        );
        let is_ready = is_ready.load(Ordering::Relaxed);
        Box::pin(async move {
            client
                .batch_execute(&settings)
                .await
                .map_err(HookError::Backend)?;
            if is_ready {
                greet(client).await.map_err(HookError::Backend)?;
            }
            Ok(())
        })
    })
}

/// Raises the fence if this server is not the one that it was. Fails on a standby.
async fn greet(client: &ClientWrapper) -> std::result::Result<(), tokio_postgres::Error> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
    client.execute("SELECT greet($1)", &[&now]).await.map(drop)
}

/// Whether an error says that this connection, or the server behind it, is of no use any more.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => true,
        Some(code) => [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_FUNCTION,
        ]
        .contains(code),
    }
}
