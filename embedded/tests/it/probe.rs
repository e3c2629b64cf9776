//! What the tests ask the servers and the kernel.

use bakery_embedded::{
    NatsOptions, PostgresOptions, RedisOptions, Servers, ServersOptions, Temporary,
};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// An answer that must come.
const ANSWER_WAIT_S: u64 = 30;

/// All three servers, for a test.
pub(crate) fn everything() -> Temporary {
    Temporary { nats: Some(nats()), postgres: true, redis: true }
}

/// A configuration that needs its environment.
pub(crate) fn nats() -> NatsOptions {
    NatsOptions {
        config: "jetstream { max_file: 1GB }\nauthorization { user: u, password: $PASSWORD }"
            .to_owned(),
        environment: vec![("PASSWORD".to_owned(), "secret".to_owned())],
        port: None,
    }
}

/// All three in a folder that is kept. A durable Postgres would only be slower.
pub(crate) fn all_three(data: &Path) -> ServersOptions {
    ServersOptions {
        data: data.to_owned(),
        nats: Some(nats()),
        postgres: Some(PostgresOptions { port: None, durable: false }),
        redis: Some(RedisOptions::default()),
    }
}

/// Redis alone: the quickest set.
pub(crate) fn only_redis(data: &Path) -> ServersOptions {
    let redis = Some(RedisOptions::default());
    ServersOptions { data: data.to_owned(), nats: None, postgres: None, redis }
}

/// The first bytes that the server answers; none where it does not.
pub(crate) fn ask(port: u16, question: &[u8]) -> Option<String> {
    ask_within(ANSWER_WAIT_S, port, question)
}

/// The same, for so long at most.
pub(crate) fn ask_within(limit_s: u64, port: u16, question: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(limit_s))).ok()?;
    stream.write_all(question).ok()?;
    let mut bytes = [0; 512];
    let size = stream.read(&mut bytes).ok().filter(|size| *size > 0)?;
    Some(String::from_utf8_lossy(&bytes[..size]).into_owned())
}

/// Each server answers in its own protocol.
pub(crate) fn assert_all_answer(servers: &Servers) {
    let port = servers.nats.as_ref().unwrap().port();
    let answer = ask(port, b"CONNECT {\"user\":\"u\",\"pass\":\"secret\"}\r\nPING\r\n").unwrap();
    assert!(answer.starts_with("INFO {"), "{answer}");
    let redis = servers.redis.as_ref().unwrap().port();
    assert_eq!(ask(redis, b"PING\r\n").unwrap(), "+PONG\r\n");
    assert_eq!(sql(servers, "select 6 * 7"), "42");
}

/// Asks Postgres as its superuser. Debian's server package brings `psql`.
pub(crate) fn sql(servers: &Servers, question: &str) -> String {
    let url = servers.postgres.as_ref().unwrap().url("postgres");
    let psql = Command::new("psql").args([&url, "-Atqc", question]).output().unwrap();
    assert!(psql.status.success(), "{}", String::from_utf8_lossy(&psql.stderr));
    String::from_utf8(psql.stdout).unwrap().trim().to_owned()
}

/// Whether the process runs; a zombie does not.
pub(crate) fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// Waits for a condition, for so long at most.
pub(crate) fn holds_within(limit_s: u64, condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(limit_s);
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}
