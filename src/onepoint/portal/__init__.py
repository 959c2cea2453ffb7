"""Portal: the pages on which customers file requests and follow them, without an account of the house.

Customers are not users: somebody proves with a one-time code that a mobile number or e-mail address is his (:class:`OneTimeCode`)
and has a :class:`PortalSession` from then on. A *filing* (:class:`Filing`) is a request as it was written, kept until the code
is entered; then it becomes contact and ticket through the intake of ``tickets``, like any other. What a session may see is
decided in ``queries.own_tickets`` and nowhere else. How a process reads for customers stands in :class:`PublicWording`.

Announces nothing: what customers do here is announced by the capabilities whose services do it.
"""
