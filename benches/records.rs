//! Pages of records decoded into NDJSON lines, beside the least that reading their JSON costs; and all records of a module
//! by windows on two sessions, beside one session that pages by offset, both under what calls cost on a real instance.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use serde_json::Value;
use sugar_oauth::records::export::ndjson_of_page;
use sugar_oauth::sandbox::{CostModel, Sandbox};
use sugar_oauth::v4_1::GetEntryList;
use sugar_oauth::{Client, Instance, Password, Session, Transport};
use sugar_oauth_bench::widened;
use tokio::runtime::Runtime;

/// The fields of the narrower page.
const SEVEN: [&str; 7] = [
    "id",
    "first_name",
    "last_name",
    "title",
    "phone_work",
    "email1",
    "date_modified",
];
/// About 20,000 of them are not deleted.
const CONTACTS: usize = 21_250;
/// Records a page.
const PAGE: u64 = 250;
/// Everything twice as fast as it was measured. Much faster, and what an export does once, its files' way to the disk
/// included, would count for more than it does.
const SCALE: f64 = 0.5;

async fn start(contacts: usize) -> (Sandbox, Session) {
    let builder = Sandbox::builder().records(1_000, contacts);
    let sandbox = builder.start().await.expect("a practice instance");
    let transport = Transport::builder().no_proxy().build();
    let instance = Instance::parse(sandbox.url()).expect("a site");
    let client = Client::builder(instance).transport(&transport).build();
    let password = Password::new(sandbox.password());
    let session = client.login(sandbox.user_name(), password).await.expect("a session");
    (sandbox, session)
}

/// A page of 1,000 contacts as the server writes it.
async fn page(fields: &[&str]) -> String {
    let (sandbox, session) = start(1_200).await;
    let rest_data = serde_json::json!({
        "session": session.id().expose(),
        "module_name": "Contacts",
        "query": "",
        "order_by": "contacts.id",
        "offset": 0,
        "select_fields": fields,
        "link_name_to_fields_array": [],
        "max_results": 1_000,
        "deleted": 0,
    });
    let parameters = sugar_oauth::signing::Parameters::new()
        .with("method", "get_entry_list")
        .with("input_type", "JSON")
        .with("response_type", "JSON")
        .with("rest_data", rest_data.to_string());
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let request = http
        .post(format!("{}/service/v4_1/rest.php", sandbox.url()))
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(parameters.to_form()).send().await.expect("an answer");
    answer.text().await.expect("a page")
}

fn decode(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let narrow = runtime.block_on(page(&SEVEN));
    let wide = widened(&runtime.block_on(page(&[])), 81);
    for (name, page) in [("7-fields", narrow), ("81-fields", wide)] {
        let fields = fields_of(&page);
        let lines = ndjson_of_page(page.as_bytes(), &fields).expect("lines");
        assert_eq!(lines.iter().filter(|&&byte| byte == b'\n').count(), 1_000);
        let mut group = criterion.benchmark_group(format!("records/decode/{name}"));
        group.throughput(Throughput::Elements(1_000));
        group.bench_function("sugar-oauth", |bencher| {
            bencher.iter(|| ndjson_of_page(black_box(page.as_bytes()), &fields));
        });
        group.bench_function("ignored-any", |bencher| {
            bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(page.as_bytes())));
        });
        group.bench_function("serde-value", |bencher| {
            bencher.iter(|| serde_json::from_slice::<Value>(black_box(page.as_bytes())));
        });
        group.finish();
    }
}

/// The columns of an export of this page.
fn fields_of(page: &str) -> Vec<String> {
    let page: Value = serde_json::from_str(page).expect("a page");
    let fields = page["entry_list"][0]["name_value_list"].as_object().expect("fields");
    fields.keys().cloned().collect()
}

/// Exports all contacts to a file, by windows on two sessions.
async fn windows(session: &Session) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let export = session.export().modules(["Contacts"]).fields(SEVEN).sessions(2);
    let manifest = export.run(folder.path()).await.expect("an export");
    manifest.files.iter().map(|file| file.lines).sum()
}

/// All contacts by offset on one session, one page after the other; how many there are.
async fn offset(session: &Session) -> u64 {
    let mut records = 0;
    loop {
        let list = GetEntryList::new("Contacts")
            .select(SEVEN)
            .order_by("contacts.id")
            .offset(records)
            .max_results(PAGE);
        let page = session.call(&list).await.expect("a page");
        if page.entries.is_empty() {
            return records;
        }
        records += page.entries.len() as u64;
    }
}

fn export(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (sandbox, session) = runtime.block_on(start(CONTACTS));
    sandbox.cost(CostModel::MEASURED.scaled(SCALE));
    let mut group = criterion.benchmark_group("records/export");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .measurement_time(Duration::from_secs(12));
    group.bench_function("windows-2-sessions", |bencher| {
        bencher.to_async(&runtime).iter(|| windows(&session));
    });
    group.bench_function("offset-1-session", |bencher| {
        bencher.to_async(&runtime).iter(|| offset(&session));
    });
    group.finish();
}

criterion_group!(benches, decode, export);
criterion_main!(benches);
