//! Logging in and out.

use super::html::{escape, form as html_form, page};
use super::{Visit, index_php};
use crate::sandbox::http::Response;
use crate::sandbox::random::hex;

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Sends somebody who is not logged in to the login page; the page asked for is remembered.
pub(super) fn send_to_form(visit: &Visit<'_>) -> Response {
    let mut parameters = vec![pair("action", "Login"), pair("module", "Users")];
    parameters.extend(visit.to_remember());
    Response::html(301, "")
        .header("Set-Cookie", format!("PHPSESSID={}; path=/", hex(32)))
        .header("Location", index_php(&parameters))
}

/// The login page.
pub(super) fn form(visit: &Visit<'_>) -> Response {
    let failed = !visit.fields.text("loginErrorMessage").is_empty();
    let error = if failed {
        "<p class=\"error\">You must specify a valid username and password.</p>\n"
    } else {
        ""
    };
    let remembered = visit.remembered();
    let mut hidden = vec![
        ("module", "Users"),
        ("action", "Authenticate"),
        ("return_module", "Users"),
        ("return_action", "Login"),
    ];
    hidden.extend(remembered.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let fields = "<label for=\"user_name\">User name</label>\n\
        <input type=\"text\" id=\"user_name\" name=\"user_name\" autocomplete=\"username\" autofocus required>\n\
        <label for=\"username_password\">Password</label>\n\
        <input type=\"password\" id=\"username_password\" name=\"username_password\" autocomplete=\"current-password\" required>\n\
        <button type=\"submit\" id=\"bigbutton\" name=\"Login\">Log in</button>";
    page(
        200,
        "Log in",
        &format!("<h1>Log in</h1>\n{error}{}", html_form(&hidden, fields)),
    )
}

/// Takes the login form: to the page asked for, or back to the form.
pub(super) fn authenticate(visit: &Visit<'_>) -> Response {
    let config = &visit.server.config;
    let right = visit.request.method == "POST"
        && visit.fields.text("user_name").eq_ignore_ascii_case(&config.user_name)
        && visit.fields.text("username_password") == config.password;
    let remembered = visit.remembered();
    if !right {
        let mut parameters = vec![pair("action", "Login"), pair("module", "Users")];
        parameters.extend(remembered);
        parameters.push(pair("loginErrorMessage", "LBL_LOGIN_WRONG"));
        return Response::html(302, "").header("Location", index_php(&parameters));
    }
    let now = visit.server.clock.milliseconds();
    let session = {
        let mut data = visit.server.data();
        let address = data.client_address;
        data.browsers.open(crate::sandbox::rest::USER_ID, address, now)
    };
    let mut wanted: Vec<_> = remembered
        .into_iter()
        .map(|(name, value)| (name["login_".len()..].to_owned(), value))
        .collect();
    if wanted.is_empty() {
        wanted = vec![pair("module", "Home"), pair("action", "index")];
    }
    Response::html(302, "")
        .header("Set-Cookie", format!("PHPSESSID={session}; path=/"))
        .header("Set-Cookie", "ck_login_id_20=1; path=/")
        .header("Set-Cookie", "ck_login_language_20=en_us; path=/")
        .header("Location", index_php(&wanted))
}

/// Ends the browser's session.
pub(super) fn log_out(visit: &Visit<'_>) -> Response {
    if let Some((id, _)) = &visit.session {
        visit.server.data().browsers.close(id);
    }
    let parameters = [pair("action", "Login"), pair("module", "Users")];
    Response::html(301, "").header("Location", index_php(&parameters))
}

/// Any other page of somebody who is logged in.
pub(super) fn home(visit: &Visit<'_>) -> Response {
    let user = escape(&visit.server.config.user_name);
    let content = format!(
        "<h1>You are logged in</h1>\n<p>You are <strong>{user}</strong>. There is nothing to do here: open the \
         authorize page that your program names, or <a href=\"index.php?module=Users&amp;action=Logout\">log out</a>.</p>"
    );
    page(200, "Home", &content)
}
