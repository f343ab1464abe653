"""The planes are the database's own: whatever page a blinded person is on, its connection reads no sealed table.

Each route is called as each role, and where its own code would run, every sealed table is tried on its connection.
"""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from custody.chain.roles import sees_arm
from custody.store.database import SEALED_TABLES, refused
from custody.store.plane import run
from custody.web.who import PUBLIC, connection
from tests.web.house import CAST
from tests.web.test_who import routes

BLINDED = [login for login, (role, _site) in CAST.items() if not sees_arm(role)]
UNBLINDED = [login for login, (role, _site) in CAST.items() if sees_arm(role)]


@pytest.fixture
def tried(either):
    """Let every route try to read the sealed tables instead; give what came of it, by (login, endpoint)."""
    found: dict[tuple[str, str], set[str]] = {}

    def trying(endpoint):
        def view(**_arguments):
            for table in SEALED_TABLES:
                try:
                    run(connection(), f"SELECT * FROM {table}").all()
                except DBAPIError as wrong:
                    found.setdefault((current[0], endpoint), set()).add("refused" if refused(wrong) else str(wrong))
                    connection().rollback()
                else:
                    found.setdefault((current[0], endpoint), set()).add("read")
            return ""

        return view

    current = [""]
    browsers = {login: either.browser(login) for login in CAST}
    guarded = [one for one in routes(either) if one[0] not in PUBLIC]
    either.app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, _method, _path in guarded:
        either.app.view_functions[endpoint] = trying(endpoint)
    for login, browser in browsers.items():
        current[0] = login
        for _endpoint, method, path in guarded:
            browser.client.open(path, method=method)
    return found


def test_no_route_of_a_blinded_person_can_read_a_sealed_table(tried):
    assert len(tried) > 15 * len(CAST)
    assert outcomes(tried, BLINDED) == {"refused"}
    assert outcomes(tried, UNBLINDED) == {"read"}


def outcomes(tried, logins):
    return {outcome for (login, _endpoint), came in tried.items() if login in logins for outcome in came}
