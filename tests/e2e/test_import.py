"""A user's own tables, from the file to a courier's route."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recourse.adapters.cities import City, import_city
from recourse.adapters.clock import ManualClock
from recourse.adapters.table_columns import COURIERS, ORDERS, SITES, Layout
from recourse.app import Application, build
from recourse.cli import app
from recourse.cli_import import Count, Files, Refused, import_tables
from recourse.model.couriers import CourierState
from recourse.model.orders import OrderStatus
from recourse.settings import Settings
from recourse_sim.town import generate_town
from tests.doors import MORNING, Caller, little_town, open_platform

ROOT = Path(__file__).parents[2]

SITES_CSV = """\
id,kind,name,address,capacity_parcels,opens,closes
station-1,station,East Station,1 Street 0,,,
kitchen,merchant,Noodle House,19 Street 2,,10:00,23:00
"""
COURIERS_CSV = """\
id;name;vehicle;contract;station_id;start_lon;start_lat;shift_start_at;shift_end_at;capacity_g;capacity_ml
ada;Ada Test;ebike;asked;;-123.117;49.263;08:00;17:00;30000;80000
mei;Mei Test;van;assigned;station-1;;;08:00;17:00;500000;2000000
"""
ORDERS_CSV = """\
订单号,商家编号,类型,站点,取货点,收货地址,取货时间,最早送达,最晚送达,重量_g,客户编号,收货人,语言
P-1,书店,parcel,station-1,,"30 Street 3,
二楼",07:00,08:30,12:00,1800,c-1,王芳,zh
P-2,书店,parcel,station-1,,"Street 4, 40",07:00,08:30,12:00,900,c-2,Li Wei,zh
M-1,面馆,meal,,kitchen,55 Street 6,08:10,08:10,09:00,700,c-3,陈晨,zh
"""


def written(
    folder: Path, *, sites: str = "", couriers: str = "", orders: str = "", encoding: str = "utf-8"
) -> Files:
    """Write tables, and name those that were given."""
    paths = {}
    for name, text in (("sites", sites), ("couriers", couriers), ("orders", orders)):
        if text:
            paths[name] = folder / f"{name}.csv"
            paths[name].write_bytes(text.encode(encoding))
    return Files(**paths)


def whole(folder: Path) -> Files:
    """Three tables that go together; the order's merchants have ids a path can hold."""
    orders = ORDERS_CSV.replace("书店", "books").replace("面馆", "noodles")
    return written(folder, sites=SITES_CSV, couriers=COURIERS_CSV, orders=orders)


def n_rows(counts: list[Count]) -> list[tuple[str, int, int, int]]:
    return [(one.what, one.n_new, one.n_known, one.n_differing) for one in counts]


@pytest.fixture
def platform(store_url: str, tmp_path: Path) -> Iterator[tuple[Application, ManualClock]]:
    application, clock = open_platform(tmp_path, store_url)
    yield application, clock
    application.close()


Opened = tuple[Application, ManualClock]


def test_imported_orders_are_given_to_imported_couriers(platform: Opened, tmp_path: Path) -> None:
    application, clock = platform
    counts = import_tables(application, little_town(), whole(tmp_path))
    assert n_rows(counts) == [("sites", 2, 0, 0), ("couriers", 2, 0, 0), ("orders", 3, 0, 0)]
    caller = Caller(application.asgi)
    try:
        assert caller.call("POST", "/v1/couriers/ada/duty", {"on": True}).status == 200
        application.work()
        messages = caller.call("GET", "/v1/messages").json["messages"]
        assert "courier:ada" in {one["to"] for one in messages if one["kind"] == "offer"}
        clock.set(MORNING + timedelta(minutes=19))
        assert caller.call("POST", "/v1/couriers/mei/duty", {"on": True}).status == 200
        clock.set(MORNING + timedelta(minutes=21))  # the wave of half past eight is planned
        application.work()
        route = caller.call("GET", "/v1/couriers/mei/route").json
        brought = {one for s in route["stops"] if s["kind"] == "dropoff" for one in s["order_ids"]}
        with application.platform.store.begin() as tx:
            parcels = [tx.order_by_external("books", name) for name in ("P-1", "P-2")]
        assert all(parcel and parcel.id in brought for parcel in parcels)
        assert {parcel.status for parcel in parcels if parcel} == {OrderStatus.ASSIGNED}
    finally:
        caller.close()


def test_rows_become_what_they_say(platform: Opened, tmp_path: Path) -> None:
    application, _ = platform
    import_tables(application, little_town(), whole(tmp_path))
    with application.platform.store.begin() as tx:
        parcel = tx.order_by_external("books", "P-1")
        mei, station = tx.couriers()["mei"], tx.sites()["station-1"]
    assert parcel is not None
    assert (parcel.dropoff.lon, parcel.dropoff.lat) == pytest.approx((-123.1125, 49.2645))
    assert parcel.dropoff.address == "30 Street 3, 二楼"
    assert (parcel.customer.name, parcel.customer.locale, parcel.weight_g) == ("王芳", "zh", 1800)
    assert parcel.promise.latest_at == MORNING + timedelta(hours=4)
    assert parcel.pickup == station.place == mei.start
    assert mei.state is CourierState.OFFLINE


