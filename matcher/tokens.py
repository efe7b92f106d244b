"""Random tokens that only their holder knows, and the hashes under which the store knows them. Pure but for chance."""

import hashlib
import secrets


def new_token() -> str:
    """Return a token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_public_id() -> str:
    """Return an id of 72 bits for addresses: no secret, but nothing that can be counted up either."""
    return secrets.token_urlsafe(9)


def token_hash(token: str) -> str:
    """Return what the store keeps of a token. Tokens are random, so one plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
