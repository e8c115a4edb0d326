"""SQL: tables, migrations, repositories and the append-only journal."""
