"""`monitor ...`: one file per noun; everything it does is a call of `monitor.services`."""
