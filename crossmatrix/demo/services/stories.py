"""What happened in the demo shop so far: pairs in every state, a release, proposals of suppliers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.accounts.selectors import person
from crossmatrix.bundles import services as bundles
from crossmatrix.bundles.models import Bundle
from crossmatrix.bundles.rules import Content, DeclineReason, ItemRole, Line
from crossmatrix.catalog.models import Category, Product
from crossmatrix.matrix import services as matrix
from crossmatrix.matrix.models import Matrix, Pair, PairRevision, Slot
from crossmatrix.matrix.rules import LinkDraft, PairState, ReasonKind, SlotDraft, Verdict
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.services import comments
from crossmatrix.matrix.services.cards import answer_card
from crossmatrix.matrix.services.matrices import create_matrix
from crossmatrix.matrix.services.slots import set_slot
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services.channels import create_channel
from crossmatrix.publishing.services.releases import cut_release

MATRICES = (
    ("Приставки и компьютеры: что нужно для игры", "Игры и приставки", None),
    ("Смартфоны и аксессуары", "Смартфоны и связь / Смартфоны", None),
    ("Телевизоры и звук", "Телевизоры и звук", None),
    ("Ноутбуки и компьютеры", "Компьютеры", None),
)
CHANNELS = (
    ("site", "Сайт магазина (WooCommerce)", "woocommerce", 4),
    ("app", "Мобильное приложение (JSON)", "json", 4),
    ("stores", "Магазины: лист продавца (Excel)", "excel", 6),
)
FITTING: tuple[tuple[str, str, str | None, str], ...] = (  # types, why (None: as imported), condition as people type it
    (
        "Смартфоны и связь / Смартфоны", "Смартфоны и связь / Защитные стёкла",
        "Экран царапается с первого дня", 'основной.Модель в спутник."Подходит к"',
    ),
    (
        "Смартфоны и связь / Смартфоны", "Смартфоны и связь / Чехлы",
        "Корпус страдает при падении", 'основной.Модель в спутник."Подходит к"',
    ),
    (
        "Игры и приставки / Игровые приставки", "Игры и приставки / Игры на дисках",
        None, 'основной.Платформа в спутник."Подходит к"',
    ),
    (
        "Игры и приставки / Игровые приставки", "Компьютеры / Внешние диски",
        None, 'основной.Платформа в спутник."Подходит к"',
    ),
    (
        "Носимые устройства / Умные часы", "Носимые устройства / Ремешки",
        "Сменный ремешок меняет вид часов", "основной.Крепление = спутник.Крепление",
    ),
)  # fmt: skip
SETS = 40  # a proposal offers this many, or what the shortest shelf holds
IN_REVIEW, RETURNED, DISCARDED, LEFT_DRAFT, SUPERSEDED, RETIRED = 14, 5, 4, 10, 8, 3  # pairs kept in these states


def make_matrices(*, at: datetime) -> None:
    """The workspaces people open first."""
    owner = person("manager@demo")
    for name, mains, companions in MATRICES:
        if not Matrix.objects.filter(name=name).exists():
            create_matrix(
                name=name, mains=Category.objects.get(full_name=mains), actor=owner, at=at,
                companions=Category.objects.get(full_name=companions) if companions else None,
            )  # fmt: skip


def ask_for_fit(*, at: datetime) -> None:
    """Slots whose companions are made for one model: nothing else is suggested, filled in or approved there."""
    owner = person("manager@demo")
    known = {category.full_name: category.pk for category in Category.objects.all()}
    for main, companion, reason, condition in FITTING:
        set_slot(
            draft=SlotDraft(
                known[main], known[companion], verdict=Verdict.SUITABLE.value, reason=reason,
                kind=ReasonKind.ACCESSORY.value if reason else None, wanted=2 if reason else None, condition=condition,
            ),
            actor=owner, at=at,
        )  # fmt: skip


def decide_pairs(*, at: datetime) -> None:
    """Carry the imported drafts through approval by two people, leaving some in every state on the way."""
    author, head = person("manager@demo"), person("head@demo")
    drafts = list(_drafts().values_list("pk", flat=True))
    kept = set(drafts[5::23][:LEFT_DRAFT])
    going = [pk for pk in drafts if pk not in kept]
    matrix.bulk_change(action="submit", revision_ids=going, actor=author, at=at - timedelta(days=40))
    waiting = list(_in_state(PairState.IN_REVIEW).values_list("pk", flat=True))
    step = max(1, len(waiting) // (IN_REVIEW + RETURNED))
    aside = waiting[::step][: IN_REVIEW + RETURNED]
    approved = [pk for pk in waiting if pk not in set(aside)]
    matrix.bulk_change(action="approve", revision_ids=approved, actor=head, at=at - timedelta(days=38))
    matrix.bulk_change(
        action="return", revision_ids=aside[:RETURNED], actor=head, at=at - timedelta(days=37),
        comment="Напишите причину словами покупателя: зачем это нужно именно с этим товаром.",
    )  # fmt: skip
    discarded = [pk for pk in drafts if pk in kept][:DISCARDED]
    matrix.bulk_change(action="discard", revision_ids=discarded, actor=author, at=at - timedelta(days=36))


def change_pairs(*, at: datetime) -> None:
    """Later edits: some approved pairs were rewritten and approved anew, some retired, some marked not suitable."""
    author, head = person("manager2@demo"), person("head@demo")
    approved = list(_approved_pairs())
    rewritten = approved[::17][:SUPERSEDED]
    for pair in rewritten:
        revision = matrix.set_pair(
            draft=LinkDraft(pair.main_id, pair.companion_id, offer_text="Возьмите сразу: так удобнее и дешевле доставка"),
            actor=author, at=at - timedelta(days=20), base_version=pair.version,
        )  # fmt: skip
        matrix.submit(revision=revision, actor=author, at=at - timedelta(days=20))
    _approve(rewritten, head, at - timedelta(days=18))
    rest = [pair for pair in approved if pair not in rewritten]
    for pair in rest[7::29][:RETIRED]:
        if pair.approved:
            matrix.retire(
                revision=pair.approved, actor=head, at=at - timedelta(days=10), comment="Модель уходит с витрины"
            )
    _say_unsuitable(at=at - timedelta(days=9))
    _discuss(at=at - timedelta(hours=20))
    _offer_in_shops(at=at - timedelta(days=21))


SAID = (
    "sold",
    "price",
    "sold",
    "has_one",
    "price",
    "sold",
    "not_needed",
    "sold",
    "price",
)  # what shoppers answered, in turn
OFFERED = 12  # pairs that shops have offered


def _offer_in_shops(*, at: datetime) -> None:
    """Store staff told with two taps what came of their offers."""
    seller = person("staff@demo")
    for place, pair in enumerate(_approved_pairs()[:OFFERED]):
        for turn in range(3 + place % 7):
            said = SAID[(place + turn) % len(SAID)]
            answer_card(
                main=pair.main_id, companion=pair.companion_id, revision=pair.approved_id or 0,
                outcome="sold" if said == "sold" else "", why="" if said == "sold" else said,
                key=f"demo-{pair.pk}-{turn}", actor=seller, at=at + timedelta(days=2 * turn, hours=place),
            )  # fmt: skip


def _discuss(*, at: datetime) -> None:
    """Colleagues talk about a pair and a slot; one of them is named."""
    manager, second, head = (person(f"{name}@demo") for name in ("manager", "manager2", "head"))
    pair = _approved_pairs().first()
    if pair is None:
        return
    place = Place(pair.main_id, pair.companion_id)
    comments.say(place=place, text="Берут реже, чем весной. Может, поставить выше?", author=head, at=at)
    said = f"@{manager.name} посмотрите, пожалуйста: у меня в соседней категории то же самое."
    comments.say(place=place, text=said, author=second, at=at + timedelta(hours=2))
    slot = Slot.objects.filter(verdict="suitable").order_by("pk").first()
    if slot is not None:
        types = Place(slot.main_category_id, slot.companion_category_id, by_type=True)
        comments.say(place=types, text=f"@{manager.name} хватит ли одного спутника?", author=head, at=at)


def _approve(pairs: Iterable[Pair], actor: User, at: datetime) -> None:
    ids = PairRevision.objects.filter(pair__in=list(pairs), state=PairState.IN_REVIEW).values_list("pk", flat=True)
    matrix.bulk_change(action="approve", revision_ids=list(ids), actor=actor, at=at)


def _say_unsuitable(*, at: datetime) -> None:
    author = person("manager@demo")
    for main, companion, why in (
        ("Планшет Тайга Лист 64 ГБ", "Стилус Orbis Pencil", "Стилус работает только с Orbis Tab 11"),
        ("Умные часы Orbis Watch 4 Lite, 40 мм", "Ремешок кожаный 22 мм, чёрный", "Крепление 20 мм"),
    ):
        matrix.mark_unsuitable(
            main_id=Product.objects.get(name=main).pk, companion_id=Product.objects.get(name=companion).pk,
            reason=why, actor=author, at=at,
        )  # fmt: skip


def follow_prices(*, at: datetime) -> None:
    """Judge the pairs again on today's prices."""
    matrix.recheck_ratios(at=at)


