"""Alembic migrations, run by `callcenter.store.migrate` when a database is opened."""
