"""THE DOOR to the record, and what stands behind it.

- `door`: takes a request, groups those that wait, commits, answers.  `work`: one transaction's steps.
- `request`: what is asked and answered.  `entries`: one event as it stands in a log.
- `draft`: the things as the running transaction has them.  `log`: one log's tree, head and tail.
- `keyring`: the keys, outside the database.  `create`: makes a ledger, or opens one.
- `replay`: builds all things anew from the logs, and compares.  `differing`: says how two things differ.
- `world`: time and randomness.
"""
