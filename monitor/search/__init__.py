"""The index of hits: a view of the store that can be rebuilt at any time."""
