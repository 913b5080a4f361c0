"""Prints the URLs of a Chromium history database, a line each: `shown` or `hidden`, and the URL."""

import sqlite3
import sys

history = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
# An address is shown unless it is marked hidden or was only ever passed through by a redirect: the last of a chain
# bears CHAIN_END.
CHAIN_END = 0x20000000
query = """
    SELECT urls.hidden, urls.url, MAX(visits.transition & ?)
    FROM urls LEFT JOIN visits ON visits.url = urls.id
    GROUP BY urls.id ORDER BY urls.id
"""
for hidden, url, chain_end in history.execute(query, (CHAIN_END,)):
    print("shown" if not hidden and chain_end else "hidden", url)
