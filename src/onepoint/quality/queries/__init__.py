"""Reads of inspection, named by what they return. Everything a person is shown goes through ``visible_to``."""
