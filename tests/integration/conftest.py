"""Integration tests: our code with a real database, a real mail server, real files.

Write one when the promise is kept by something outside our code: a lock, a unique key, a transaction.
Ask for `database_url`, and the test runs on SQLite and on PostgreSQL.
"""
