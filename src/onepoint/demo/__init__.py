"""What a new house starts with, and the demo: a province's operator and a machine-tool group with people and tickets.

``starter`` lays down what every installation needs (roles, severity standard, category tree, special-item forms,
delivered processes, a first administrator). The rest makes the demo organisation and lets its people work through the
services at past moments, so that its history is believable because it happened.
"""
