//! What calls cost a server, as it was measured, so that the order of two ways to read can be told without one.

use super::Sandbox;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long the server works on a call. A session serves one call at a time, so this is what reading in parallel and
/// reading by offset gain and lose.
///
/// A call takes as long as this says, or as long as the sandbox itself needs, if that is longer.
///
/// ```
/// use std::time::Duration;
///
/// use sugar_oauth::sandbox::CostModel;
///
/// let quick = CostModel::MEASURED.scaled(0.1);
/// assert_eq!(quick.row, Duration::from_micros(43));
/// ```
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostModel {
    /// For each call, whatever it does.
    pub page: Duration,
    /// For each record in the answer, whatever its fields.
    pub row: Duration,
    /// For each record that matches the query: a list counts them all, for each of its pages.
    pub counted_row: Duration,
    /// For each record that `offset` passes over.
    pub skipped_row: Duration,
    /// For each record at the other end of a link that comes with the answer.
    pub linked_record: Duration,
}

impl CostModel {
    /// What was measured on a real instance (`docs/server.md`): 3 ms a page, 0.43 ms a row, 0.27 µs a counted row,
    /// 2.3 µs a skipped row, 0.66 ms a linked record.
    pub const MEASURED: Self = Self {
        page: Duration::from_millis(3),
        row: Duration::from_micros(430),
        counted_row: Duration::from_nanos(270),
        skipped_row: Duration::from_nanos(2_300),
        linked_record: Duration::from_micros(660),
    };

    /// Everything so many times as long; 0.1 is a tenth. A factor that is no duration's, a negative one or NaN, is 0.
    pub fn scaled(self, factor: f64) -> Self {
        let scale = |time: Duration| Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or_default();
        Self {
            page: scale(self.page),
            row: scale(self.row),
            counted_row: scale(self.counted_row),
            skipped_row: scale(self.skipped_row),
            linked_record: scale(self.linked_record),
        }
    }

    /// What a call with these arguments and this answer costs.
    pub(crate) fn of(&self, arguments: &Map<String, Value>, answer: &Value) -> Duration {
        let counted = number(&answer["total_count"]).or_else(|| {
            // `get_entries_count` tells what it counted under another name.
            answer["entry_list"]
                .is_null()
                .then(|| number(&answer["result_count"]))?
        });
        let counted = counted.unwrap_or(0);
        let skipped = arguments.get("offset").and_then(number).unwrap_or(0).min(counted);
        let rows = answer["entry_list"].as_array().map_or(0, Vec::len);
        [
            (self.row, count(rows)),
            (self.counted_row, counted),
            (self.skipped_row, skipped),
            (self.linked_record, linked(&answer["relationship_list"])),
        ]
        .into_iter()
        .fold(self.page, |sum, (time, count)| {
            sum.saturating_add(time.saturating_mul(count))
        })
    }
}

impl Sandbox {
    /// Lets calls take the time that this model gives them, from now on, in addition to what [`work`](Self::work) says.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use sugar_oauth::sandbox::{CostModel, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().records(0, 1_000).start().await?;
    /// sandbox.cost(CostModel::MEASURED.scaled(0.1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn cost(&self, model: CostModel) {
        self.server().hooks.set_cost(model);
    }
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Records in a `relationship_list`, in either of its shapes: every member `records` is a list of them.
fn linked(list: &Value) -> u32 {
    match list {
        Value::Array(items) => items.iter().map(linked).sum(),
        Value::Object(members) => match members.get("records") {
            Some(Value::Array(records)) => count(records.len()),
            _ => members.values().map(linked).sum(),
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cost(arguments: Value, answer: Value) -> Duration {
        let Value::Object(arguments) = arguments else {
            panic!("no object")
        };
        CostModel::MEASURED.of(&arguments, &answer)
    }

    #[test]
    fn a_page_costs_its_rows_and_what_is_counted_and_skipped() {
        let entries = vec![json!({}); 250];
        let answer =
            json!({"result_count": 250, "total_count": "20000", "entry_list": entries, "relationship_list": []});
        // 3 ms + 250 * 0.43 ms + 20,000 * 0.27 µs, and 10,000 * 2.3 µs.
        assert_eq!(
            cost(json!({"offset": 0}), answer.clone()),
            Duration::from_micros(115_900)
        );
        assert_eq!(
            cost(json!({"offset": 10_000}), answer.clone()),
            Duration::from_micros(138_900)
        );
        // No more can be skipped than there is.
        assert_eq!(
            cost(json!({"offset": 90_000_000}), answer),
            Duration::from_micros(161_900)
        );
    }

    #[test]
    fn counts_links_and_other_calls() {
        assert_eq!(
            cost(json!({}), json!({"result_count": "1000"})),
            Duration::from_micros(3_270)
        );
        assert_eq!(cost(json!({}), json!("1")), Duration::from_millis(3));
        let linked =
            json!({"link_list": [{"name": "accounts", "records": [{}, {}]}, {"name": "calls", "records": [{}]}]});
        let answer = json!({"entry_list": [{}], "relationship_list": [linked]});
        assert_eq!(cost(json!({}), answer), Duration::from_micros(3_000 + 430 + 3 * 660));
    }

    #[test]
    fn a_factor_scales_everything() {
        let tenth = CostModel::MEASURED.scaled(0.1);
        assert_eq!(
            (tenth.page, tenth.counted_row),
            (Duration::from_micros(300), Duration::from_nanos(27))
        );
        for factor in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(CostModel::MEASURED.scaled(factor).row, Duration::ZERO);
        }
    }
}
