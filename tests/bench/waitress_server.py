"""The server that `matcher serve` was before: waitress, one process, four threads. A baseline for `pages`."""

import threading

from waitress.server import create_server

from matcher.service import Service
from matcher.settings import read_settings
from web import create_app


def main() -> None:
    """Serve until the process ends."""
    settings = read_settings()
    service = Service(settings)
    server = create_server(create_app(settings, service), host=settings.host, port=settings.port, threads=4)
    threading.Thread(target=service.warm, daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()
