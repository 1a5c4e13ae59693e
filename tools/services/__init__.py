"""Real Redis, PostgreSQL and Elasticsearch on free loopback ports, for tests and for trying out.

`python -m tools.services install` finds or installs them, `python -m tools.services up`
runs them until Ctrl-C and prints the settings that point to them. Tests use the
fixtures of `tests/servers/fixtures.py`.
"""
