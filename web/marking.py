"""Terms marked in texts that people wrote: every piece is escaped, only our own tags are not."""

from collections.abc import Collection, Sequence

from markupsafe import Markup, escape

from matcher.answers import SharedTerm, Span
from matcher.explain import mark

_HUES = 12


def marked_spans(text: str, spans: Sequence[Span], shared: Sequence[SharedTerm] = ()) -> Markup:
    """Return `text` as HTML with each span in the hue of its term; `shared` gives each mark its term as title."""
    pieces, place = [], 0
    for span in spans:
        pieces.append(escape(text[place : span.start]))
        title = f"共同词：{shared[span.term].text}" if shared else ""
        pieces.append(term_mark(text[span.start : span.end], span.term, title))
        place = span.end
    pieces.append(escape(text[place:]))
    return Markup("").join(pieces)


def marked_shared(text: str, shared: Sequence[SharedTerm]) -> Markup:
    """Return `text` as HTML with the shared terms of a match marked, each in the hue of its place."""
    return marked_spans(text, mark(text, shared), shared)


def marked_terms(text: str, terms: Collection[str]) -> Markup:
    """Return `text` as HTML with the given terms marked, all alike."""
    spans = mark(text, [SharedTerm(text=term, weight=1.0) for term in terms])
    return marked_spans(text, [Span(span.start, span.end, 0) for span in spans])


def term_mark(text: str, term: int, title: str = "") -> Markup:
    """Return one marked piece of text; `term` picks the hue."""
    # A page has some hundred marks, and `format` takes half as long again.
    tip = Markup(' title="%s"') % title if title else ""
    return Markup('<mark class="term term-%d"%s>%s</mark>') % (term % _HUES, tip, text)
