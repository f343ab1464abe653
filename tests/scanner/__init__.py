"""Whatever comes out of a scanner, or is typed as if it did, into every entry that takes a scan."""
