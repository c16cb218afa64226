"""Stand-ins for the services a gallery connects to: they speak their protocols, strictly.

Used by the tests and by the demo mode; each runs on 127.0.0.1 and keeps its data in memory.
Never: any other room of the house, so that a fake cannot agree with a connector by sharing its
mistakes. Start at `server.py`.
"""
