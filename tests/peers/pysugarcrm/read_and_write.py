"""Logs in with the PyPI client `pysugarcrm`, writes records and reads them, and logs out.

SUGAR_SITE_URL, SUGAR_USER, SUGAR_PASSWORD and SUGAR_PLATFORM say where and who, SUGAR_VERSION which version of REST.
Prints one JSON object with what the server answered.
"""

import json
import os

from pysugarcrm import sugar_api

version = os.environ["SUGAR_VERSION"]
said = {}
with sugar_api(
    os.environ["SUGAR_SITE_URL"],
    os.environ["SUGAR_USER"],
    os.environ["SUGAR_PASSWORD"],
    login_path=f"/rest/{version}/oauth2/token",
    base_path=f"/rest/{version}/",
    platform=os.environ["SUGAR_PLATFORM"],
) as api:
    said["me"] = api.me
    said["ping"] = api.get("ping")
    contact = api.post("Contacts", json={"first_name": "Ægir", "last_name": "O'Peer & <b>"})
    account = api.post("/Accounts", json={"name": "Peer & Sons"})
    said["created"] = [contact, account]
    path = f"Contacts/{contact['id']}"
    said["changed"] = api.put(path, json={"title": "Head of Peers", "do_not_call": True})
    said["read"] = api.get(path, query_params={"fields": "title,do_not_call"})
    said["linked"] = api.post(f"Accounts/{account['id']}/link/contacts/{contact['id']}")
    said["related"] = api.get(f"Accounts/{account['id']}/link/contacts", query_params={"fields": "title"})
    wanted = {"filter[0][last_name]": "O'Peer & <b>", "fields": "title", "max_num": 1}
    said["list"] = api.get("Contacts", query_params=wanted)
    said["page"] = api.get("Contacts", query_params={"max_num": 2, "offset": 1, "order_by": "date_entered:ASC"})
    # It has no call for DELETE; a bulk request may hold one.
    request = {"url": f"/{version}/{path}", "method": "DELETE"}
    said["bulk"] = api.post("bulk", json={"requests": [request, request]})
    said["gone"] = api.get(path)
said["closed"] = api.is_closed
said["after"] = api.me
print(json.dumps(said))
