"""A Milvus, a cluster or an embedded one: the connection, and the collections that are made and dropped there."""

import logging
import threading
import time
from typing import Any

from index.errors import IndexUnavailableError
from index.milvus_address import MilvusAddress
from index.milvus_index import MilvusIndex

_SECONDS = 10.0
_LOADING_SECONDS = 600.0
# Whoever asks meanwhile is refused at once, so that no thread waits for a server that was just found silent.
_REST_SECONDS = 3.0
_MISSING, _NOT_LOADED = 100, 101
# A server that was away is asked again after a second, not after the two minutes that gRPC comes to.
_RECONNECTING = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.min_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 1_000,
}


class MilvusPlace:
    """Connects when first asked, never before: a connection does not survive a fork. Safe to share between threads."""

    def __init__(self, address: MilvusAddress) -> None:
        self.address = address
        self.lost: set[str] = set()
        self._client: Any = None
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._trouble = ""

    def create(self, name: str, model_id: str, dim: int, is_exact: bool) -> MilvusIndex:
        """Return an empty collection, loaded. Raises: IndexUnavailableError."""
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False, description=model_id)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        index = MilvusClient.prepare_index_params()
        # M and efConstruction are Milvus's recommendation for recall before speed.
        shape: dict[str, Any] = (
            {"index_type": "FLAT", "params": {}}
            if is_exact
            else {"index_type": "HNSW", "params": {"M": 30, "efConstruction": 360}}
        )
        index.add_index("vector", metric_type="IP", **shape)
        self.call("create_collection", name, schema=schema, index_params=index, consistency_level="Strong", seconds=60)
        return MilvusIndex(self, name, model_id, dim, is_exact, not self.is_lite())

    def open(self, name: str, model_id: str, dim: int) -> MilvusIndex | None:
        """Return the collection, loaded, or None when it is not there. Raises: IndexUnavailableError."""
        if not self.call("has_collection", name):
            return None
        self.load(name)
        kind = self.call("describe_index", name, "vector")["index_type"]
        return MilvusIndex(self, name, model_id, dim, kind == "FLAT", not self.is_lite())

    def load(self, name: str) -> None:
        """See that a collection can be searched, as it is not after an embedded Milvus was started anew."""
        self.call("load_collection", name, seconds=_LOADING_SECONDS)

    def drop(self, name: str) -> None:
        """Forget a collection; one that is not there is passed over. Raises: IndexUnavailableError."""
        if self.call("has_collection", name):
            self.call("drop_collection", name)

    def is_lite(self) -> bool:
        """True for Milvus Lite, embedded or as a server: it knows less than a cluster."""
        return "lite" in str(self.call("get_server_version")).lower()

    def call(self, method: str, *given: Any, seconds: float = _SECONDS, **named: Any) -> Any:
        """Return what a method of pymilvus's client returns. Raises: IndexUnavailableError."""
        client = self._connected()
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        try:
            try:
                return getattr(client, method)(*given, timeout=seconds, **named)
            except MilvusException as error:
                if error.code != _NOT_LOADED or method == "load_collection":
                    raise
            self.load(given[0])
            return getattr(client, method)(*given, timeout=seconds, **named)
        except MilvusException as error:
            if error.code == _MISSING and given:
                self.lost.add(given[0])
            raise self._unavailable(str(error.message)) from error
        except RpcError as error:
            raise self._unavailable(f"no answer to {method} within {seconds:g} s") from error

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                if time.monotonic() < self._silent_until:
                    raise self._unavailable(self._trouble)
                self._client = self._connect()
            return self._client

    def _connect(self) -> Any:
        try:
            # Takes a second and 150 MB: only whoever has chosen Milvus pays for it.
            from grpc import RpcError
            from pymilvus import MilvusClient
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise self._unavailable(f"{error.name} is missing: pip install 'tech-matcher[milvus]'") from error
        # Its own log repeats each error with a traceback.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        try:
            return MilvusClient(self.address.uri, timeout=_SECONDS, grpc_options=_RECONNECTING, **self.address.options)
        except (MilvusException, RpcError, OSError) as error:
            self._silent_until = time.monotonic() + _REST_SECONDS
            self._trouble = str(getattr(error, "message", "") or error)
            if self.address.is_embedded:
                self._trouble += "; only one process at a time can open a folder of Milvus Lite"
            raise self._unavailable(self._trouble) from error

    def _unavailable(self, detail: str) -> Exception:
        return IndexUnavailableError(f"{self.address.shown}: {detail}")
