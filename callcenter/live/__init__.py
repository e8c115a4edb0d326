"""What consoles and other nodes must see now."""
