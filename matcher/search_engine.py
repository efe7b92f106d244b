"""The model, the vectors and the live indexes of one process, and that they all belong together."""

import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.bundled_model import build_bundled_model
from index.centre import Matrix, centred
from index.encoder import BUNDLED, Encoder, Side, load_encoder
from index.errors import ModelError
from index.words import WordIndex
from matcher import centring
from matcher.documents import body_terms, dense_text, text_hash, title_terms
from matcher.errors import ModelLoadingError, ModelMismatchError, ModelUnavailableError
from matcher.index_choice import IndexChoice
from matcher.live_index import LiveIndex
from matcher.live_words import LiveWords
from matcher.models import KINDS, Kind, Record
from matcher.settings import Settings
from matcher.shared_index import SharedIndex
from matcher.store import Database, Store, embeddings, postings, revisions, search_state, search_terms, vector_sums

# Seconds that whoever asks waits for a model that another thread is loading; -1: as long as it takes.
patience: ContextVar[float] = ContextVar("patience", default=-1)

# A vector takes 1.5 kB.
_MOST_QUERIES = 2_000
SIDES: dict[Kind, Side] = {"need": "query", "achievement": "passage"}


@dataclass(frozen=True, slots=True)
class PreparedText:
    """What search keeps of a record, computed before the transaction that stores it."""

    title_terms: list[str]
    body_terms: list[str]
    text_hash: str
    vector: Matrix | None


def load_configured_encoder(settings: Settings, progress: Callable[[float], None] | None = None) -> Encoder:
    """Return the model that the settings name. Raises: ModelUnavailableError."""
    try:
        return load_encoder(settings.model, settings.models_dir, progress, settings.engine, settings.engine_threads)
    except ModelError as error:
        raise _unavailable(settings, error) from error


def prepare_model(settings: Settings, progress: Callable[[float], None] | None = None) -> None:
    """See that the configured model can be loaded; the bundled one is built when missing, told to `progress` as 0-1.

    Raises: ModelUnavailableError.
    """
    if settings.model != BUNDLED:
        load_configured_encoder(settings)
        return
    try:
        build_bundled_model(settings.models_dir, progress)
    except ModelError as error:
        raise _unavailable(settings, error) from error


def _unavailable(settings: Settings, error: ModelError) -> ModelUnavailableError:
    remedy = "请检查 MATCHER_MODEL 的写法，以及 MATCHER_HOME 所在磁盘的空间与权限"
    return ModelUnavailableError(f"无法准备模型“{settings.model}”。{remedy}。详情：{error}")


