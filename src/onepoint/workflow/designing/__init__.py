"""What the process designer knows about a drawing: what is wrong with it, how it runs on trial, how two differ.

Reads only; the writes are in ``services/drafts.py``.
"""
