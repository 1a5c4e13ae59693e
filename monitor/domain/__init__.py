"""The nouns. Plain values: no database, no network, no settings."""
