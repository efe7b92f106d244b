"""Running the `matcher` command within a test."""

from click.testing import CliRunner, Result

from web.cli import main


def invoke(*arguments: object) -> Result:
    """Return what the command printed and how it exited; an error that is no exit is raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
