"""A REST v11 whose OAuth 2 is oauthlib's, on a free port of 127.0.0.1, which it prints.

The grants `password` and `refresh_token`, `ping`, `grants` with what was granted, and the logout; a POST to /expire ends
the access tokens. JSON bodies become forms and the header OAuth-Token becomes Authorization, which oauthlib reads. User,
password, client id and client secret come from SUGAR_USER, SUGAR_PASSWORD, SUGAR_CLIENT_ID and SUGAR_CLIENT_SECRET.
"""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import urlencode

# oauthlib refuses plain http otherwise.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
from oauthlib.oauth2 import LegacyApplicationServer, RequestValidator

REST = "/rest/v11/"


class Store(RequestValidator):
    """Logins by their tokens. A refresh token belongs to the client and the platform that it was given to."""

    def __init__(self):
        super().__init__()
        self.by_access_token = {}
        self.by_refresh_token = {}
        self.grants = []

    def client_authentication_required(self, request, *arguments, **options):
        return True

    def authenticate_client(self, request, *arguments, **options):
        given = (request.client_id, request.client_secret)
        request.client = SimpleNamespace(client_id=request.client_id)
        return given == (os.environ["SUGAR_CLIENT_ID"], os.environ["SUGAR_CLIENT_SECRET"])

    def validate_grant_type(self, client_id, grant_type, client, request, *arguments, **options):
        return grant_type in ("password", "refresh_token")

    def validate_user(self, username, password, client, request, *arguments, **options):
        return (username, password) == (os.environ["SUGAR_USER"], os.environ["SUGAR_PASSWORD"])

    def get_default_scopes(self, client_id, request, *arguments, **options):
        return []

    def validate_scopes(self, client_id, scopes, client, request, *arguments, **options):
        return not scopes

    def get_original_scopes(self, refresh_token, request, *arguments, **options):
        return []

    def validate_refresh_token(self, refresh_token, client, request, *arguments, **options):
        return self.by_refresh_token.get(refresh_token) == (client.client_id, request.platform)

    def save_bearer_token(self, token, request, *arguments, **options):
        self.grants.append(request.grant_type)
        self.by_refresh_token.pop(request.refresh_token, None)
        login = (request.client.client_id, request.platform)
        self.by_access_token[token["access_token"]] = token["refresh_token"]
        self.by_refresh_token[token["refresh_token"]] = login

    def validate_bearer_token(self, token, scopes, request):
        return token in self.by_access_token


STORE = Store()
SERVER = LegacyApplicationServer(STORE)
LOCK = threading.Lock()


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def log_message(self, *arguments):
        pass

    def serve(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8")
        with LOCK:
            status, value = self.answer()
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self):
        called = (self.command, self.path)
        if called == ("POST", "/expire"):
            STORE.by_access_token.clear()
            return 200, {}
        if called == ("POST", REST + "oauth2/token"):
            form = urlencode(json.loads(self.body))
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            _, body, status = SERVER.create_token_response(self.path, "POST", form, kind)
            return status, json.loads(body)
        token = self.headers.get("OAuth-Token", "")
        bearer = {"Authorization": f"Bearer {token}"}
        valid, _ = SERVER.verify_request(self.path, self.command, headers=bearer, scopes=[])
        if not valid:
            return 401, {"error": "invalid_grant", "error_message": "The access token is refused"}
        if called == ("GET", REST + "ping"):
            return 200, "pong"
        if called == ("GET", REST + "grants"):
            return 200, STORE.grants
        if called == ("POST", REST + "oauth2/logout"):
            STORE.by_refresh_token.pop(STORE.by_access_token.pop(token), None)
            return 200, {"success": True}
        return 404, {"error": "no_method", "error_message": "There is nothing here"}


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
