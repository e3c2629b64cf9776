//! A mail server that a test holds in its hand: it takes mails, or says what a test says.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// A mail as it came.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) to: Vec<String>,
    /// Head and body, lines ending in `\n`.
    pub(super) text: String,
}

impl Mail {
    /// The lines of its head.
    pub(super) fn head(&self) -> &str {
        self.text.split("\n\n").next().unwrap()
    }
}

#[derive(Default)]
struct Shared {
    /// Answers every recipient, if it is set.
    refusal: Mutex<Option<String>>,
    mails: Mutex<Vec<Mail>>,
    /// How many recipients were refused.
    refused: Mutex<usize>,
}

/// The server; it ends with this value.
pub(super) struct MailServer {
    pub(super) url: String,
    shared: Arc<Shared>,
    _server: AbortOnDropHandle<()>,
}

impl MailServer {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let of_all = shared.clone();
        let serve = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ended = talk(stream, &of_all).await;
            }
        };
        Self { url, shared, _server: AbortOnDropHandle::new(tokio::spawn(serve)) }
    }

    /// From now on this is said of every recipient.
    pub(super) fn says(&self, refusal: Option<&str>) {
        *self.shared.refusal.lock().unwrap() = refusal.map(str::to_owned);
    }

    /// What it took.
    pub(super) fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// How many recipients it refused.
    pub(super) fn refused(&self) -> usize {
        *self.shared.refused.lock().unwrap()
    }
}

/// One connection.
async fn talk(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    let mut to = Vec::new();
    writer.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let refusal = shared.refusal.lock().unwrap().clone();
        let answer = match line.split(':').next().unwrap_or_default() {
            "RCPT TO" => {
                to.push(line.clone());
                if refusal.is_some() {
                    *shared.refused.lock().unwrap() += 1;
                }
                refusal.unwrap_or_else(|| "250 good".to_owned())
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text = format!("{text}{line}\n");
                }
                let mail = Mail { to: std::mem::take(&mut to), text };
                shared.mails.lock().unwrap().push(mail);
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 good".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
