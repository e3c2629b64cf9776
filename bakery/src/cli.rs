//! The command line.

use crate::bench::BenchArgs;
use crate::day::DayArgs;
use crate::user::AddArgs;
use crate::{bench, day, demo, health, role, topology, up, user};
use bakery_chassis::clock::SPEED_MAX;
use bakery_chassis::telemetry;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A bakery as an event pipeline. Without a command: open the bakery (`up`).
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: UpArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the bakery: all five services, on NATS, Postgres and Redis of its own.
    Up(UpArgs),
    /// Play one day of a bakery from opening to closing, with customers that buy.
    Day(DayArgs),
    /// Measure how long the HTTP interface takes under a steady load.
    Bench(BenchArgs),
    /// Run one service, configured by the environment.
    Gateway,
    /// Run one service, configured by the environment.
    Inventory,
    /// Run one service, configured by the environment.
    Orders,
    /// Run one service, configured by the environment.
    Bank,
    /// Run one service, configured by the environment.
    Scheduler,
    /// Work on the message bus.
    #[command(subcommand)]
    Nats(NatsCommand),
    /// Work on users, at a running gateway (NATS_URL, NATS_USER, NATS_PASSWORD).
    #[command(subcommand, visible_alias = "users")]
    User(UserCommand),
    /// Fill in the demo bakery, at running services (NATS_URL, NATS_USER, NATS_PASSWORD).
    Demo,
    /// Ask a health endpoint; the exit code is 0 when it is well. For container health checks.
    Health {
        /// Such as http://127.0.0.1:8081/readyz.
        url: String,
    },
}

#[derive(Debug, Subcommand)]
enum NatsCommand {
    /// Make or update the streams and consumers (NATS_URL, NATS_USER, NATS_PASSWORD).
    Apply {
        /// Copies of each stream: 3 on a cluster of three nodes.
        #[arg(long, env = "NATS_REPLICAS", default_value_t = 1)]
        replicas: usize,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user, such as the first operator. The password comes from BAKERY_USER_PASSWORD, or is
    /// asked for on the terminal.
    Add(AddArgs),
    /// Empty what is known of users' orders, and read the log again from its start.
    Rebuild,
}

/// How the bakery is opened. Servers named by the environment (NATS_URL, DATABASE_URL, REDIS_URL)
/// are used; the others are started here.
#[derive(Clone, Debug, Args)]
pub struct UpArgs {
    /// Where the data is.
    #[arg(long, default_value = ".bakery")]
    pub data: PathBuf,
    /// Start over: delete the data first.
    #[arg(long)]
    pub fresh: bool,
    /// Where the HTTP interface listens.
    #[arg(long, env = "HTTP_ADDR", default_value = "127.0.0.1:8080")]
    pub http: SocketAddr,
    /// How many times faster than the machine's clock the shop's runs. It goes on from where it
    /// was, so after a fast day it is ahead; while the bakery is closed it runs as yours does.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(SPEED_MAX)))]
    pub speed: u32,
}

/// Reads the command line, does what it says, and puts what went wrong into one sentence.
#[tokio::main]
#[expect(clippy::print_stderr, reason = "this is where a person is told what went wrong")]
pub async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` is the whole chain of causes in one line.
            eprintln!("bakery: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    async fn run(self) -> anyhow::Result<()> {
        // These have a picture of their own on the terminal.
        let quiet = matches!(self.command, Some(Command::Day(_) | Command::Bench(_)));
        telemetry::start(if quiet { "error,bakery=warn" } else { telemetry::FILTER })?;
        match self.command {
            None => up::main(self.up).await,
            Some(Command::Up(args)) => up::main(args).await,
            Some(Command::Day(args)) => day::main(args).await,
            Some(Command::Bench(args)) => bench::main(args).await,
            Some(Command::Gateway) => role::gateway().await,
            Some(Command::Inventory) => role::inventory().await,
            Some(Command::Orders) => role::orders().await,
            Some(Command::Bank) => role::bank().await,
            Some(Command::Scheduler) => role::scheduler().await,
            Some(Command::Nats(NatsCommand::Apply { replicas })) => topology::main(replicas).await,
            Some(Command::User(UserCommand::Add(args))) => user::add(args).await,
            Some(Command::User(UserCommand::Rebuild)) => user::rebuild().await,
            Some(Command::Demo) => demo::main().await,
            Some(Command::Health { url }) => health::main(&url).await,
        }
    }
}
