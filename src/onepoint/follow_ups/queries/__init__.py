"""Reads of return visits, named by what they return. Everything a person is shown goes through ``visible_to``."""
