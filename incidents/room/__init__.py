"""The war room's websocket, /ws/incidents/<reference>/. It only speaks: people act by POST."""

from incidents.room.door import websocket

__all__ = ["websocket"]
