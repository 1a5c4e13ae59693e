"""What the pictures of a listing show, and what may be kept of them.

A pure library like the rest of `classifiers`: bytes in, findings out; nothing is fetched
or stored. No face is ever recognised, compared or embedded: faces are counted, measured
and destroyed. Start at ``classifiers.images.decode`` (bytes to pixels, or why not),
``classifiers.images.reading`` (all signals) and ``classifiers.images.redact`` (what may
be kept).
"""
