"""Reads of time: calendars, clocks, due moments."""
