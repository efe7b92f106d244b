"""Pages of achievements."""

from web.postings import posting_blueprint

bp = posting_blueprint("achievement")