def _drafts() -> QuerySet[PairRevision]:
    return _in_state(PairState.DRAFT)


def _in_state(state: PairState) -> QuerySet[PairRevision]:
    return PairRevision.objects.filter(state=state).order_by("pair__main__sku", "rank", "pk")


def _approved_pairs() -> QuerySet[Pair]:
    return Pair.objects.filter(approved__isnull=False).select_related("approved").order_by("pk")


def publish(*, at: datetime) -> None:
    """Three channels and the first release of each."""
    integrator = person("integrator@demo")
    for code, name, kind, cap in CHANNELS:
        channel = Channel.objects.filter(code=code).first() or create_channel(
            code=code, name=name, format=kind, actor=integrator, at=at - timedelta(days=15), cap=cap
        )
        if channel.current_id is None:
            cut_release(channel=channel, actor=integrator, at=at - timedelta(days=14), note="Первый выпуск")


@dataclass(frozen=True)
class Proposal:
    """A supplier's bundle in words: names of products, the first is the main one."""

    email: str
    name: str
    products: tuple[str, ...]
    share_of_sum: str  # bundle price as a share of the sum of prices
    actions: tuple[str, ...]
    message: str = ""
    quantities: dict[str, int] = field(default_factory=dict)
    funding: str = "0.60"


PROPOSALS = (
    Proposal("supplier@demo", "Смартфон и звук: Orbis 12 Lite с наушниками",
             ("Смартфон Orbis 12 Lite 128 ГБ, графит", "Наушники TWS Orbis Buds Lite", "Сетевое ЗУ USB-C 30 Вт"), "0.93",
             ("submit", "claim", "approve"), "Поддержим рекламой в декабре."),
    Proposal("supplier@demo", "Игра вдвоём: приставка и второй геймпад",
             ("Игровая приставка Orbis Station 2 с дисководом", "Геймпад Orbis Station, чёрный"), "0.95",
             ("submit", "claim", "return"), "Нужен к новогодним праздникам."),
    Proposal("supplier@demo", "Планшет художника",
             ("Планшет Orbis Tab 11 Wi-Fi 128 ГБ", "Стилус Orbis Pencil", "Клавиатура-чехол Orbis Tab 11"), "0.92",
             ("submit",), "Готовы дать товар на витрину."),
    Proposal("supplier@demo", "Часы и ремешок (черновик)", ("Умные часы Orbis Watch 4, 44 мм", "Кабель USB-C 100 Вт, 1 м"), "0.97", ()),
    Proposal("rival@demo", "Планшет с клавиатурой Novara",
             ("Планшет Novara Pad S 128 ГБ", "Клавиатура-чехол Novara Pad S"), "0.94", ("submit", "claim"), "Первый комплект этой серии."),
    Proposal("rival@demo", "Ноутбук Novara с мышью и клавиатурой",
             ('Ноутбук Novara Note 15"', "Набор Novara Duo: мышь и клавиатура"), "0.96", ("submit", "claim", "decline"),
             "Для учёбы и офиса.", {"Набор Novara Duo: мышь и клавиатура": 1}),
)  # fmt: skip


