"""The embedded servers: a real PostgreSQL and a real Valkey out of PyPI packages, started by our own code.

Only the standard library is used here, so that the process which watches over everything stays small.
"""
