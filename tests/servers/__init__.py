"""Real servers on loopback that tests start and script."""
