//! One pass through what changed: read a page, print it, keep how far that is.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use sugar_oauth::records::{Change, ChangesPage, Records, Watermark};
use sugar_oauth::v4_1::GetModuleFields;
use sugar_oauth::{Session, UtcTime, printable};

use crate::arguments::Options;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::state::State;

/// Follows one module.
pub struct Follower<'a> {
    records: Records,
    session: &'a Session,
    state: State,
    since: Option<UtcTime>,
    live_only: bool,
    interrupt: &'a Interrupt,
}

/// What came in a pass.
#[derive(Default)]
pub struct Count {
    pub changes: usize,
    pub deleted: usize,
    pub refused: usize,
}

impl<'a> Follower<'a> {
    /// Asks the server what fields there are. Credentials are not followed.
    pub async fn new(
        session: &'a Session,
        state: State,
        options: &Options,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Failure> {
        let fields = interrupt.or(fields(session, options)).await??;
        let mut records = session.records(&options.module).select(fields);
        if let Some(size) = options.page_size {
            records = records.page_size(size);
        }
        Ok(Self {
            records,
            session,
            state,
            since: options.since,
            // Lists of e-mails with deleted ones are an error of the server's.
            live_only: options.module == "Emails",
            interrupt,
        })
    }

    /// Reads all that changed since the pass before.
    pub async fn pass(&self) -> Result<Count, Failure> {
        let watermark = match self.state.read()? {
            Some(watermark) => watermark,
            None => self.begin().await?,
        };
        let mut changes = self.records.changes(watermark);
        if self.live_only {
            changes = changes.live_only();
        }
        let mut count = Count::default();
        // A page that is asked for when Ctrl-C comes is asked for again in the next run.
        while let Some(page) = self.or_interrupted(changes.next_page()).await?? {
            let lines = lines(&page);
            count.changes += page.changes.len();
            count.deleted += page.changes.iter().filter(|change| change.deleted).count();
            count.refused += page.refused.len();
            let mut output = io::stdout().lock();
            output
                .write_all(&lines)
                .and_then(|()| output.flush())
                .map_err(|error| {
                    Failure::own(format!("standard output cannot be written: {}", error.kind()))
                        .hint(format!("run it again: {} says how far it is", self.state.shown()))
                })?;
            self.state.write(changes.watermark())?;
        }
        Ok(count)
    }

    /// The first pass of all.
    async fn begin(&self) -> Result<Watermark, Failure> {
        let since = match self.since {
            Some(since) => since,
            None => {
                let info = self.or_interrupted(self.session.client().server_info()).await??;
                info.gmt_time
                    .ok_or_else(|| Failure::own("the server does not tell its time").hint("say --since TIME"))?
            }
        };
        eprintln!("Begins with what changes from {since} on, by the server's clock.");
        let watermark = Watermark::since(since);
        self.state.write(&watermark)?;
        Ok(watermark)
    }

    async fn or_interrupted<T>(&self, step: impl Future<Output = T>) -> Result<T, Failure> {
        self.interrupt
            .or(step)
            .await
            .map_err(|_| Failure::Interrupted(format!("; {} says how far it is", self.state.shown())))
    }
}

/// The fields to ask for; none for all.
async fn fields(session: &Session, options: &Options) -> Result<Vec<String>, Failure> {
    // An export knows which modules and fields hold credentials, and refuses them.
    let export = session.export().modules([&options.module]).fields(&options.fields);
    let plan = export.plan().await?;
    if !options.fields.is_empty() {
        return Ok(options.fields.clone());
    }
    let credentials: Vec<String> = plan
        .modules
        .into_iter()
        .flat_map(|module| module.credential_fields)
        .collect();
    if credentials.is_empty() {
        return Ok(Vec::new());
    }
    let all = session.call(&GetModuleFields::new(&options.module)).await?.fields;
    let names = all.into_iter().map(|field| field.name);
    Ok(names.filter(|name| !credentials.contains(name)).collect())
}

fn lines(page: &ChangesPage) -> Vec<u8> {
    let changes = page.changes.iter().map(line);
    let refused = page
        .refused
        .iter()
        .map(|record| json!({"id": record.key, "refused": record.error.to_string()}));
    let lines = changes
        .chain(refused)
        .map(|line| safe_to_show(&line.to_string()) + "\n");
    lines.collect::<String>().into_bytes()
}

/// JSON in which what could move a cursor or reorder a line is written as an escape, which reads as the same value.
fn safe_to_show(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() || printable(character.encode_utf8(&mut [0; 4])).starts_with(character) {
            safe.push(character);
        } else {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units).iter();
            safe.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    safe
}

fn line(change: &Change) -> Value {
    let entry = &change.entry;
    let value = |name: &str| match entry.raw(name) {
        Some(Value::String(_)) | None => entry.get(name).map(Value::from).unwrap_or_default(),
        Some(other) => other.clone(),
    };
    let record: Map<String, Value> = entry.fields().map(|name| (name.to_owned(), value(name))).collect();
    json!({"id": entry.id(), "deleted": change.deleted, "record": record})
}
