"""Text for spreadsheets: a cell that would be taken for a formula is made plain text."""

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(value: object) -> str:
    """Return the value as text that no spreadsheet computes: an apostrophe goes before what looks like a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) else text
