//! Numbered migrations, each in a file of its own, never edited once released.

use std::path::PathBuf;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Transaction;

use crate::{Error, Result};

const MIGRATIONS: [&str; 1] = [include_str!(
    "../../migrations/postgres/0001_records_members_and_sites.sql"
)];

/// How long the migrations may take, with the wait for another node that runs them.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the migrations that are missing, all or none. Of several nodes that start at once, one does; a schema that is
/// up to date needs no right to change it.
pub(super) async fn run(client: &mut ClientWrapper, schema: &str, shown: &str) -> Result<()> {
    run_those(&MIGRATIONS, client, schema, shown).await
}

async fn run_those(
    migrations: &[&str],
    client: &mut ClientWrapper,
    schema: &str,
    shown: &str,
) -> Result<()> {
    let known = i64::try_from(migrations.len()).expect("a short list");
    let updated = tokio::time::timeout(PATIENCE, apply(migrations, client, schema)).await;
    let found = updated
        .map_err(Error::unavailable)?
        .map_err(Error::unavailable)?;
    if found > known {
        return Err(Error::NewerSchema {
            path: PathBuf::from(shown),
            found,
            known,
        });
    }
    Ok(())
}

/// Returns the number of the schema found.
async fn apply(
    migrations: &[&str],
    client: &mut ClientWrapper,
    schema: &str,
) -> std::result::Result<i64, tokio_postgres::Error> {
    let known = i64::try_from(migrations.len()).expect("a short list");
    let change = client.transaction().await?;
    let found = version(&change, schema).await?;
    if found >= known {
        return Ok(found);
    }
    let wait = format!("SET LOCAL statement_timeout = {}", PATIENCE.as_millis());
    change.batch_execute(&wait).await?;
    let turn = "SELECT pg_advisory_xact_lock(1768844134, hashtext($1))";
    change.execute(turn, &[&schema]).await?;
    // Another node may have done it since.
    let found = version(&change, schema).await?;
    if found == 0 {
        let made = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        change.batch_execute(&made).await?;
        let made = "CREATE TABLE schema_version (version bigint NOT NULL); INSERT INTO schema_version VALUES (0)";
        change.batch_execute(made).await?;
    }
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or(0)) {
        change.batch_execute(migration).await?;
    }
    if found < known {
        let numbered = "UPDATE schema_version SET version = $1";
        change.execute(numbered, &[&known]).await?;
    }
    change.commit().await?;
    Ok(found)
}

/// The number of the schema; 0 if there is none.
async fn version(
    change: &Transaction<'_>,
    schema: &str,
) -> std::result::Result<i64, tokio_postgres::Error> {
    let table = format!("\"{schema}\".schema_version");
    let is_there = "SELECT to_regclass($1) IS NOT NULL";
    if !change
        .query_one(is_there, &[&table])
        .await?
        .get::<_, bool>(0)
    {
        return Ok(0);
    }
    let version = change.query_one("SELECT version FROM schema_version", &[]);
    version.await?.try_get(0)
}
