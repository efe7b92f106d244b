"""A visitor without JavaScript: reads pages, fills in their forms and presses their buttons, as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


@dataclass
class Form:
    """One form of a page: where it goes and what it would send; `buttons` maps a button's words to its pair."""

    action: str
    method: str
    values: MultiDict[str, str] = field(default_factory=MultiDict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text_of = ""
        self._select = ""
        self._button: tuple[str, str] | None = None
        self._words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._open)
        if self._open is None:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._open.values.add(name, value or ("y" if given.get("type") == "checkbox" else ""))
        elif tag == "textarea":
            self._text_of, self._words = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.values):
            self._open.values.setlist(self._select, [value])
        elif tag == "button":
            self._button, self._words = (name, value), ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif self._open is not None and tag == "textarea":
            # HTML drops one line end straight after the tag.
            self._open.values.setlist(self._text_of, [self._words.removeprefix("\r\n").removeprefix("\n")])
        elif self._open is not None and tag == "button" and self._button is not None:
            self._open.buttons[self._words.strip()] = self._button
            self._button = None


class Visitor:
    """Keeps the page last seen."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.address = "/"
        self.page: TestResponse

    def open(self, address: str, status: int = 200, **headers: str) -> str:
        """Return the text of a page, which must answer with `status`."""
        self.page = self.client.get(address, headers=headers)
        assert self.page.status_code == status, (address, self.page.status_code, self.page.text[:2000])
        self.address = address
        return self.page.text

    def press(self, button: str, status: int = 303, **typed: object) -> str:
        """Fill `typed` into the form that has the button, press it, and return where it leads or the page itself.

        A value of None leaves the field out, a list sends it several times.
        """
        form = next(form for form in FormReader(self.page.text).forms if button in form.buttons)
        for name, value in typed.items():
            values = [] if value is None else value if isinstance(value, list) else [value]
            form.values.setlist(name, [str(each) for each in values])
        name, value = form.buttons[button]
        if name:
            form.values.add(name, value)
        self.page = self.client.post(urljoin(self.address, form.action), data=form.values)
        assert self.page.status_code == status, (self.page.status_code, self.page.text[:3000])
        return self.page.location if 300 <= status < 400 else self.page.text

    def follow(self, button: str, status: int = 303, **typed: object) -> str:
        """Press a button and return the page that it leads to."""
        return self.open(self.press(button, status, **typed))

    def post(self, address: str, **values: object) -> int:
        """Post values with the token of the page last seen, opened when there is none; return the status."""
        if not hasattr(self, "page") or "csrf_token" not in self.page.text:
            self.open("/account")
        token = self.page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.client.post(address, data={**values, "csrf_token": token}).status_code

    def post_rows(self, rows: str, status: int = 200) -> str:
        """Press the button of that value in the form of repeated rows, and return the page."""
        form = next(form for form in FormReader(self.page.text).forms if "再加一方" in form.buttons)
        form.values.setlist("rows", [rows])
        self.page = self.client.post(urljoin(self.address, form.action), data=form.values)
        assert self.page.status_code == status, (self.page.status_code, self.page.text[:3000])
        return self.page.text
