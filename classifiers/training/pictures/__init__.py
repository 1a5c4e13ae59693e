"""Listing pictures of invented people, and the small classifier that learns from them.

`classifiers.training.pictures.render` writes pictures with their truth, ``train`` makes the
classifier from them, ``evaluate`` measures it. Nobody in them exists, and no card in them
could serve as a forgery (`classifiers.training.pictures.people`, ``cards``): small, of absurd
persons, with impossible numbers and a mark across it; a test holds every renderer to that.
"""
