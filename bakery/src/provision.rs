//! What has to be there before services can start: a role and a database for each in Postgres,
//! the streams and consumers in NATS. The same call twice changes nothing.

use crate::site::{SERVICES, Site};
use anyhow::{Context, Result};
use bakery_nats::connect::connect;
use bakery_nats::topology;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

/// Makes roles, databases, streams and consumers.
pub(crate) async fn all(site: &Site) -> Result<()> {
    let (postgres, nats) = tokio::join!(databases(site), streams(site));
    postgres.context("the databases cannot be made")?;
    nats.context("the streams cannot be made")
}

async fn streams(site: &Site) -> Result<()> {
    let bus = connect(&site.bus("deploy")).await?;
    Ok(topology::apply(&bus.context, 1).await?)
}

async fn databases(site: &Site) -> Result<()> {
    let mut conn = AsyncPgConnection::establish(&site.postgres_url).await?;
    for service in SERVICES {
        let password = site.secrets.postgres.get(service).cloned().unwrap_or_default();
        // Neither names nor passwords come from outside: they are our own words and hex digits.
        let verb = if exists(&mut conn, "pg_roles", "rolname", service).await? {
            "ALTER"
        } else {
            "CREATE"
        };
        conn.batch_execute(&format!("{verb} ROLE {service} LOGIN PASSWORD '{password}'")).await?;
        // Services read Postgres' sentences (`bakery_nats::error`).
        conn.batch_execute(&format!("ALTER ROLE {service} SET lc_messages = 'C'")).await?;
        if !exists(&mut conn, "pg_database", "datname", service).await? {
            conn.batch_execute(&format!("CREATE DATABASE {service} OWNER {service}")).await?;
            conn.batch_execute(&format!("REVOKE ALL ON DATABASE {service} FROM PUBLIC")).await?;
        }
    }
    Ok(())
}

async fn exists(
    conn: &mut AsyncPgConnection,
    catalogue: &str,
    column: &str,
    name: &str,
) -> Result<bool> {
    let sql = format!("SELECT 1 FROM {catalogue} WHERE {column} = '{name}'");
    Ok(diesel::sql_query(sql).execute(conn).await? > 0)
}
