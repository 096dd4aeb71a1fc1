//! The connection to one server, to whichever server the sentinels name, or to a cluster.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, RedisError,
    ServerErrorKind, TlsMode,
};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::names::Names;
use super::scripts::{GREET, Lua};
use crate::address::{Address, word};
use crate::clock::Clock;
use crate::gate::{Backend, CONNECT, Gate, VERB, watch_over};
use crate::{Error, Result};

pub(super) struct Link {
    gate: Gate,
    servers: Servers,
    pub(super) names: Names,
    pub(super) clock: Clock,
    connection: Mutex<Option<Connection>>,
    /// Told when a node of a cluster was away.
    missed: Notify,
    /// What the operator has been told of a server that may evict.
    told: Mutex<Option<String>>,
}

enum Servers {
    One(Box<Client>),
    Sentinel(Box<tokio::sync::Mutex<Watched>>),
    Cluster(Box<ClusterClient>),
}

/// The sentinels, and which master they named last.
struct Watched {
    client: SentinelClient,
    master: Option<ConnectionAddr>,
}

/// All requests of this process share it.
#[derive(Clone)]
pub(super) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    pub(super) async fn ask<T: FromRedisValue>(
        &mut self,
        what: &Cmd,
    ) -> std::result::Result<T, RedisError> {
        match self {
            Self::One(one) => what.query_async(one).await,
            Self::Cluster(cluster) => what.query_async(cluster).await,
        }
    }
}

impl Link {
    /// Begins to connect.
    pub(super) fn open(url: &str) -> Result<Arc<Self>> {
        let mut address = Address::parse(url)?;
        let prefix = word(
            "prefix",
            address.take("prefix").unwrap_or("inkgate".to_owned()),
        )?;
        let (servers, buckets) = read(&mut address)?;
        if let Some((unknown, _)) = address.options.first() {
            return Err(bad(&format!("has an option {unknown:?} that is not known")));
        }
        let link = Arc::new(Self {
            gate: Gate::new(address.shown()),
            servers,
            names: Names::new(&prefix, buckets),
            clock: Clock::default(),
            connection: Mutex::default(),
            missed: Notify::new(),
            told: Mutex::default(),
        });
        watch_over(&link);
        match link.servers {
            Servers::One(_) => {}
            Servers::Sentinel(_) => drop(tokio::spawn(follow(Arc::downgrade(&link)))),
            Servers::Cluster(_) => drop(tokio::spawn(greet_again(Arc::downgrade(&link)))),
        }
        Ok(link)
    }

