"""Where analysts look: server-rendered pages, usable without scripts, loopback only."""
