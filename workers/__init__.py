"""The pipeline's verbs as Celery tasks, for many machines.

`docs/decisions/0003-embedded-first.md` says why one machine needs none of it.
"""