    /// Runs a script once. What is not answered in time may have been done.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Lua,
        keys: &[Vec<u8>],
        values: &[&[u8]],
    ) -> Result<T> {
        self.settle(async |connection| script.run(connection, keys, values).await)
            .await
    }

    /// Runs a command once.
    pub(super) async fn ask<T: FromRedisValue>(&self, what: &Cmd) -> Result<T> {
        self.settle(async |connection| connection.ask(what).await)
            .await
    }

    async fn settle<T>(
        &self,
        act: impl AsyncFnOnce(&mut Connection) -> std::result::Result<T, RedisError>,
    ) -> Result<T> {
        // Reached only while the gate is open: then there is a connection.
        let connection = self
            .gate
            .while_open(std::future::ready(()))
            .await
            .map(|()| {
                let connection = self.connection.lock();
                connection.unwrap_or_else(PoisonError::into_inner).clone()
            })?;
        let mut connection = connection.ok_or_else(|| Error::unavailable("no connection"))?;
        let answered = self.gate.in_time(act(&mut connection)).await?;
        answered
            .inspect(|_| self.gate.succeed())
            .map_err(|error| self.failed(&connection, error))
    }

    fn failed(&self, connection: &Connection, error: RedisError) -> Error {
        if is_full(&error) {
            self.gate.succeed();
            return Error::Full;
        }
        // A cluster's connection finds its nodes again by itself; while it has none, the gate is shut by what comes too late.
        let is_lost = match connection {
            Connection::One(_) => is_lost(&error),
            Connection::Cluster(_) => {
                self.missed.notify_one();
                error.kind() == ErrorKind::ClusterConnectionNotFound
            }
        };
        if is_lost {
            self.gate.shut();
        }
        Error::unavailable(error)
    }

    async fn connection(&self) -> std::result::Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(VERB));
        Ok(match &self.servers {
            Servers::One(client) => Connection::One(
                client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?,
            ),
            Servers::Sentinel(watched) => {
                let mut watched = watched.lock().await;
                let client = watched.client.async_get_client().await?;
                watched.master = Some(client.get_connection_info().addr().clone());
                Connection::One(
                    client
                        .get_multiplexed_async_connection_with_config(&config)
                        .await?,
                )
            }
            Servers::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        })
    }

    /// Raises every fence that this connection finds in another history, and says whether it found all of them. In a
    /// cluster some nodes may be away: one that answers will do.
    async fn greet(&self, connection: &Connection) -> Result<bool> {
        let now = self.clock.now().to_string();
        let mut greetings = JoinSet::new();
        for fence in self.names.fences() {
            let (mut connection, now) = (connection.clone(), now.clone());
            greetings.spawn(async move {
                let (fence, now) = ([fence], [now.as_bytes()]);
                let greeting = GREET.run::<String>(&mut connection, &fence, &now);
                tokio::time::timeout(VERB, greeting).await
            });
        }
        let (mut greeted, mut failed) = (false, None);
        while let Some(greeting) = greetings.join_next().await {
            match greeting {
                Ok(Ok(Ok(policy))) => {
                    self.warn_of(policy);
                    greeted = true;
                }
                Ok(Ok(Err(error))) => failed = Some(Error::unavailable(error)),
                _ => failed = Some(Error::unavailable("it did not answer in time")),
            }
        }
        match failed {
            Some(error) if !greeted => Err(error),
            failed => Ok(failed.is_none()),
        }
    }

    /// A server that evicts forgets used marks, and nothing tells.
    fn warn_of(&self, policy: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if policy != "noeviction" && told.as_ref() != Some(&policy) {
            tracing::warn!(
                store = self.gate.name(),
                policy,
                "when its memory is full this server forgets records, and a ticket may be used twice; set its \
                 maxmemory-policy to noeviction"
            );
            *told = Some(policy);
        }
    }
}

#[async_trait]
impl Backend for Link {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn connect(&self) -> Result<()> {
        let late = |_| Error::unavailable("it did not answer in time");
        let connection = tokio::time::timeout(CONNECT, self.connection()).await;
        let connection = connection.map_err(late)?.map_err(Error::unavailable)?;
        if !self.greet(&connection).await? {
            self.missed.notify_one();
        }
        *self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(())
    }
}

/// Raises the fences of nodes that were away soon after they are back, so that they stand before the first ticket that
/// is checked there was issued.
async fn greet_again(link: Weak<Link>) {
    let mut pause = GREET_AGAIN;
    loop {
        tokio::time::sleep(pause).await;
        let Some(there) = link.upgrade() else { return };
        let connection = there.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner).clone();
        let has_all = match connection {
            Some(connection) => there.greet(&connection).await.unwrap_or(false),
            None => false,
        };
        pause = match has_all {
            false => (pause * 2).min(GREET_AGAIN * 16),
            true => GREET_AGAIN,
        };
        if has_all {
            // The link lives at most a minute longer than whoever opened it.
            let _ = tokio::time::timeout(Duration::from_secs(60), there.missed.notified()).await;
        }
    }
}

const GREET_AGAIN: Duration = Duration::from_millis(100);

