"""Automatic call distribution: which waiting call goes to which seat, and when.

Pure: events and the time go in, commands come out. No I/O, no asyncio, no clock of its own.
"""
