//! Chromium, driven through chromedriver, with a fresh profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::process::Background;
use crate::programs::{program, scripts};

/// The environment variable by which everything that a browser leaves running is found again.
const MARK: &str = "SUGAR_PEERS_BROWSER";

/// A headless Chromium. Dropping it ends chromedriver and all of Chromium, whatever the test did.
pub struct Browser {
    /// The WebDriver session.
    pub client: Client,
    // Dropped in this order: the driver, so that it starts nothing more, what it started, and what they wrote.
    _driver: Background,
    _leftovers: Leftovers,
    folder: tempfile::TempDir,
}

impl Browser {
    /// Starts Chromium. All that it loads, loopback included, goes through `proxy`, which is `host:port`.
    ///
    /// # Panics
    /// Without chromium or chromedriver, with the Debian package's name; and when they do not start.
    pub async fn start(proxy: &str) -> Browser {
        let chromium = program("chromium", "chromium");
        let driver = program("chromedriver", "chromium-driver");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let leftovers = Leftovers {
            mark: folder.path().display().to_string(),
        };
        let mut command = Command::new(driver);
        // Its home is its own too: crash reports and caches go there.
        command
            .arg("--port=0")
            .env(MARK, &leftovers.mark)
            .env("HOME", folder.path());
        let (driver, port) = Background::start(command, |line| {
            let port = line.split("started successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--window-size=1000,760".to_owned(),
            format!("--user-data-dir={}", folder.path().join("profile").display()),
            format!("--proxy-server=http://{proxy}"),
            "--proxy-bypass-list=<-loopback>".to_owned(),
        ];
        let capabilities = json!({"goog:chromeOptions": {"binary": chromium, "args": arguments}});
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().expect("an object").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}\n{}", driver.output()));
        Browser {
            client,
            folder,
            _driver: driver,
            _leftovers: leftovers,
        }
    }

    /// Saves what the window shows as `target/peers-screens/NAME.png`, for people to look at.
    ///
    /// # Panics
    /// When it cannot be taken or written.
    pub async fn screenshot(&self, name: &str) {
        let picture = self.client.screenshot().await.expect("Chromium takes a screenshot");
        let folder = screens();
        std::fs::create_dir_all(&folder).expect("the folder of the screenshots can be made");
        std::fs::write(folder.join(name).with_extension("png"), picture).expect("the screenshot can be written");
    }

    /// Ends Chromium as a person would, so that it writes its history, and returns the URLs of that history: all that
    /// its database holds, with whether the history page would show them.
    ///
    /// # Panics
    /// Without Python; when there is no history.
    pub async fn close(self) -> Vec<Visit> {
        self.client.clone().close().await.expect("Chromium ends");
        let database = self.folder.path().join("profile/Default/History");
        let output = Command::new(program("python3", "python3"))
            .arg(scripts().join("browser/history.py"))
            .arg(&database)
            .stderr(Stdio::inherit())
            .output()
            .expect("Python starts");
        assert!(
            output.status.success(),
            "the history {} cannot be read",
            database.display()
        );
        String::from_utf8(output.stdout)
            .expect("the history is UTF-8")
            .lines()
            .map(|line| {
                let (shown, url) = line.split_once(' ').expect("a flag and a URL");
                Visit {
                    shown: shown == "shown",
                    url: url.to_owned(),
                }
            })
            .collect()
    }
}

/// A URL in the browser's history.
#[derive(Debug)]
pub struct Visit {
    /// Whether the history page shows it; what redirected elsewhere is kept, but not shown.
    pub shown: bool,
    /// The URL.
    pub url: String,
}

/// Where the screenshots are put.
fn screens() -> PathBuf {
    scripts().join("../../target/peers-screens")
}

/// Everything that inherited a mark through its environment; killed when dropped.
struct Leftovers {
    mark: String,
}

impl Leftovers {
    fn processes(&self) -> Vec<String> {
        let wanted = format!("{MARK}={}", self.mark);
        let bears_mark = |folder: &Path| {
            std::fs::read(folder.join("environ")).is_ok_and(|environment| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|entry| entry == wanted.as_bytes())
            })
        };
        std::fs::read_dir("/proc")
            .expect("Linux has /proc")
            .flatten()
            .filter(|entry| bears_mark(&entry.path()))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        // One may start another while it is being killed: until none is left, or a limit is reached.
        for _ in 0..50 {
            let processes = self.processes();
            if processes.is_empty() {
                return;
            }
            let _ = Command::new("kill")
                .arg("-9")
                .args(&processes)
                .stderr(Stdio::null())
                .status();
            std::thread::sleep(Duration::from_millis(100));
        }
        eprintln!("left running: {:?}", self.processes());
    }
}
