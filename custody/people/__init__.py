"""Who somebody is, and what they sign.

- `passwords`: argon2id, with a bound on how many are checked at once.
- `sign_in`: login and password, or badge and password, to a person.
- `tries`: how often a wrong password may be tried, by account and device.
- `telling`: an answer that is shown once, within a few minutes.
- `signature`: a password re-entered becomes a signature with name, meaning and time.
"""
