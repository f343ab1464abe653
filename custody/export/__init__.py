"""What leaves the system as files, for others to read without it.

- `arms`: the arm of each participant, once every code is open.
- `ledger`: the open log, or both by name, in a folder that verifies without us.
"""
