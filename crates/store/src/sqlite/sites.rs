use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row};

use super::lane::Lane;
use crate::clock::end;
use crate::{Error, NewSite, Result, Retired, SecretDigest, Site, Sites};

/// Sites in `inkgate.db`: [`SqliteStore::sites`](crate::SqliteStore::sites).
pub struct SqliteSites {
    writer: Lane,
    reader: Lane,
}

impl SqliteSites {
    pub(super) fn on(writer: Lane, reader: Lane) -> Self {
        Self { writer, reader }
    }
}

impl fmt::Debug for SqliteSites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteSites").finish_non_exhaustive()
    }
}

#[async_trait]
impl Sites for SqliteSites {
    async fn add(&self, new: NewSite) -> Result<Site> {
        let statement = "INSERT INTO sites (name, key, secret, hosts, presets, actions, created)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING RETURNING *";
        self.writer
            .run(move |turn| {
                let [hosts, presets, actions] =
                    [&new.hosts, &new.presets, &new.actions].map(|list| list.join("\n"));
                let (secret, now) = (new.secret.as_bytes(), turn.now);
                let values = (&new.name, &new.key, secret, hosts, presets, actions, now);
                turn.connection
                    .prepare_cached(statement)?
                    .query_row(values, site)
                    .optional()?
                    .ok_or(Error::Conflict)
            })
            .await
    }

    async fn list(&self) -> Result<Vec<Site>> {
        self.reader
            .run(|turn| {
                let mut statement = turn
                    .connection
                    .prepare_cached("SELECT * FROM sites ORDER BY id")?;
                let sites = statement.query_map((), site)?;
                Ok(sites.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn rotate(&self, name: &str, secret: SecretDigest, grace: Duration) -> Result<bool> {
        let statement =
            "UPDATE sites SET retired = secret, retired_until = ?3, secret = ?2 WHERE name = ?1";
        let name = name.to_owned();
        self.writer
            .run(move |turn| {
                let values = (&name, secret.as_bytes(), end(turn.now, grace));
                Ok(turn.connection.prepare_cached(statement)?.execute(values)? == 1)
            })
            .await
    }

    async fn remove(&self, name: &str) -> Result<bool> {
        let name = name.to_owned();
        self.writer
            .run(move |turn| {
                let mut statement = turn
                    .connection
                    .prepare_cached("DELETE FROM sites WHERE name = ?1")?;
                Ok(statement.execute([&name])? == 1)
            })
            .await
    }
}

fn site(row: &Row<'_>) -> rusqlite::Result<Site> {
    let list = |column: &str| {
        let text: String = row.get(column)?;
        Ok::<_, rusqlite::Error>(text.lines().map(str::to_owned).collect())
    };
    let retired: Option<[u8; 32]> = row.get("retired")?;
    let until: Option<u64> = row.get("retired_until")?;
    Ok(Site {
        name: row.get("name")?,
        key: row.get("key")?,
        secret: SecretDigest::from_bytes(row.get("secret")?),
        retired: retired.zip(until).map(|(secret, until)| Retired {
            secret: SecretDigest::from_bytes(secret),
            until,
        }),
        hosts: list("hosts")?,
        presets: list("presets")?,
        actions: list("actions")?,
        created: row.get("created")?,
    })
}