def propose(*, at: datetime) -> None:
    """Bundles of two suppliers in several states."""
    manager = person("manager@demo")
    for number, proposal in enumerate(PROPOSALS):
        if not Bundle.objects.filter(name=proposal.name).exists():
            _tell(proposal, manager=manager, at=at, moment=at - timedelta(days=6, hours=number))


@transaction.atomic
def _tell(proposal: Proposal, *, manager: User, at: datetime, moment: datetime) -> None:
    supplier = person(proposal.email)
    bundle = bundles.draft(content=_content(proposal, at), actor=supplier, at=moment)
    for place, action in enumerate(proposal.actions, start=1):
        _act(action, bundle, supplier=supplier, manager=manager, at=moment + timedelta(hours=5 * place))
        bundle.refresh_from_db()


def _content(proposal: Proposal, at: datetime) -> Content:
    goods = {product.name: product for product in Product.objects.filter(name__in=proposal.products)}
    lines = tuple(
        Line(goods[name].sku, proposal.quantities.get(name, 1), ItemRole.COMPANION if place else ItemRole.MAIN)
        for place, name in enumerate(proposal.products)
    )
    shelves = [product.stock for product in goods.values() if product.stock is not None]
    total = sum((goods[name].price or Decimal(0)) * proposal.quantities.get(name, 1) for name in proposal.products)
    return Content(
        name=proposal.name, bundle_price=(total * Decimal(proposal.share_of_sum)).quantize(Decimal(10)),
        valid_from=(at + timedelta(days=10)).date(), valid_to=(at + timedelta(days=50)).date(),
        funding_share=Decimal(proposal.funding), stock=min([SETS, *shelves]), message=proposal.message, items=lines,
    )  # fmt: skip


def _act(action: str, bundle: Bundle, *, supplier: User, manager: User, at: datetime) -> None:
    if action == "submit":
        bundles.submit(bundle=bundle, actor=supplier, at=at)
    elif action == "claim":
        bundles.claim(bundle=bundle, actor=manager, at=at)
    elif action == "approve":
        bundles.approve(bundle=bundle, actor=manager, at=at, comment="Хорошая пара, берём на декабрь.")
    elif action == "return":
        bundles.return_(bundle=bundle, actor=manager, at=at, comment="Снизьте цену комплекта: выгоды почти не видно.")
    else:
        bundles.decline(
            bundle=bundle, actor=manager, at=at, reason=DeclineReason.OWN_PLANS.value,
            comment="В это же время пойдёт своя акция на мыши.",
        )  # fmt: skip
