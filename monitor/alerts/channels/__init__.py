"""One file per channel; `discovery` finds them."""
