"""The process runner behind bin/up: starts everything in order, keeps it running, and stops it in reverse.

Why our own and not one of the known ones: docs/decisions/own-runner.md. Standard library only.
"""
