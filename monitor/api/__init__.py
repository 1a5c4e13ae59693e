"""What programs ask over HTTP: JSON and CSV under ``/api/v1``, with a token."""
