"""Wiring only: settings, URL roots, web and worker entry points, command line."""
