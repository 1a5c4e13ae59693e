"""`python -m tools.reference`: write all generated reference pages anew."""

from __future__ import annotations

from tools import cli_reference, settings_reference

if __name__ == "__main__":
    settings_reference.write()
    cli_reference.write()
