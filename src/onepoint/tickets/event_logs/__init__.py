"""Event logs: what happened to cases, as files.

``reading`` streams IEEE 1849 (XES) logs of any origin; ``drawing`` makes a process out of a log's activities; ``replaying``
lets people work a log's cases through the services at the recorded moments; ``recording`` reads the other way what the
journal holds of tickets, and ``xes`` and ``ocel`` write it as XES or as OCEL 2.0 JSON.
"""
