"""What the browser's tests stand on."""

from . import harness


def test_what_the_page_of_an_earlier_test_still_sends_is_none_of_this_ones(app, here):
    earlier = here["extra_http_headers"]
    with app.test_request_context(headers=earlier):
        assert harness.seen() is app.seen
        harness.begin(app)
        assert harness.seen() is not app.seen
