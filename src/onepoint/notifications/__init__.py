"""Notifications: tell a user something, by whatever way that person wants to be told.

Owns the events one can be told about (``registry``), the notification of one person, its wording per event, way and
language, what each person prefers, the rules of the house, and the webhooks other systems subscribe to. An *event* is
what happened ("a step reminded"), a *way* is how somebody hears of it (in the application, e-mail, SMS). Higher
capabilities register their events and call ``services.notify``. Messages themselves are sent by ``channels``.
"""
