"""Tests of custody.ledger."""
