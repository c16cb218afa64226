"""Specifications of the modules that run in the browser."""
