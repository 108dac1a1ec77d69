"""The databases given to tests are migrated, empty and each test's own."""

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url


@pytest.mark.parametrize("_turn", ["first", "second"])
def test_each_test_has_a_database_of_its_own(database_url, _turn):
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            assert "alembic_version" in inspect(connection).get_table_names()
            assert "left_behind" not in inspect(connection).get_table_names()
            connection.execute(text("CREATE TABLE left_behind (turn TEXT)"))
    finally:
        engine.dispose()


def test_the_databases_are_the_two_that_the_system_supports(database_url, request):
    backend = make_url(database_url).get_backend_name()

    assert request.node.callspec.id == {"sqlite": "sqlite", "postgresql": "postgres"}[backend]
