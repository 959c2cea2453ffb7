"""Integrations: other systems that speak with the house.

Owns the mounting of the REST API (``/api/v1/``, the operations stand in the capabilities' ``api.py``), the API keys and
the memory of requests that must not happen twice. A key acts as a person: it sees and may do what that person may,
narrowed to the scopes written on it.
"""
