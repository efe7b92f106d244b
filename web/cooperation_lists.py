"""What the address of the list of cooperations asks for."""

from dataclasses import asdict, dataclass

from matcher.controlled_lists import cooperation_modes, regions
from matcher.cooperation import DIRECTIONS, KINDS, CooperationFilters
from matcher.workflow import COOPERATION_STATES
from web.filters import PAGE_SIZES, Chip
from web.forms import region_path
from web.list_addresses import Arguments, one_of, page_of, size_of, written

SORTS = {
    "newest": "最近记录",
    "signed": "最近签订",
    "filed": "最近备案",
    "amount": "金额从高到低",
    "ends": "最早到期",
}
_LONGEST_QUERY = 200
_CHIPS = {
    "kind": "备案类别",
    "contract_type": "合同类型",
    "direction": "流向",
    "region": "地区",
    "year": "签订年份",
    "party": "单位",
    "q": "查找",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list's filters, text, order and page; empty means any."""

    state: str = ""
    kind: str = ""
    contract_type: str = ""
    direction: str = ""
    region: str = ""
    year: int | None = None
    party: str = ""
    q: str = ""
    sort: str = "newest"
    page: int = 1
    size: int = PAGE_SIZES[0]

    def filters(self, party_id: int | None) -> CooperationFilters:
        """Return what the store is asked for, with `party_id` only of that organisation."""
        values = asdict(self)
        names = ("state", "kind", "contract_type", "direction", "region", "year", "party")
        return CooperationFilters(**{name: values[name] for name in names}, text=self.q, party_id=party_id)


def read(args: Arguments, size: int) -> Asked:
    """Return what the query string asks for; values that make no sense count as not given."""
    year = args.get("year", type=int)
    region = _text(args, "region")
    codes = regions().codes_named(region)
    return Asked(
        state=one_of(args, "state", COOPERATION_STATES),
        kind=one_of(args, "kind", KINDS),
        contract_type=one_of(args, "contract_type", cooperation_modes()),
        direction=one_of(args, "direction", DIRECTIONS),
        region=codes[0] if codes else region,
        year=year if year is not None and 1 <= year <= 9999 else None,
        party=_text(args, "party"),
        q=_text(args, "q"),
        sort=one_of(args, "sort", SORTS, "newest"),
        page=page_of(args),
        size=size_of(args, size),
    )


def chips(asked: Asked) -> list[Chip]:
    """Return the chosen filters but the state, each with the address that drops it."""
    shown = asdict(asked) | {
        "kind": KINDS.get(asked.kind, ""),
        "contract_type": cooperation_modes().name(asked.contract_type),
        "direction": DIRECTIONS.get(asked.direction, ""),
        "region": region_path(asked.region),
        "year": f"{asked.year} 年" if asked.year else "",
    }
    defaults = asdict(Asked())
    return [
        Chip(name=words, value=shown[name], without=written(asked, page=1, **{name: defaults[name]}))
        for name, words in _CHIPS.items()
        if shown[name]
    ]


def _text(args: Arguments, name: str) -> str:
    return args.get(name, "").strip()[:_LONGEST_QUERY]
