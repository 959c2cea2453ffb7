"""Delegated authority (前台授权): what a role may grant on the spot, who approves what is above it, and the central audit queue.

An ``Authority`` says how much of a kind (refund, compensation, free repair …) a role may grant; a ``Grant`` is one promise of
money or service to a customer. What is within the authority of the person holds at once, what is above it waits for somebody
whose authority covers it. Each grant that holds enters the audit queue (an ``AuditItem``), by rule, and is paid once.

Announces ``grant_given``, ``grant_decided``, ``grant_settled``, ``grant_cancelled``.
"""
