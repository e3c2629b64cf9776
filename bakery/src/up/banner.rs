//! What a person is told when the bakery is open: where to go, and what to try first.

use crate::demo::account_id;
use bakery_embedded::Servers;
use std::fmt::Write;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

/// Prints it to standard output; in bold where that is a terminal.
#[expect(clippy::print_stdout, reason = "this is what the person who started it is waiting for")]
pub(crate) fn print(addr: SocketAddr, servers: &Servers, took: Duration) {
    let text = text(addr, servers, took).unwrap_or_default();
    let (bold, plain) =
        if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    println!("{}", text.replace("<b>", bold).replace("</b>", plain));
}

fn text(addr: SocketAddr, servers: &Servers, took: Duration) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let (ada, bob) = (account_id("Ada"), account_id("Broke Bob"));
    writeln!(
        out,
        "\n<b>The bakery is open</b>  http://{addr}  (after {:.1} s)\n",
        took.as_secs_f64()
    )?;
    writeln!(out, "  The menu:       curl -s http://{addr}/api/v1/menu")?;
    writeln!(out, "  Ada buys:       curl -s http://{addr}/api/v1/orders -H 'Prefer: wait=5' \\")?;
    writeln!(
        out,
        "                    --json '{{\"account_id\":\"{ada}\",\"customer\":{{\"name\":\"Ada\"}},\\"
    )?;
    writeln!(
        out,
        "                    \"items\":[{{\"product_id\":\"sourdough\",\"quantity\":2}}]}}'"
    )?;
    writeln!(out, "  Without money:  the same with \"account_id\":\"{bob}\"")?;
    writeln!(out, "  Who has what:   curl -s http://{addr}/api/v1/accounts")?;
    writeln!(out, "  Is all well?    curl -s http://{addr}/api/v1/health\n")?;
    writeln!(
        out,
        "  NATS            . {}/operator.env && nats micro ls",
        servers.data().display()
    )?;
    writeln!(out, "  Data and logs   {}", servers.data().display())?;
    write!(out, "  Ctrl-C closes the bakery; what was accepted is kept.")?;
    Ok(out)
}
