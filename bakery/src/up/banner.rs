//! What a person is told when the bakery is open: where to go, and what to try first.

use super::Opening;
use bakery_embedded::Servers;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Prints it to standard output; the first line in bold where that is a terminal.
#[expect(clippy::print_stdout, reason = "this is what the person who started it is waiting for")]
pub(crate) fn print(
    addr: SocketAddr,
    servers: &Servers,
    staff: &str,
    opening: &Opening,
    took: Duration,
) {
    let (bold, plain) =
        if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let took_s = took.as_secs_f64();
    let origin = origin(addr, opening);
    println!("\n{bold}The bakery is open{plain}  {origin}  (after {took_s:.1} s)\n");
    if opening.speed > 1 {
        let now = (opening.clock)().format("%a %d %b %Y, %H:%M UTC");
        println!("  Shop time       {now}, {} times as fast as yours", opening.speed);
    }
    println!("{}", text(&origin, servers.data(), staff));
}

fn origin(addr: SocketAddr, opening: &Opening) -> String {
    let scheme = if opening.guard.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{addr}")
}

/// Every command in here can be copied as it stands.
fn text(origin: &str, data: &Path, staff: &str) -> String {
    let data = data.display();
    format!(
        r#"  The shop        {origin}/
  The kitchen     {origin}/kitchen
  The board       {origin}/display
  The manager     {origin}/manager
  Operations      {origin}/ops
  The staff       kitchen, manager and operator sign in there (programs at /api/v1/sessions),
                  each with the password of this demo, {staff}

  The menu        curl -s {origin}/api/v1/menu
  Ada comes in    TOKEN=$(curl -s {origin}/api/v1/guests --json '{{"name": "Ada"}}' |
                    grep -o '"access_token":"[^"]*' | cut -d'"' -f4)
  She buys        curl -s {origin}/api/v1/orders -H "Authorization: Bearer $TOKEN" \
                    -H 'Prefer: wait=5' --json '
                    {{"customer": {{"name": "Ada"}},
                     "items": [{{"product_id": "sourdough", "quantity": 2}}]}}'
  Branches        curl -s {origin}/api/v1/branches
  What she has    curl -s {origin}/api/v1/users/me -H "Authorization: Bearer $TOKEN"
  Is all well?    curl -s {origin}/api/v1/health
  NATS            . {data}/operator.env && nats micro ls
  Data and logs   {data}
  Ctrl-C closes the bakery; what was accepted is kept."#
    )
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_screens_are_named() {
        let text = text("http://127.0.0.1:8080", "/data".as_ref(), "secret");
        for screen in ["/", "/kitchen", "/display", "/manager", "/ops"] {
            let line = format!(" http://127.0.0.1:8080{screen}\n");
            assert!(text.contains(&line), "no {screen} in {text}");
        }
    }

    #[test]
    fn the_examples_are_json() {
        let text = text("http://127.0.0.1:8080", "/data".as_ref(), "secret");
        let bodies = text.split("--json '").skip(1).map(|rest| rest.split('\'').next().unwrap());
        let bodies: Vec<serde_json::Value> =
            bodies.map(|body| serde_json::from_str(body).unwrap()).collect();
        assert_eq!(bodies[0]["name"], "Ada");
        assert_eq!(bodies[1]["items"][0]["quantity"], 2);
    }
}
