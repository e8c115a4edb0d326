"""HTTP and WebSocket for consoles, phones' pages and other systems."""
