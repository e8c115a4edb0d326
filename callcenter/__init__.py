"""The service that composes distribution, speech and recordings around one Asterisk."""
