"""The customer record shared by all channels: who the customer is, what they own, whom to ask for, how to reach them.

Owns customers, their numbers and accounts, their products and machines (assets), contact persons and customer levels.
A customer is found by any of these through one indexed array of search keys, which the services keep.
Announces ``customer_created`` and ``customer_changed``.
"""