def test_the_same_import_again_changes_nothing(platform: Opened, tmp_path: Path) -> None:
    application, clock = platform
    store = application.platform.store
    import_tables(application, little_town(), whole(tmp_path))
    number = store.last_number()
    clock.set(MORNING + timedelta(minutes=5))
    counts = import_tables(application, little_town(), whole(tmp_path))
    assert n_rows(counts) == [("sites", 0, 2, 0), ("couriers", 0, 2, 0), ("orders", 0, 3, 0)]
    assert store.last_number() == number


def test_what_is_known_stays_as_it_is_and_the_difference_is_said(
    platform: Opened, tmp_path: Path
) -> None:
    application, _ = platform
    import_tables(application, little_town(), whole(tmp_path))
    files = written(
        tmp_path,
        sites=SITES_CSV.replace("Noodle House", "Noodle Palace"),
        couriers=COURIERS_CSV.replace("30000", "40000"),
        orders=ORDERS_CSV.replace("书店", "books")
        .replace("面馆", "noodles")
        .replace("09:00", "09:30"),
    )
    counts = import_tables(application, little_town(), files)
    assert n_rows(counts) == [("sites", 0, 2, 1), ("couriers", 0, 2, 1), ("orders", 0, 3, 1)]
    with application.platform.store.begin() as tx:
        assert tx.sites()["kitchen"].name == "Noodle House"


def test_two_imports_at_once_take_every_row_once(store_url: str, tmp_path: Path) -> None:
    files = whole(tmp_path)
    opened = [open_platform(tmp_path, store_url)[0] for _ in range(2)]
    for number, application in enumerate(opened):
        application.platform.ids = _Named(number)
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda one: import_tables(one, little_town(), files), opened))
    assert sum(count.n_new for counts in done for count in counts) == 7
    with opened[0].platform.store.begin() as tx:
        assert len(tx.orders_in(list(OrderStatus))) == 3
    for application in opened:
        application.close()


class _Named:
    """Ids that two platforms on one database do not share."""

    def __init__(self, number: int) -> None:
        self._number, self._n_given = number, 0

    def new(self, kind: str) -> str:
        self._n_given += 1
        return f"{kind}-{self._number}-{self._n_given}"


def test_one_error_keeps_everything_out(platform: Opened, tmp_path: Path) -> None:
    application, _ = platform
    before = application.platform.store.last_number()
    orders = ORDERS_CSV.replace("书店", "books").replace("面馆", "noodles").replace("900", "9 kg")
    files = written(tmp_path, sites=SITES_CSV, couriers=COURIERS_CSV, orders=orders)
    with pytest.raises(Refused) as refused:
        import_tables(application, little_town(), files)
    assert [(f.file, f.line, f.column) for f in refused.value.faults] == [
        ("orders.csv", 4, "weight_g")
    ]
    assert application.platform.store.last_number() == before
    assert application.platform.store.next_due_at() is None


def test_every_error_of_every_table_is_listed_at_once(platform: Opened, tmp_path: Path) -> None:
    application, _ = platform
    before = application.platform.store.last_number()
    files = written(
        tmp_path,
        sites=SITES_CSV.replace("1 Street 0", "999 Street 0").replace("23:00", "09:00"),
        couriers=COURIERS_CSV.replace("-123.117;49.263", "49.263;-123.117").replace("van", "jet"),
        orders=ORDERS_CSV.replace("书店", "books")
        .replace("面馆", "my noodles")
        .replace("55 Street 6", "5 Moon Base")
        .replace("P-2", "P-1"),
    )
    with pytest.raises(Refused) as refused:
        import_tables(application, little_town(), files)
    assert [(f.file, f.line, f.column) for f in refused.value.faults] == [
        ("sites.csv", 2, "address"),
        ("sites.csv", 3, ""),
        ("couriers.csv", 2, "start_lon"),
        ("couriers.csv", 3, "vehicle"),
        ("orders.csv", 4, "external_id"),
        ("orders.csv", 5, "dropoff_address"),
        ("orders.csv", 5, "merchant_id"),
    ]
    why = [fault.why for fault in refused.value.faults]
    assert "the nearest are: 8 Street 0 (-123.10950, 49.26000); 7 Street 0" in why[0]
    assert "the wrong way round" in why[2]
    assert "'ebike', 'scooter', 'van' or 'foot'" in why[3]
    assert "is the same as on line 2" in why[4]
    assert application.platform.store.last_number() == before


