"""The address of the database the tests use, for processes of their own."""

from urllib.parse import quote, urlencode

from django.db import connection


def database_url() -> str:
    """As ``ONEPOINT_DATABASE_URL`` takes it; the host may be the folder of a socket."""
    place = connection.settings_dict
    where = {"host": place["HOST"], "port": place["PORT"], "password": place["PASSWORD"]}
    query = urlencode({name: value for name, value in where.items() if value})
    return f"postgresql://{quote(place['USER'])}@/{quote(place['NAME'])}?{query}"
