"""A v4_1 endpoint whose OAuth is oauthlib's, on a free port of 127.0.0.1, which it prints.

It does what a walk needs and no more: the three legs, a stand-in for the authorize page, a session, three methods.
Key and secret come from SUGAR_CONSUMER_KEY and SUGAR_CONSUMER_SECRET; the rest lives in memory.
"""

import json
import os
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

from oauthlib.oauth1 import (
    AccessTokenEndpoint,
    AuthorizationEndpoint,
    RequestTokenEndpoint,
    RequestValidator,
    ResourceEndpoint,
)

KEY = os.environ["SUGAR_CONSUMER_KEY"]
SECRET = os.environ["SUGAR_CONSUMER_SECRET"]
FORM = "application/x-www-form-urlencoded"


class Store(RequestValidator):
    """Tokens, nonces and the newest timestamp, with Sugar's widths and its clock that only moves forward."""

    enforce_ssl = False
    client_key_length = (1, 32)
    nonce_length = (1, 32)
    request_token_length = access_token_length = verifier_length = (12, 12)
    dummy_client = dummy_request_token = dummy_access_token = "nobody"

    def __init__(self):
        super().__init__()
        self.request_tokens = {}
        self.access_tokens = {}
        self.nonces = set()
        self.newest = 0

    def validate_client_key(self, client_key, request):
        return client_key == KEY

    def get_client_secret(self, client_key, request):
        return SECRET

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        if int(timestamp) < self.newest or nonce in self.nonces:
            return False
        self.newest = int(timestamp)
        self.nonces.add(nonce)
        return True

    def get_default_realms(self, client_key, request):
        return []

    def get_realms(self, token, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return True

    def save_request_token(self, token, request):
        self.request_tokens[token["oauth_token"]] = {
            "secret": token["oauth_token_secret"],
            "callback": request.redirect_uri,
        }

    def get_request_token_secret(self, client_key, token, request):
        return self.request_tokens.get(token, {"secret": "none"})["secret"]

    def validate_request_token(self, client_key, token, request):
        return token in self.request_tokens

    def verify_request_token(self, token, request):
        return token in self.request_tokens

    def get_redirect_uri(self, token, request):
        return self.request_tokens[token]["callback"]

    def save_verifier(self, token, verifier, request):
        self.request_tokens[token]["verifier"] = verifier["oauth_verifier"]

    def validate_verifier(self, client_key, token, verifier, request):
        return self.request_tokens.get(token, {}).get("verifier") == verifier

    def invalidate_request_token(self, client_key, request_token, request):
        del self.request_tokens[request_token]

    def save_access_token(self, token, request):
        self.access_tokens[token["oauth_token"]] = token["oauth_token_secret"]

    def get_access_token_secret(self, client_key, token, request):
        return self.access_tokens.get(token, "none")

    def validate_access_token(self, client_key, token, request):
        return token in self.access_tokens


STORE = Store()
SESSIONS = set()
LOCK = threading.Lock()


def token():
    """Sugar's tokens and verifiers are 12 hexadecimal digits."""
    return secrets.token_hex(6)


class Refused(Exception):
    """Answered without a reason, as the real endpoint does."""


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def log_message(self, *arguments):
        pass

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length).decode("utf-8")
        parts = urlsplit(self.path)
        self.site = "http://" + self.headers["Host"]
        self.parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        if self.headers.get("Content-Type", "").startswith(FORM):
            self.parameters.update(parse_qsl(self.body, keep_blank_values=True))
        with LOCK:
            try:
                if parts.path == "/service/v4_1/rest.php":
                    self.rest()
                elif parts.path == "/index.php":
                    self.authorize()
                else:
                    self.reply(404, "")
            except Refused:
                self.reply(500, "")

    def reply(self, status, body, kind="text/html", headers=()):
        data = body.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def answer(self, value):
        """The token calls answer text, or that text as one JSON string."""
        if self.parameters.get("response_type") == "JSON":
            self.reply(200, json.dumps(value), "application/json")
        else:
            self.reply(200, value if isinstance(value, str) else "")

    def signed(self):
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if self.headers[name]}
        return self.site + self.path, self.command, self.body, headers

    def issue(self, response):
        _, body, status = response
        if status != 200:
            self.log_error("refused: %s %s", status, body)
            raise Refused
        self.answer(body)

    def require_access_token(self):
        valid, _ = ResourceEndpoint(STORE).validate_protected_resource_request(*self.signed())
        if not valid:
            raise Refused

    def rest(self):
        method = self.parameters.get("method")
        if method == "get_server_info":
            gmt_time = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
            self.answer({"flavor": "CE", "version": "6.5.25", "gmt_time": gmt_time})
        elif method == "oauth_request_token":
            page = self.site + "/index.php?module=OAuthTokens&action=authorize"
            endpoint = RequestTokenEndpoint(STORE, token_generator=token)
            self.issue(endpoint.create_request_token_response(*self.signed(), credentials={"authorize_url": page}))
        elif method == "oauth_access_token":
            endpoint = AccessTokenEndpoint(STORE, token_generator=token)
            self.issue(endpoint.create_access_token_response(*self.signed()))
        elif method == "oauth_access":
            self.require_access_token()
            session = secrets.token_hex(16)
            SESSIONS.add(session)
            self.answer({"id": session})
        else:
            self.call(method)

    def call(self, method):
        arguments = json.loads(self.parameters.get("rest_data") or "[]")
        session = (list(arguments.values()) if isinstance(arguments, dict) else arguments or [""])[0]
        if "oauth_signature" in self.parameters or self.headers["Authorization"]:
            self.require_access_token()
        elif session not in SESSIONS:
            self.answer({"name": "Invalid Session ID", "number": 11, "description": "The session ID is invalid"})
            return
        if method == "get_available_modules":
            keys = ("Accounts", "Contacts", "Leads")
            rows = [{"module_key": key, "module_label": key, "favorite_enabled": False, "acls": []} for key in keys]
            self.answer({"modules": rows})
        elif method == "get_user_id":
            self.answer("1")
        elif method == "logout":
            SESSIONS.discard(session)
            self.answer(None)
        else:
            self.answer({"name": "Invalid call", "number": "-1", "description": "no such method"})

    def authorize(self):
        """Stands for the login and authorize pages: whoever posts a token confirms it."""
        name = self.parameters.get("token") or self.parameters.get("oauth_token", "")
        if name not in STORE.request_tokens:
            self.reply(200, "Invalid token")
            return
        if self.command != "POST":
            self.reply(200, f'<form method="post" action="index.php"><input type="hidden" name="token" value="{name}"></form>')
            return
        endpoint = AuthorizationEndpoint(STORE, token_generator=token)
        headers, body, status = endpoint.create_authorization_response(f"{self.site}/?oauth_token={quote(name)}")
        if status == 200:
            verifier = dict(parse_qsl(body))["oauth_verifier"]
            self.reply(200, f"Token authorization code: <b><big>{verifier}</big></b>")
        else:
            self.reply(301, "", headers=[("Location", headers["Location"])])


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
