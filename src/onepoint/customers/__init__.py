"""The customer record shared by all channels: who the customer is, what they own, whom to ask for, how to reach them.

Owns customers, their numbers and accounts, their products and machines (assets), contact persons and customer levels.
A customer is found by any of these through one indexed array of search keys, which the services keep.
Records that may be one customer are found by a job, merged and parted again; warnings stand on the attention list;
households and companies are trees; files are imported row by row.
Announces ``customer_created``, ``customer_changed``, ``customers_merged`` and ``customers_parted``.
"""
