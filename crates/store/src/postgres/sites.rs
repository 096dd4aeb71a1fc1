use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::life;
use super::link::Link;
use crate::{Error, NewSite, Result, Retired, SecretDigest, Site, Sites};

/// Sites in a PostgreSQL database: [`PostgresStore::sites`](crate::PostgresStore::sites).
pub struct PostgresSites(Arc<Link>);

impl PostgresSites {
    pub(super) fn on(link: Arc<Link>) -> Self {
        Self(link)
    }
}

impl fmt::Debug for PostgresSites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresSites").field(&self.0).finish()
    }
}

#[async_trait]
impl Sites for PostgresSites {
    async fn add(&self, new: NewSite) -> Result<Site> {
        let statement = "INSERT INTO sites (name, key, secret, hosts, presets, actions) VALUES ($1, $2, $3, $4, $5, $6)
                         ON CONFLICT DO NOTHING
                         RETURNING name, key, secret, retired, retired_until, hosts, presets, actions, created";
        let values: [&(dyn ToSql + Sync); 6] = [
            &new.name,
            &new.key,
            &&new.secret.as_bytes()[..],
            &new.hosts,
            &new.presets,
            &new.actions,
        ];
        let added = self.0.rows(statement, &values).await?;
        site(added.first().ok_or(Error::Conflict)?)
    }

    async fn list(&self) -> Result<Vec<Site>> {
        let statement =
            "SELECT name, key, secret, retired, retired_until, hosts, presets, actions, created
                         FROM sites ORDER BY id";
        let sites = self.0.rows(statement, &[]).await?;
        sites.iter().map(site).collect()
    }

    async fn rotate(&self, name: &str, secret: SecretDigest, grace: Duration) -> Result<bool> {
        let statement =
            "UPDATE sites SET retired = secret, retired_until = millis() + $3, secret = $2
                         WHERE name = $1 RETURNING id";
        let values: [&(dyn ToSql + Sync); 3] = [&name, &&secret.as_bytes()[..], &life(grace)];
        Ok(!self.0.rows(statement, &values).await?.is_empty())
    }

    async fn remove(&self, name: &str) -> Result<bool> {
        let statement = "DELETE FROM sites WHERE name = $1 RETURNING id";
        Ok(!self.0.rows(statement, &[&name]).await?.is_empty())
    }
}

fn site(row: &Row) -> Result<Site> {
    let read = || {
        let retired: Option<&[u8]> = row.try_get("retired")?;
        let until: Option<i64> = row.try_get("retired_until")?;
        Ok(Site {
            name: row.try_get("name")?,
            key: row.try_get("key")?,
            secret: digest(row.try_get("secret")?),
            retired: retired.zip(until).map(|(secret, until)| Retired {
                secret: digest(secret),
                until: until.unsigned_abs(),
            }),
            hosts: row.try_get("hosts")?,
            presets: row.try_get("presets")?,
            actions: row.try_get("actions")?,
            created: row.try_get::<_, i64>("created")?.unsigned_abs(),
        })
    };
    read().map_err(|error: tokio_postgres::Error| Error::unavailable(error))
}

/// 32 bytes, as they were put in.
fn digest(bytes: &[u8]) -> SecretDigest {
    let mut digest = [0; 32];
    let most = bytes.len().min(digest.len());
    digest[..most].copy_from_slice(&bytes[..most]);
    SecretDigest::from_bytes(digest)
}
