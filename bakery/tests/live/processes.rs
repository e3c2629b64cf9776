//! The five roles as processes of their own, to be killed and started again.

use crate::shop::{Ground, roles};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// The running roles; dropped, they are killed.
pub(crate) struct Processes {
    environments: BTreeMap<&'static str, Vec<(&'static str, String)>>,
    running: BTreeMap<&'static str, Child>,
    pub(crate) http: SocketAddr,
}

impl Processes {
    /// Starts all and waits until they are ready.
    pub(crate) async fn start(ground: &Ground) -> Self {
        Self::start_with(ground, &[]).await
    }

    /// The same, each with these variables as well.
    pub(crate) async fn start_with(ground: &Ground, more: &[(&'static str, String)]) -> Self {
        let http = free_addr();
        let environment = |role: &'static str| {
            let mut environment = ground.site.environment(role);
            environment.extend_from_slice(more);
            environment.push(("HTTP_ADDR", http.to_string()));
            environment.push(("LOG", "warn,async_nats=off,bakery_nats=error".to_owned()));
            (role, environment)
        };
        let environments = roles().into_iter().map(environment).collect();
        bakery::provision(&ground.site).await.expect("provisioned");
        let mut processes = Self { environments, running: BTreeMap::new(), http };
        for role in roles() {
            processes.revive(role);
        }
        bakery::up::ready(&ground.site).await.expect("ready");
        processes
    }

    /// Starts a role; a second one of it under a name of its own.
    pub(crate) fn start_as(&mut self, name: &'static str, role: &'static str) {
        let environment = self.environments.get(name).unwrap_or(&self.environments[role]);
        let child = Command::new(env!("CARGO_BIN_EXE_bakery"))
            .arg(role)
            .env_clear()
            .envs(environment.clone())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        self.running.insert(name, child);
    }

    /// Starts another gateway, called `gateway-2`; where it listens.
    pub(crate) fn second_gateway(&mut self) -> SocketAddr {
        let http = free_addr();
        let mut environment = self.environments["gateway"].clone();
        environment.push(("HTTP_ADDR", http.to_string()));
        self.environments.insert("gateway-2", environment);
        self.start_as("gateway-2", "gateway");
        http
    }

    /// SIGKILL, by the pid of the child we started.
    pub(crate) fn kill(&mut self, name: &'static str) {
        let mut child = self.running.remove(name).expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("reaped");
    }

    /// Kills a role and starts it again.
    pub(crate) fn restart(&mut self, role: &'static str) {
        self.kill(role);
        self.revive(role);
    }

    /// Starts a role that was killed.
    pub(crate) fn revive(&mut self, role: &'static str) {
        self.start_as(role, role.trim_end_matches("-2"));
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            // It may have ended already; either way it is gone after this.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Where nobody listens. None of the ports that the system gives to whoever asks for any: it stays free until
/// the process is there.
fn free_addr() -> SocketAddr {
    let addr = || SocketAddr::from(([127, 0, 0, 1], fastrand::u16(10_000..32_000)));
    std::iter::repeat_with(addr).find(|addr| TcpListener::bind(addr).is_ok()).expect("a port")
}
