"""Signs the call that is given as JSON on stdin with oauthlib; prints the signature, then the nanoseconds of a call."""

import json
import statistics
import sys
import time
from urllib.parse import parse_qsl, urlencode

from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, Client

call = json.load(sys.stdin)
form = urlencode(call["pairs"])
client = Client(
    call["key"],
    client_secret=call["secret"],
    resource_owner_key=call["token"],
    resource_owner_secret=call["token_secret"],
    signature_type=SIGNATURE_TYPE_BODY,
    nonce=call["nonce"],
    timestamp=str(call["timestamp"]),
)
headers = {"Content-Type": "application/x-www-form-urlencoded"}


def sign():
    return client.sign(call["url"], "POST", form, headers)


print(dict(parse_qsl(sign()[2]))["oauth_signature"])
batches = []
for _ in range(51):
    start = time.perf_counter_ns()
    for _ in range(20):
        sign()
    batches.append((time.perf_counter_ns() - start) / 20)
print(statistics.median(batches))
