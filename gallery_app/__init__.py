"""Gallery: a self-hosted picture gallery with a local-first store."""

__version__ = "0.1.0"
