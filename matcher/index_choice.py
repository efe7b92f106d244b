"""Where vectors lie, as the setting says: in the memory of each process, or in a Milvus that all share."""

from typing import Any

from index.errors import IndexAddressError, IndexUnavailableError
from index.milvus_address import MilvusAddress, names_milvus, read_address
from index.milvus_place import MilvusPlace
from matcher.errors import MatcherError, VectorsUnavailableError
from matcher.live_index import LiveIndex
from matcher.models import Kind
from matcher.settings import Settings
from matcher.shared_index import SharedIndex
from matcher.store import Store

FAISS = "faiss"


class _Place(MilvusPlace):
    """Says in the words of the domain what is wrong and what to do."""

    def call(self, method: str, *given: Any, **named: Any) -> Any:
        """Return what a method of pymilvus's client returns. Raises: VectorsUnavailableError."""
        try:
            return super().call(method, *given, **named)
        except IndexUnavailableError as error:
            raise VectorsUnavailableError(
                f"现在无法使用 MATCHER_INDEX 所设的向量库“{self.address.shown}”。"
                "已保存的内容没有丢失，恢复后会自动补入。"
                f"请检查 Milvus 是否在运行、地址和账号是否正确，或把 MATCHER_INDEX 改回 {FAISS}。详情：{error}",
                self.address.shown,
            ) from error


class IndexChoice:
    """Opens the indexes of one process at the place that the settings name; it is reached when first needed."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Raises: MatcherError when the setting cannot be read."""
        self._store = store
        self._settings = settings
        address = _address(settings.index)
        self._place = None if address is None else _Place(address)

    @property
    def shown(self) -> str:
        """The place, without its password."""
        return FAISS if self._place is None else self._place.address.shown

    def open(self, kind: Kind, model_id: str, dim: int) -> LiveIndex | SharedIndex:
        """Return the index of one kind and model, empty until it is told to `sync`."""
        settings = self._settings

        def in_memory() -> LiveIndex:
            return LiveIndex(
                self._store,
                kind,
                model_id,
                dim,
                settings.snapshots_dir,
                settings.snapshot_min,
                settings.exact_limit,
            )

        return in_memory() if self._place is None else SharedIndex(self._store, kind, self._place, settings, in_memory)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._place is not None:
            self._place.close()


def _address(setting: str) -> MilvusAddress | None:
    """Return where Milvus is; None for FAISS. Raises: MatcherError."""
    if setting in ("", FAISS):
        return None
    try:
        if not names_milvus(setting):
            raise IndexAddressError("the scheme is none of faiss, milvus://, milvus+tls://")
        return read_address(setting)
    except IndexAddressError as error:
        # What stands before an @ may be a password.
        shown = setting.rpartition("@")[2]
        raise MatcherError(
            f"环境变量 MATCHER_INDEX 的值“{shown}”不对（{error}）。"
            f"请改为 {FAISS}，或如 milvus://主机:19530、milvus://用户:密码@主机:19530/库名 的地址，见 docs/milvus.md"
        ) from error
