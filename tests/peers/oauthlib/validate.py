"""Checks signed requests with oauthlib: one request a line on stdin as JSON, one verdict a line on stdout.

A request is {method, url, authorization, body, consumer_secret, token_secret}; `authorization` and `body` may be null.
A verdict is `valid` or `invalid: <why>`. Everything, the parsing of query, form and header too, is oauthlib's.
"""

import json
import logging
import sys

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

FORM = "application/x-www-form-urlencoded"


class Credentials(RequestValidator):
    """The secrets that came with the request; nothing is refused but a wrong signature."""

    enforce_ssl = False
    client_key_length = (1, 255)
    # The real server's nonce column holds 32 characters.
    nonce_length = (1, 32)

    def __init__(self, request):
        super().__init__()
        self.given = request

    def check_client_key(self, client_key):
        return True

    def validate_client_key(self, client_key, request):
        return True

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        return True

    def get_client_secret(self, client_key, request):
        return self.given["consumer_secret"]

    def get_access_token_secret(self, client_key, token, request):
        return self.given["token_secret"]


class Reasons(logging.Handler):
    """Keeps what oauthlib says of a refusal."""

    def __init__(self):
        super().__init__()
        self.last = ""

    def emit(self, record):
        self.last = record.getMessage()


def main():
    reasons = Reasons()
    log = logging.getLogger("oauthlib")
    log.setLevel(logging.INFO)
    log.addHandler(reasons)
    for line in sys.stdin:
        request = json.loads(line)
        headers = {}
        if request["body"] is not None:
            headers["Content-Type"] = FORM
        if request["authorization"] is not None:
            headers["Authorization"] = request["authorization"]
        reasons.last = "signature"
        valid, _ = SignatureOnlyEndpoint(Credentials(request)).validate_request(
            request["url"], request["method"], request["body"], headers
        )
        print("valid" if valid else f"invalid: {reasons.last}")


if __name__ == "__main__":
    main()
