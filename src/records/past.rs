//! The way past a record that the server cannot give.

use std::sync::atomic::Ordering;

use super::bound::midpoint;
use super::page::{Decoder, RefusedRecord};
use super::pool::Job;
use super::unreadable::may_be_a_record;
use super::window::Window;
use super::worker::{Event, Flow, Worker};
use crate::error::{Error, Result};

/// How often a place behind the record is looked for. Each time halves what is left of the id space.
const LOOKS: usize = 64;
/// How many looks may fail before the server is taken to be down: when it gave something before, and when it never did.
const FAILURES: (usize, usize) = (12, 3);

const NOTHING: &str =
    "the server gives the keys of these records and none of the records: a field or a link may be what it fails on";

/// What lies behind the record.
enum Behind {
    /// The next record that can be read.
    Record(String),
    Nothing,
}

impl<D: Decoder> Worker<D> {
    /// Whether the first record in what has not been read of a window can be read, if only its key.
    pub(super) async fn is_readable_at(&self, window: &Window) -> Result<bool> {
        match self.keys(&self.shared.resolved.keys_only(window, 1)).await {
            Ok(_) => Ok(true),
            Err(error) if may_be_a_record(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reports the first record of what has not been read of a window and goes on behind it.
    ///
    /// # Errors
    /// `failure`, when the server gives nothing else either.
    pub(super) async fn pass_over(&mut self, job: &mut Job, failure: Error) -> Result<Flow> {
        let refused = |after, before| RefusedRecord {
            key: None,
            after,
            before,
            error: failure.clone(),
        };
        match self.keys(&self.shared.resolved.keys_only(&job.window, 1)).await {
            Ok(found) => return self.pass_over_known(job, found.last_key).await,
            Err(error) if may_be_a_record(&error) => {}
            Err(error) => return Err(error),
        }
        let Some(behind) = self.find_behind(&job.window).await? else {
            return Err(failure);
        };
        // It may have been the server, which is back.
        match self.keys(&self.shared.resolved.keys_only(&job.window, 1)).await {
            Ok(found) => return self.pass_over_known(job, found.last_key).await,
            Err(error) if may_be_a_record(&error) => {}
            Err(error) => return Err(error),
        }
        let after = job.window.begin().map(str::to_owned);
        match behind {
            Behind::Nothing => {
                job.window.done = true;
                Ok(self.report(&job.window, refused(after, None)).await)
            }
            Behind::Record(id) => {
                let stored = self.stored_key(&id).await?.unwrap_or_else(|| id.clone());
                let (mut left, right) = job.window.cut(stored, self.shared.pool.number());
                let cut = Event::Cut {
                    left: left.clone(),
                    right: right.clone(),
                };
                left.done = true;
                job.window = right;
                if self.tell(cut).await.is_break() {
                    return Ok(Flow::Break(()));
                }
                Ok(self.report(&left, refused(after, Some(id))).await)
            }
        }
    }

    /// As [`pass_over`](Self::pass_over), of a record whose key can be read. It is given one more chance, alone: the one
    /// that failed may have been deleted meanwhile, so that this is another.
    async fn pass_over_known(&mut self, job: &mut Job, key: Option<String>) -> Result<Flow> {
        let Some(key) = key else {
            // Nothing is left, and pages fail all the same, as with a field that the server cannot give of any record.
            job.window.done = true;
            return Ok(self.report(&job.window, None).await);
        };
        let stored = self.stored_key(&key).await?.unwrap_or_else(|| key.clone());
        let alone = Window {
            lower: Some(stored.clone()),
            ..job.window.clone()
        };
        let list = self.shared.resolved.list(&alone, 1);
        match self.ask(&list, self.shared.decoder.as_ref()).await {
            Ok(mut page) => {
                if let Some(key) = &page.last_key {
                    page.last_key = self.stored_key(key).await?.or(page.last_key);
                }
                let event = self.take(job, page, 1)?;
                Ok(self.tell(event).await)
            }
            Err(error) if may_be_a_record(&error) => {
                if self.shared.gives_nothing() {
                    return Err(error.first_hint(NOTHING));
                }
                job.window.after = Some(stored);
                let record = RefusedRecord {
                    key: Some(key),
                    after: None,
                    before: None,
                    error,
                };
                Ok(self.report(&job.window, record).await)
            }
            Err(error) => Err(error),
        }
    }

    async fn report(&self, now: &Window, record: impl Into<Option<RefusedRecord>>) -> Flow {
        self.tell(Event::Read {
            now: now.clone(),
            rows: None,
            records: 0,
            refused: record.into().into_iter().collect(),
        })
        .await
    }

    /// What lies behind a first record that cannot be read; `None` when nothing can be read at all.
    ///
    /// A look from a bound on fails as long as the bound lies in front of the record.
    async fn find_behind(&self, window: &Window) -> Result<Option<Behind>> {
        let resolved = &self.shared.resolved;
        let (mut low, mut high) = (window.begin().map(str::to_owned), window.upper.clone());
        let mut behind = None;
        let mut failures = 0;
        let patience = match self.shared.has_answered.load(Ordering::Relaxed) {
            true => FAILURES.0,
            false => FAILURES.1,
        };
        for _ in 0..LOOKS {
            let Some(bound) = midpoint(low.as_deref(), high.as_deref()) else {
                break;
            };
            match self.keys(&resolved.first_from(window, &bound)).await {
                Ok(found) => {
                    high = Some(bound);
                    let (found, up_to) = match found.last_key {
                        Some(id) => (Behind::Record(id.clone()), Some(id)),
                        None => (Behind::Nothing, window.upper.clone()),
                    };
                    behind = Some(found);
                    let passed = Window {
                        upper: up_to,
                        ..window.clone()
                    };
                    self.shared.pace.wait().await;
                    match self.session.call(&resolved.count(&passed)).await {
                        Ok(count) if count <= 1 => break,
                        Ok(_) => {}
                        // Not counted: the narrower, the fewer are passed.
                        Err(error) if error.api().is_some() || may_be_a_record(&error) => {}
                        Err(error) => return Err(error),
                    }
                }
                Err(error) if may_be_a_record(&error) => {
                    low = Some(bound);
                    failures += 1;
                    if behind.is_none() && failures >= patience {
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(behind)
    }
}