class SearchEngine:
    """Encodes records, keeps what search needs of them in the store, and follows the store."""

    def __init__(self, store: Store, settings: Settings, encoder: Encoder | None = None) -> None:
        self._store = store
        self._settings = settings
        self._encoder = encoder
        # Two locks: pages whose vectors are stored must not wait while the model loads.
        self._model_lock = threading.Lock()
        self._live_lock = threading.Lock()
        self._live: dict[Kind, LiveIndex | SharedIndex] = {}
        # The pages of one search, its filters and its sorts ask with the same text.
        self._asked = lru_cache(maxsize=_MOST_QUERIES)(self._encode_query)
        self._choice = IndexChoice(store, settings)
        self._words = {kind: LiveWords(store, kind, settings) for kind in KINDS}

    @property
    def is_loaded(self) -> bool:
        """True when the model is in memory."""
        return self._encoder is not None

    def fits_store(self) -> bool:
        """True when the model is in memory and the stored vectors are its own."""
        stored = search_state.get(self._store.db, "model_id")
        return self._encoder is not None and stored in (None, self._encoder.model_id)

    def encoder(self, progress: Callable[[float], None] | None = None) -> Encoder:
        """Return the model, loaded (and built, told to `progress` as 0-1) at the first call.

        Raises: ModelUnavailableError; ModelLoadingError when another thread takes longer over it than `patience`.
        """
        if self._encoder is not None:
            return self._encoder
        if not self._model_lock.acquire(timeout=patience.get()):
            raise ModelLoadingError("语言模型正在载入，通常只要几秒；首次启动需要先生成模型，约一分钟")
        try:
            if self._encoder is None:
                self._encoder = load_configured_encoder(self._settings, progress)
            return self._encoder
        finally:
            self._model_lock.release()

    def model_id(self) -> str:
        """Return the id of the model in use, from the store when it is known there, so without loading it."""
        if self._encoder is None and search_state.get(self._store.db, "model") == self._settings.model:
            return search_state.get(self._store.db, "model_id") or self.encoder().model_id
        return self.encoder().model_id

    def live(self, kind: Kind) -> LiveIndex | SharedIndex:
        """Return the index of `kind`, in step with the store.

        Raises: ModelMismatchError when the stored vectors come from another model; VectorsUnavailableError.
        """
        index = self._index(kind)
        index.sync()
        return index

    def words(self, kind: Kind) -> WordIndex | None:
        """Return the index of words of `kind`, in step with the store; None while there is none to search yet."""
        return self._words[kind].current()

    def complete(self, progress: Callable[[int, int], None] | None = None) -> dict[Kind, int]:
        """Bring all vectors to the place that the settings name, and words; return how many of each kind lie there.

        Searches use the old place until the new one is complete. Raises: as `live`.
        """
        counts: dict[Kind, int] = {}
        for kind in KINDS:
            index = self._index(kind)
            if isinstance(index, SharedIndex):
                index.complete(progress)
            else:
                index.sync()
                index.wait_for_renewal()
            counts[kind] = len(index.dense)
            self._words[kind].complete()
        return counts

    @property
    def place(self) -> str:
        """Where the vectors lie, without any password."""
        return self._choice.shown

    def close(self) -> None:
        """Stop what goes on beside, and close the connection to where the vectors lie."""
        with self._live_lock:
            for index in self._live.values():
                index.close()
            self._live.clear()
        for words in self._words.values():
            words.close()
        self._choice.close()

    def _index(self, kind: Kind) -> LiveIndex | SharedIndex:
        model_id = self.model_id()
        self._check_model(model_id)
        with self._live_lock:
            if kind not in self._live or self._live[kind].dense.model_id != model_id:
                self._live[kind] = self._choice.open(kind, model_id, self._dim())
            return self._live[kind]

    def query_vector(self, text: str) -> Matrix:
        """Return the centred unit vector (dim,) of a free text that asks."""
        # A command line may hold bytes that are no text; no tokenizer takes the half characters they become.
        whole = text.encode("utf-8", "replace").decode()
        raw = self._asked(whole)
        vector: Matrix = centred(
            raw[None], centring.mean_in_force(self._store.db, "need", self.model_id(), self._dim())
        )[0]
        return vector

    def _encode_query(self, text: str) -> Matrix:
        vector: Matrix = self.encoder().encode([text], "query")[0]
        return vector

    def record_vector(self, record: Record) -> Matrix:
        """Return the centred unit vector (dim,) of a record; zeros when it was deleted since it was read.

        A process that needs no model would load it for a record that nobody will see.
        """
        raw = embeddings.get(self._store.db, record.kind, record.id, self.model_id())
        if raw is None and record.id and postings.get(self._store.db, record.kind, record.id) is None:
            return np.zeros(self._dim(), dtype=np.float32)
        if raw is None:
            raw = self.encoder().encode([dense_text(record)], SIDES[record.kind])[0]
        vector: Matrix = centred(raw[None], self.live(record.kind).mean())[0]
        return vector

    def prepare(self, records: Sequence[Record], progress: Callable[[int], None] | None = None) -> list[PreparedText]:
        """Return what search keeps of records of one kind; only texts whose vector is not stored are encoded.

        Raises: ModelMismatchError when the stored vectors come from another model.
        """
        model_id = self.model_id()
        self._check_model(model_id)
        hashes = [text_hash(record) for record in records]
        stale = [
            number
            for number, record in enumerate(records)
            if not record.id or embeddings.text_hash(self._store.db, record.kind, record.id, model_id) != hashes[number]
        ]
        vectors: dict[int, Matrix] = {}
        if stale:
            texts = [dense_text(records[number]) for number in stale]
            encoded = self.encoder().encode(texts, SIDES[records[0].kind], progress)
            vectors = dict(zip(stale, encoded, strict=True))
        return [
            PreparedText(title_terms(record), body_terms(record), hashes[number], vectors.get(number))
            for number, record in enumerate(records)
        ]

    def keep(self, db: Database, record: Record, prepared: PreparedText) -> None:
        """Write what search keeps of a stored record; part of the transaction that stores it.

        Raises: ModelMismatchError when another process has changed the model since the text was prepared.
        """
        model_id = self.model_id()
        self._check_model(model_id)
        if not self._is_current(db, record, prepared):
            prepared = self.prepare([record])[0]
        if search_state.get(db, "model_id") is None:
            self._note_model(db)
        centring.leave(db, record.kind, record.id, model_id)
        if prepared.vector is not None:
            embeddings.put(db, record.kind, record.id, model_id, prepared.text_hash, prepared.vector)
        if record.status == "published":
            search_terms.put(db, record.kind, record.id, prepared.title_terms, prepared.body_terms)
        else:
            search_terms.remove(db, record.kind, record.id)
        centring.join(db, record.kind, record.id, model_id)
        revisions.add(db, record.kind, record.id, "saved")

    def _is_current(self, db: Database, record: Record, prepared: PreparedText) -> bool:
        """True unless somebody changed the text, or removed its vector, after it was prepared."""
        if text_hash(record) != prepared.text_hash:
            return False
        if prepared.vector is not None:
            return True
        return embeddings.text_hash(db, record.kind, record.id, self.model_id()) == prepared.text_hash

    def forget(self, db: Database, kind: Kind, item_id: int) -> None:
        """Remove what search keeps of a record; part of the transaction that deletes it."""
        centring.leave(db, kind, item_id, self.model_id())
        search_terms.remove(db, kind, item_id)
        embeddings.remove(db, kind, item_id)
        revisions.add(db, kind, item_id, "deleted")

    def recentre(self, db: Database, kind: Kind) -> None:
        """Take the mean of a kind anew where it has drifted; the last step of a transaction that changes records."""
        centring.refresh(db, kind, self.model_id(), self._dim())

    def use_configured_model(self, db: Database, *, are_vectors_new: bool) -> None:
        """Make the configured model the one in use and forget the vectors of all others.

        The means are taken anew, over all vectors, unless it is in use already, made no new ones and nothing is amiss.
        """
        model_id = self.encoder().model_id
        is_in_use = search_state.get(db, "model_id") == model_id and not are_vectors_new
        self._note_model(db)
        if is_in_use and all(centring.is_sum_of_all(db, kind, model_id) for kind in KINDS):
            return
        embeddings.remove_other_models(db, model_id)
        vector_sums.forget_all(db)
        for kind in KINDS:
            self.recentre(db, kind)
            revisions.add(db, kind, 0, "recentred")

    def _note_model(self, db: Database) -> None:
        encoder = self.encoder()
        for key, value in (
            ("model", self._settings.model),
            ("model_id", encoder.model_id),
            ("dim", str(encoder.dim)),
        ):
            search_state.put(db, key, value)

    def _check_model(self, model_id: str) -> None:
        stored = search_state.get(self._store.db, "model_id")
        if stored is not None and stored != model_id:
            raise ModelMismatchError(
                f"库中向量来自模型 {stored}，当前设置的模型是 {model_id}，两者不能混用。"
                "请运行 matcher reindex 重建向量，或把 MATCHER_MODEL 改回原来的模型"
            )

    def _dim(self) -> int:
        stored = search_state.get(self._store.db, "dim")
        if self._encoder is None and stored is not None:
            return int(stored)
        return self.encoder().dim
