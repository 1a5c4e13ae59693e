"""Telling platforms: payload, signature, schedule, channels. Knows no store and no pipeline."""
