"""What Alembic runs for every command; the connection comes from `callcenter.store.migrate`."""

from alembic import context

import callcenter.store.boundaries
import callcenter.store.gazetteer
import callcenter.store.late_work
import callcenter.store.line_addresses
import callcenter.store.responses
import callcenter.store.rosters
import callcenter.store.tuning  # noqa: F401 - its table does too
from callcenter.store.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    # Offline: print the SQL for a dialect instead of running it.
    context.configure(
        dialect_name=context.config.get_main_option("dialect"),
        target_metadata=metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    # The caller owns the transaction: all steps become visible at once or not at all.
    context.run_migrations()