/// Lets go of a master as soon as the sentinels name another: it may be cut off from them and not know yet.
async fn follow(link: Weak<Link>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let Some(link) = link.upgrade() else { return };
        let Servers::Sentinel(watched) = &link.servers else {
            return;
        };
        let mut watched = watched.lock().await;
        let named = tokio::time::timeout(CONNECT, watched.client.async_get_client()).await;
        if let Ok(Ok(client)) = named
            && watched
                .master
                .as_ref()
                .is_some_and(|master| master != client.get_connection_info().addr())
        {
            link.gate.shut();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// In a cluster, records are spread over so many buckets, each in one slot with its own fence.
const BUCKETS: u8 = 64;

/// The servers of an address, and how many buckets records are spread over.
fn read(address: &mut Address<'_>) -> Result<(Servers, u8)> {
    let (kind, is_tls) = match address.scheme {
        "redis" => ("", false),
        "rediss" => ("", true),
        scheme => match scheme.split_once('+') {
            Some(("redis", kind)) => (kind, false),
            Some(("rediss", kind)) => (kind, true),
            _ => return Err(bad("is of no kind that is known here")),
        },
    };
    let scheme = if is_tls { "rediss" } else { "redis" };
    let user = address
        .user
        .map_or(String::new(), |user| format!("{user}@"));
    let node = |host: &str, path: &str| format!("{scheme}://{user}{host}/{path}");
    let unusable = |error: RedisError| bad(&format!("cannot be used: {}", error.category()));
    Ok(match kind {
        "" => (
            Servers::One(Box::new(
                Client::open(node(address.hosts, address.path)).map_err(unusable)?,
            )),
            1,
        ),
        "cluster" => {
            let nodes = address.hosts.split(',').map(|host| node(host, ""));
            let client = ClusterClient::builder(nodes)
                .connection_timeout(CONNECT)
                .response_timeout(VERB)
                .retries(3)
                .min_retry_wait(10)
                .max_retry_wait(80)
                .build()
                .map_err(unusable)?;
            (Servers::Cluster(Box::new(client)), BUCKETS)
        }
        "sentinel" => {
            let client = sentinel(address, is_tls)?.build().map_err(unusable)?;
            let watched = Watched {
                client,
                master: None,
            };
            (
                Servers::Sentinel(Box::new(tokio::sync::Mutex::new(watched))),
                1,
            )
        }
        _ => return Err(bad("is of no kind that is known here")),
    })
}

/// `redis+sentinel://user:password@host:26379,host:26379/name/database`; the sentinels' own password is an option.
fn sentinel(address: &mut Address<'_>, is_tls: bool) -> Result<SentinelClientBuilder> {
    let (name, database) = address.path.split_once('/').unwrap_or((address.path, "0"));
    if name.is_empty() {
        return Err(bad(
            "names no master: redis+sentinel://host:26379,host:26379/NAME",
        ));
    }
    let database: i64 = database
        .parse()
        .map_err(|_| bad("has a database that is no number"))?;
    let mut sentinels = Vec::new();
    for host in address.hosts.split(',') {
        let plain = Client::open(format!("redis://{host}"))
            .map_err(|_| bad("has a host that cannot be used"))?;
        sentinels.push(match plain.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) if is_tls => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
            other => other.clone(),
        });
    }
    let unusable = |error: RedisError| bad(&format!("cannot be used: {}", error.category()));
    let mut builder = SentinelClientBuilder::new(sentinels, name, SentinelServerType::Master)
        .map_err(unusable)?
        .set_client_to_redis_db(database);
    if is_tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(user) = address.user {
        let plain = Client::open(format!("redis://{user}@localhost")).map_err(unusable)?;
        let settings = plain.get_connection_info().redis_settings();
        if let Some(name) = settings.username() {
            builder = builder.set_client_to_redis_username(name);
        }
        if let Some(password) = settings.password() {
            builder = builder.set_client_to_redis_password(password);
        }
    }
    if let Some(name) = address.take("sentinel_username") {
        builder = builder.set_client_to_sentinel_username(name);
    }
    if let Some(password) = address.take("sentinel_password") {
        builder = builder.set_client_to_sentinel_password(password);
    }
    Ok(builder)
}

fn bad(why: &str) -> Error {
    Error::BadAddress(why.to_owned())
}

/// Redis before 7 wraps what a command in a script said.
fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
        || error
            .detail()
            .is_some_and(|detail| detail.contains("OOM command not allowed"))
}

/// Whether an error says that this connection, or the server behind it, is of no use any more.
fn is_lost(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.is_connection_dropped()
        || matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::ReadOnly
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::BusyLoading
            )
        )
        || error.code() == Some("NOREPLICAS")
}
