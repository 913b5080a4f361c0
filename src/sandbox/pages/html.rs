//! The frame of all pages. Nothing is loaded from elsewhere.

use crate::sandbox::http::Response;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;\
font:16px/1.5 system-ui,sans-serif;background:#eef1f4;color:#1c2630}\
main{box-sizing:border-box;width:min(30rem,92vw);margin:2rem 0 1rem;padding:2rem;background:#fff;border-radius:12px;\
box-shadow:0 1px 3px #0002,0 8px 24px #0001}\
h1{margin:0 0 1rem;font-size:1.35rem}\
main>:last-child{margin-bottom:0}\
label{display:block;margin:.75rem 0 .25rem;font-weight:600}\
input[type=text],input[type=password]{box-sizing:border-box;width:100%;padding:.6rem .7rem;font:inherit;color:inherit;\
background:transparent;border:1px solid #9aa7b3;border-radius:8px}\
button{margin-top:1.25rem;padding:.65rem 1.4rem;font:inherit;font-weight:600;color:#fff;background:#1f5fa8;border:0;\
border-radius:8px;cursor:pointer}\
button:hover{background:#174b86}\
:focus-visible{outline:3px solid #6aa5e8;outline-offset:2px}\
big{display:block;margin:.5rem 0;padding:.75rem;font:600 1.6rem/1.3 ui-monospace,monospace;letter-spacing:.06em;\
text-align:center;background:#eef1f4;border-radius:8px;user-select:all}\
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\
.error{padding:.6rem .8rem;color:#7a1420;background:#fde8ea;border-radius:8px}\
footer{margin-bottom:2rem;font-size:.85rem;opacity:.7}\
@media(prefers-color-scheme:dark){body{background:#161b21;color:#e4e9ee}main{background:#212931}\
big{background:#161b21}.error{color:#ffd7dc;background:#5c1620}}";

/// What a POST without a `Referer` of the instance's own is told.
pub(super) const WRONG_REFERER: &str = "<h1>Request refused</h1>\n<p>This looks like a forged request: the form was not sent from a page of \
     this instance. The browser has to send a <code>Referer</code> that names this host.</p>";

/// A whole page around `content`, which is HTML; `title` is text.
pub(super) fn page(status: u16, title: &str, content: &str) -> Response {
    let title = escape(title);
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · practice instance</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{content}\n</main>\n\
         <footer>Practice instance. Nothing here is real.</footer>\n</body>\n</html>\n"
    );
    Response::html(status, body)
}

/// A form that posts to `index.php`: hidden fields, then `content`, which is HTML.
pub(super) fn form(hidden: &[(&str, &str)], content: &str) -> String {
    let mut form = String::from("<form method=\"post\" action=\"index.php\">\n");
    for (name, value) in hidden {
        let (name, value) = (escape(name), escape(value));
        form.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"));
    }
    form + content + "\n</form>"
}

/// Text for an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#039;"),
            other => escaped.push(other),
        }
    }
    escaped
}
