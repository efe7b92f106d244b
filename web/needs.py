"""Pages of needs."""

from web.postings import posting_blueprint

bp = posting_blueprint("need")
