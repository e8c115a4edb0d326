"""The door to Asterisk: AMI connection, typed events and actions, rendered configuration."""
