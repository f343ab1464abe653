"""What leaves the system as files, for others to read without it.

- `ledger`: both logs, or the open one alone, in a folder that verifies without us.
"""
