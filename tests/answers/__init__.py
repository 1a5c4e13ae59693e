"""Generators of invented market answers in the shapes that sources read."""
