"""The product: polls marketplaces, records what it finds, and tells moderators.

Read `docs/explanation/flow.md` first: it is the map of this package.
"""

__version__ = "0.1.0"
