"""Django's PostgreSQL backend, with patience (core/patience.py) where a connection is taken out of the pool."""
