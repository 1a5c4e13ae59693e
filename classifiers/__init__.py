"""What a listing means: a pure library.

No network, no database, no settings, nothing of ``monitor`` or ``workers``.
Start at ``classifiers.contract`` (what goes in and comes out) and
``classifiers.assess`` (how it is decided).
"""
