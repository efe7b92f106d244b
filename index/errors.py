"""What can go wrong inside `index`; messages carry the offending value and the remedy."""


class SearchIndexError(Exception):
    """Something in the search index failed."""


class ModelError(SearchIndexError):
    """An embedding model cannot be built or loaded."""


class IndexMismatchError(SearchIndexError):
    """Vectors of another model or dimension were offered to an index."""


class SnapshotError(SearchIndexError):
    """An index snapshot is missing or damaged; the store can rebuild it."""


class IndexAddressError(SearchIndexError):
    """The address of an index cannot be read."""


class IndexUnavailableError(SearchIndexError):
    """The server that keeps the vectors cannot be used now."""
