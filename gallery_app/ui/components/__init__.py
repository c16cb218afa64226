"""Custom browser components, one folder each."""
