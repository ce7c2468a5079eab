"""The parts of the HTTP door (alerts/intake.py): known keys, bodies, the batched inbox, and its line to PostgreSQL.

They run in the event loop of the web process and use no Django but its settings, since Django's own handler costs
thirty times as much (docs/decisions/hot-paths-beside-django.md).
"""
