"""The browser: what runs and is drawn there."""
