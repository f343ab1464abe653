"""Keeps the record: tables in two planes, on SQLite or PostgreSQL. The only place that knows SQL.

- `tables`: what there is.  `triggers`: what keeps it as written.  `schema`, `migrations/`: its versions.
- `database`: connections, each of one plane.  `vault`: the sealed plane's boxes and tokens.
- `plane`: one plane's log and things, in clear or in boxes.  `body`: a thing as JSON.
- `accounts`: how people sign in.
"""
