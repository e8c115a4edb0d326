"""What can go wrong with the store.

::

    StoreError
    ├── StoreUnavailable      the database is locked, full, unreachable or gone: try again later
    ├── DatabaseUnusable      the file or server is there, but not a database of ours
    │   └── DatabaseTooNew    a later version of the service wrote it
    ├── UnknownPerson         no such user
    ├── PersonExists          the user name is taken
    └── PersonRefused         a name, role or password that a user may not have

`StoreUnavailable` is the peer's fault and passes; the others need a person.
"""


class StoreError(Exception):
    """Anything that the store refuses or cannot do."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or written now."""


class DatabaseUnusable(StoreError):
    """What the URL names is not a database that this service can work with."""


class DatabaseTooNew(DatabaseUnusable):
    """The database has a schema that this version does not know."""


class UnknownPerson(StoreError):
    """No user of that name."""


class PersonExists(StoreError):
    """A user of that name is there already."""


class PersonRefused(StoreError):
    """The name, role or password does not fulfil the rules; the message says which."""
