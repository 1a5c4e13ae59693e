"""The verbs: poll, assess, record, look, index, alert, retain. See `docs/explanation/flow.md`."""
