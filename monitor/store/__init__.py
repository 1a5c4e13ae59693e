"""The system of record: tables, migrations, claims and queries by noun.

Only this package knows SQL. Callers open a transaction on a `Database` and hand
it to the functions of `keywords`, `watches`, `record`, `hits`, `alerts` ...
"""
