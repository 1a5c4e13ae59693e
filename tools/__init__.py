"""Tools for the people who build the monitor; nothing of it runs in production."""
