//! What a person is told when the bakery is open: where to go, and what to try first.

use super::Opening;
use crate::demo::account_id;
use bakery_embedded::Servers;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Prints it to standard output; the first line in bold where that is a terminal.
#[expect(clippy::print_stdout, reason = "this is what the person who started it is waiting for")]
pub(crate) fn print(addr: SocketAddr, servers: &Servers, opening: &Opening, took: Duration) {
    let (bold, plain) =
        if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let took_s = took.as_secs_f64();
    println!("\n{bold}The bakery is open{plain}  http://{addr}  (after {took_s:.1} s)\n");
    if opening.speed > 1 {
        let now = (opening.clock)().format("%a %d %b %Y, %H:%M UTC");
        println!("  Shop time       {now}, {} times as fast as yours", opening.speed);
    }
    println!("{}", text(addr, servers.data()));
}

/// Every command in here can be copied as it stands.
fn text(addr: SocketAddr, data: &Path) -> String {
    let (ada, bob) = (account_id("Ada"), account_id("Broke Bob"));
    let data = data.display();
    format!(
        r#"  The menu        curl -s http://{addr}/api/v1/menu
  Ada buys        curl -s http://{addr}/api/v1/orders -H 'Prefer: wait=5' --json '
                    {{"account_id": "{ada}", "customer": {{"name": "Ada"}},
                     "items": [{{"product_id": "sourdough", "quantity": 2}}]}}'
  Without money   the same with "account_id": "{bob}"
  Branches        curl -s http://{addr}/api/v1/branches
  Who has what    curl -s http://{addr}/api/v1/accounts
  Is all well?    curl -s http://{addr}/api/v1/health
  NATS            . {data}/operator.env && nats micro ls
  Data and logs   {data}
  Ctrl-C closes the bakery; what was accepted is kept."#
    )
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_example_order_is_json() {
        let text = text("127.0.0.1:8080".parse().unwrap(), "/data".as_ref());
        let body = text.split("--json '").nth(1).unwrap().split('\'').next().unwrap();
        let order: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(order["items"][0]["quantity"], 2);
    }
}
