"""How the shipped weights were made, repeatable from data outside the repository."""
