"""The two requests of the vendor's page on `/oauth2/token` (REST v10), made with the standard library: a login by
password, then a refresh.

SUGAR_SITE_URL, SUGAR_USER and SUGAR_PASSWORD say where and who. Prints the answers, a line each.
"""

import json
import os
from urllib.request import Request, urlopen


def post(arguments):
    body = json.dumps(arguments, separators=(",", ":")).encode()
    url = os.environ["SUGAR_SITE_URL"] + "/rest/v10/oauth2/token"
    with urlopen(Request(url, body, {"Content-Type": "application/json"})) as answer:
        text = answer.read().decode()
    print(text)
    return json.loads(text)


tokens = post(
    {
        "grant_type": "password",
        "client_id": "sugar",
        "client_secret": "",
        "username": os.environ["SUGAR_USER"],
        "password": os.environ["SUGAR_PASSWORD"],
        "platform": "base",
    }
)
post(
    {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": "sugar",
        "client_secret": "",
        "platform": "base",
    }
)
