"""What people do: keywords, sources, watches, triage, endpoints, statistics.

The command line, the API and the console call these and nothing below.
"""
