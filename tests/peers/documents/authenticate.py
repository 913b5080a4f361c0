"""The one request of the Python example (REST v10, "SugarCRM Authenticate"), made with the standard library.

SUGAR_SITE_URL, SUGAR_USER, SUGAR_PASSWORD and SUGAR_CLIENT_SECRET say where and who. Prints the answer.
"""

import json
import os
from http.client import HTTPConnection
from urllib.parse import urlsplit

arguments = {
    "grant_type": "password",
    "client_id": "sugar",
    "client_secret": os.environ["SUGAR_CLIENT_SECRET"],
    "username": os.environ["SUGAR_USER"],
    "password": os.environ["SUGAR_PASSWORD"],
    "platform": "custom_api",
}
connection = HTTPConnection(urlsplit(os.environ["SUGAR_SITE_URL"]).netloc)
headers = {"Cache-Control": "no-cache", "Content-Type": "application/json"}
connection.request("POST", "/rest/v10/oauth2/token", json.dumps(arguments, separators=(",", ":")), headers)
answer = connection.getresponse()
print(answer.read().decode())
if answer.status != 200:
    raise SystemExit(f"the status is {answer.status}")
