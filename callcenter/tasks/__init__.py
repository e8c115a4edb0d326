"""Calls that ended before anybody talked with the caller: tasks until a person closes them."""
