"""A sample marketplace with invented goods and a sample receiver of alerts, both on loopback.

Nothing here is reachable from another machine, and nothing in the product depends on it.
"""
