//! One browser for one test: its driver on a free port, a profile of its own, and what is left of it
//! where the test fails.

use crate::programs::{Programs, programs};
use crate::tab::Tab;
use crate::world::World;
use futures::FutureExt;
use reqwest::header::HeaderName;
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::{
    ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, WindowHandle,
};

/// The longest that the driver may take for one command, the start of the browser included.
const COMMAND_WITHIN_S: u64 = 150;
/// The longest that a script may take which answers later; its command takes longer than that.
const SCRIPT_WITHIN_S: u64 = 120;
/// The longest that one test may take, all of it. Each of its steps has an end of its own, so this is for
/// a step that goes on for ever; the longest test judges 24 pages, at 10 s each on a busy machine.
const TEST_WITHIN_S: u64 = 900;
/// Where all of them stand: a network that is for tests alone (RFC 2544).
const NETWORK: u32 = Ipv4Addr::new(198, 18, 0, 0).to_bits();
const STARTED: &str = "was started successfully on port ";
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// How a proxy says whom it speaks for.
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The tests that have had an address so far.
static ADDRESSES: AtomicU32 = AtomicU32::new(0);

/// A running browser.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    /// Where it stands, as a proxy would say: nobody may sign in from one address as often as all
    /// tests do.
    pub(crate) address: String,
    /// The console of all tabs, as far as it was asked for.
    log: RefCell<Vec<String>>,
    _chromedriver: Chromedriver,
    _profile: TempDir,
}

/// The driver's process; dropped, it is ended.
struct Chromedriver {
    child: Child,
    url: String,
}

/// Runs a test in a browser before the bakery; without a browser it says why it is skipped.
pub(crate) fn browse(test: impl AsyncFnOnce(&World)) {
    let programs = match programs() {
        Ok(programs) => programs,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let world = World::open(Browser::start(&programs).await).await;
        let limit = Duration::from_secs(TEST_WITHIN_S);
        let run = AssertUnwindSafe(tokio::time::timeout(limit, test(&world)));
        let ended = run.catch_unwind().await;
        if !matches!(ended, Ok(Ok(()))) {
            world.browser.save_what_is_seen().await;
        }
        world.close().await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(_)) => panic!("the test was not done within {TEST_WITHIN_S} s"),
            Err(panic) => resume_unwind(panic),
        }
    });
}

impl Browser {
    async fn start(programs: &Programs) -> Self {
        match Self::open(programs).await {
            Ok(browser) => browser,
            Err(reason) => {
                println!("no browser, once more: {reason}");
                Self::open(programs).await.expect("a browser")
            }
        }
    }

    /// One try, which a port or a start that takes too long may spoil.
    async fn open(programs: &Programs) -> Result<Self, String> {
        let chromedriver = Chromedriver::start(&programs.chromedriver)?;
        let profile = tempfile::tempdir().expect("a folder");
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&programs.chromium.to_string_lossy()).expect("a capability");
        let folder = format!("--user-data-dir={}", profile.path().display());
        for argument in ARGUMENTS.into_iter().chain([folder.as_str()]) {
            wanted.add_arg(argument).expect("a capability");
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a capability");
        let builder = WebDriver::builder(&chromedriver.url, wanted);
        let builder = builder.request_timeout(Duration::from_secs(COMMAND_WITHIN_S));
        let driver = builder.connect().await.map_err(|error| format!("Chromium: {error}"))?;
        let limit = Duration::from_secs(SCRIPT_WITHIN_S);
        driver.set_script_timeout(limit).await.expect("a limit");
        let log = RefCell::default();
        let address = Ipv4Addr::from_bits(NETWORK | ADDRESSES.fetch_add(1, Ordering::Relaxed));
        let address = address.to_string();
        Ok(Self { driver, address, log, _chromedriver: chromedriver, _profile: profile })
    }

    /// Another tab, empty.
    pub(crate) async fn tab(&self, origin: &str) -> Tab<'_> {
        let handle = self.driver.new_tab().await.expect("a tab");
        Tab::at(self, handle, origin.to_owned()).await
    }

    /// What the console of all tabs has said that is an error, since it was asked for last.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.unwrap_or_default();
        let line =
            |entry: &thirtyfour::BrowserLogEntry| format!("{} {}", entry.level, entry.message);
        self.log.borrow_mut().extend(entries.iter().map(line));
        entries.iter().filter(|entry| entry.level == "SEVERE").map(line).collect()
    }

    /// Pictures of all tabs and the console, for who looks for what went wrong.
    async fn save_what_is_seen(&self) {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("test").replace("::", "-");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screens");
        std::fs::create_dir_all(&folder).ok();
        for (i, handle) in self.driver.windows().await.unwrap_or_default().into_iter().enumerate() {
            let file = folder.join(format!("{name}-{i}.png"));
            match self.picture(handle, &file).await {
                Ok(()) => println!("what was seen: {}", file.display()),
                Err(error) => println!("tab {i} cannot be seen: {error}"),
            }
        }
        self.errors().await;
        println!("the console:\n{}", self.log.borrow().join("\n"));
    }

    async fn picture(&self, handle: WindowHandle, file: &Path) -> Result<(), String> {
        self.driver.switch_to_window(handle).await.map_err(|error| error.to_string())?;
        let address = self.driver.current_url().await.map_err(|error| error.to_string())?;
        let png = self.driver.screenshot_as_png().await.map_err(|error| error.to_string())?;
        println!("{address}");
        std::fs::write(file, png).map_err(|error| error.to_string())
    }

    /// Closes it.
    pub(crate) async fn quit(self) {
        // The driver is ended in any case, and its browser with it.
        self.driver.quit().await.ok();
    }
}

impl Chromedriver {
    fn start(program: &Path) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (tell, told) = std::sync::mpsc::channel();
        // To its end, so that it never waits for a reader.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, port)) = line.split_once(STARTED) {
                    tell.send(port.trim_end_matches('.').to_owned()).ok();
                }
            }
        });
        let port = told.recv_timeout(Duration::from_secs(COMMAND_WITHIN_S));
        let url = port.as_ref().map(|port| format!("http://127.0.0.1:{port}")).unwrap_or_default();
        let mut started = Self { child, url };
        if port.is_err() {
            let ended = started.child.try_wait();
            return Err(format!("chromedriver did not say its port; it ended: {ended:?}"));
        }
        Ok(started)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // By the pid of the child that we started; it has no browser any more.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
