"""One file per marketplace: builds requests, parses answers, opens no socket."""
