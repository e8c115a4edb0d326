"""The service: its parts, its life, and what it does when settings change."""