def test_two_spaces_make_no_second_order(platform: Opened, tmp_path: Path) -> None:
    application, _ = platform
    orders = ORDERS_CSV.replace("书店", "books").replace("面馆", "noodles")
    orders = orders.replace("P-1", "P 1").replace("P-2", "P  1")
    with pytest.raises(Refused, match="is the same as on line 2"):
        import_tables(application, little_town(), written(tmp_path, sites=SITES_CSV, orders=orders))


def test_what_the_flow_refuses_names_its_line(platform: Opened, tmp_path: Path) -> None:
    application, _ = platform
    orders = ORDERS_CSV.replace("书店", "books").replace("面馆", "noodles")
    orders = orders.replace('station-1,,"Street', 'kitchen,,"Street').replace("09:00", "07:59")
    files = written(tmp_path, sites=SITES_CSV, orders=orders.replace("08:10", "07:10"))
    with pytest.raises(Refused) as refused:
        import_tables(application, little_town(), files)
    assert [(f.line, f.column, f.why) for f in refused.value.faults] == [
        (4, "station_id", "site 'kitchen' is a merchant"),
        (5, "dropoff_deadline_at", "lies in the past"),
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the town in it."""
    folder = tmp_path / "data"
    shutil.copytree(little_town().tiles.parent, folder / "cities" / "corners")
    return folder


def typed(*words: object) -> tuple[int, str]:
    """Type a command; its status and everything it printed."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def command(files: Files, data: Path, *more: object) -> tuple[int, str]:
    named = {"--sites": files.sites, "--couriers": files.couriers, "--orders": files.orders}
    options = [word for name, path in named.items() if path for word in (name, path)]
    return typed("import", *options, "--city", "corners", "--data", data, *more)


def test_the_command_says_what_it_did_and_what_comes_next(data: Path, tmp_path: Path) -> None:
    files = whole(tmp_path)
    status, said = command(files, data, "--day", "tomorrow", "--dry-run")
    assert (status, "nothing was recorded" in said) == (0, True)
    assert [path.name for path in data.iterdir()] == ["cities"]
    status, said = command(files, data, "--day", "tomorrow")
    assert status == 0
    assert re.search(r"orders +orders\.csv +UTF-8, comma +3 +3 +0", said)
    assert re.search(r"couriers +couriers\.csv +UTF-8, semicolon +2 +2 +0", said)
    assert f"Next: recourse serve --city corners --data {data}" in said.replace("\n", "")
    status, said = command(files, data, "--day", "tomorrow")
    assert (status, "Nothing changed" in said) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "give at least one of --orders, --couriers, --sites"),
        (("--orders", "absent.csv", "--city", "corners"), "absent.csv: cannot be read"),
        (("--orders", "absent.csv", "--city", "atlantis"), "recourse city import"),
        (("--orders", "absent.csv", "--city", "corners", "--day", "soon"), "2026-03-02, or today"),
    ],
)
def test_a_wrong_command_is_answered_with_the_way_out(
    data: Path, words: tuple[str, ...], says: str
) -> None:
    status, said = typed("import", "--data", data, *words)
    assert (status, says in said.replace("\n", "")) == (2, True)


def test_the_help_of_every_command_names_what_it_is_for() -> None:
    status, said = typed("--help")
    assert status == 0
    names = re.findall(r"^│ (\w+)  ", said, re.MULTILINE)
    assert {"serve", "import", "city", "audit", "backup"} <= set(names)
    for name in names:
        status, said = typed(name, "--help")
        assert (status, len(said.split()) > 20) == (0, True), name


def test_the_examples_can_be_imported_into_the_generated_city(tmp_path: Path) -> None:
    town = _generated(tmp_path)
    application = build(Settings(data_dir=tmp_path), clock=ManualClock(MORNING), town=town)
    files = Files(
        **{name: ROOT / "examples" / f"{name}.csv" for name in ("sites", "couriers", "orders")}
    )
    counts = import_tables(application, town, files, day=date(2026, 3, 3))
    application.close()
    assert [(one.n_new, one.n_new == len(one.table.rows)) for one in counts] == [
        (3, True),
        (3, True),
        (6, True),
    ]


def _generated(folder: Path) -> City:
    drawing = folder / "town.osm.pbf"
    generate_town(1, drawing)
    return import_city(drawing, folder / "cities" / "generated-1", with_tiles=False)


def documented(layout: Layout) -> list[str]:
    """The table of columns that the page must show."""
    return [
        f"| `{c.name}` | {c.kind}{', required' if c.is_required else ''} | {c.about} "
        f"| {', '.join(f'`{alias}`' for alias in c.aliases)} |"
        for c in layout.columns
    ]


@pytest.mark.parametrize("layout", [SITES, COURIERS, ORDERS], ids=lambda layout: layout.what)
def test_the_page_names_every_column(layout: Layout) -> None:
    page = (ROOT / "docs" / "import.md").read_text()
    section = page.partition(f"\n### {layout.what.title()}\n")[2].partition("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == documented(layout)
