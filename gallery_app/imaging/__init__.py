"""Reading, decoding and rendering pictures: bytes in, values out.

Never: paths of its own choosing, network, rows. Start at `process.py`.
"""
