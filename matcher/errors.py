"""What can go wrong in the domain. Messages are Chinese: they carry the value and the way out to a page."""


class MatcherError(Exception):
    """Base of all errors of the domain."""


class NotFoundError(MatcherError):
    """The record asked for does not exist."""


class InvalidInputError(MatcherError):
    """Input breaks a rule; `problems` maps each field to its message."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("；".join(problems.values()))
        self.problems = problems


class IllegalTransitionError(MatcherError):
    """The state asked for may not follow the present one."""


class InUseError(MatcherError):
    """The record cannot be deleted because another one refers to it."""


class StaleEditError(MatcherError):
    """Somebody else changed the record after this edit was begun."""


class ModelMismatchError(MatcherError):
    """The stored vectors come from another model than the one configured."""


class ModelUnavailableError(MatcherError):
    """The configured model cannot be built or loaded."""


class VectorsUnavailableError(MatcherError):
    """The vectors lie outside and cannot be reached. Not everybody may read the message: it names the `place`."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


class WorkStoppedError(MatcherError):
    """A background job was stopped, or is in the hands of another worker."""


class ModelLoadingError(MatcherError):
    """The model is still being loaded; what was asked for works in a moment."""


class SignInError(MatcherError):
    """Login and password do not belong together, or the account is locked."""


class ThrottledError(MatcherError):
    """Too many attempts in a short time."""


class LinkError(MatcherError):
    """A one-time link was used before, has expired, or never was one."""


class RankerError(MatcherError):
    """A ranker cannot be read, trained or installed."""


class ImportFileError(MatcherError):
    """A file to import cannot be read as rows at all."""


class StoreError(MatcherError):
    """The database file cannot be opened or is not ours."""
