"""Writes and reads records with the PyPI client `sugarcrm-python`.

SUGAR_SITE_URL, SUGAR_USER and SUGAR_PASSWORD say where and who. Prints one JSON object with what the server answered.
"""

import base64
import json
import os

from sugarcrm.client import Client

client = Client(os.environ["SUGAR_SITE_URL"], os.environ["SUGAR_USER"], os.environ["SUGAR_PASSWORD"])


def created(module, values):
    return client.set_entry(module, values)["id"]


said = {"session": client.session_id, "modules": client.get_available_modules()}
contact = created("Contacts", {"first_name": "Ægirson", "last_name": "O'Neil & <b>", "email1": "peer@example.test"})
account = created("Accounts", {"name": "Peer & Sons"})
client.set_entry("Contacts", {"id": contact, "title": "Head of Peers"})
said["created"] = {"contact": contact, "account": account}
said["linked"] = client.set_relationship("Accounts", account, "contacts", [contact])

fields = ["id", "first_name", "last_name", "title", "email1"]
said["entry"] = client.get_entry("Contacts", contact, select_fields=fields)
said["entries"] = client.get_entries("Contacts", [contact, "nope"], select_fields=["id"])
said["linked_entry"] = client.get_entry(
    "Accounts", account, select_fields=["name"], link_name_to_fields_array={"contacts": ["id", "title"]}
)
query = "contacts.title = 'Head of Peers'"
said["list"] = client.get_entry_list("Contacts", query=query, select_fields=["id"], max_results=2)
said["count"] = client.get_entries_count("Contacts", query=query)
said["related"] = client.get_relationships("Accounts", account, "contacts", "", ["id", "title"], [])
said["fields"] = client.get_module_fields("Contacts", fields=["id", "lead_source"])
said["search"] = client.search_by_module("Ægirson", ["Contacts"], 0, 2, select_fields=["id"])

note = created("Notes", {"name": "Peer's note", "parent_type": "Accounts", "parent_id": account})
content = base64.b64encode(b"from a peer\n").decode()
said["note"] = note
said["attached"] = client.set_note_attachment(note, "peer ü.txt", content)

created_again = created("Contacts", {"last_name": "To be deleted"})
client.set_entry("Contacts", {"id": created_again, "deleted": 1})
said["deleted"] = client.get_entry("Contacts", created_again)
print(json.dumps(said))
