"""Urging: who is told that work waits, when, how often, and what happens when it still waits.

``drawn`` reads what a drawing says about a step, ``rules`` what the house says where the drawing is silent, ``plans`` makes
due moments of it, ``recipients`` finds people when a moment has come. The writes stand in ``services.urging``.
"""
