"""What leaves the system as files, for others to read without it.

- `arms`: the arm of each participant, once every code is open.
- `ledger`: both logs, or the open one alone, in a folder that verifies without us.
"""
