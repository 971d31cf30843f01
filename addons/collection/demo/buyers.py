# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who buys in the demo ledger, what, and how they pay."""

from dataclasses import dataclass

# days from the due date to the payment, from … to
HABITS = {
    "prompt": (-5, 1),
    "late": (7, 38),
    "very_late": (28, 80),
    "erratic": (-2, 55),
}

# product (external id without its prefix) → text on the invoice, price in US dollars
CATALOGUE = {
    "mfp": ("Multifunction colour printer A3", 2150),
    "laptop": ("Business laptop 14″", 1180),
    "monitor": ("Monitor 27″ with docking", 390),
    "pos": ("Point-of-sale terminal with printer", 860),
    "access_point": ("Wireless access point, ceiling", 210),
    "meeting": ("Meeting room display 75″", 2890),
    "label": ("Label printer", 540),
    "toner": ("Toner set, four colours", 265),
    "installation": ("Installation and set-up, day", 620),
    "call_out": ("Technician call-out, hour", 95),
}
CONTRACT = {
    "print": "Managed print service, monthly",
    "support": "IT support contract, monthly",
    "backup": "Cloud backup and security, monthly",
}
# what a dollar of the price list is in the price lists of the other currencies
PRICE_FACTOR = {"USD": 1.0, "EUR": 0.9, "ILS": 3.6}


@dataclass(frozen=True)
class Buyer:
    """A customer of the demo ledger.

    :param key: external id of the customer without module and ``demo_``
    :param term: payment term, see ``plan.TERMS``
    :param habit: key of :data:`HABITS`
    :param monthly: dollars a month of a service contract, 0 without one
    :param orders: number of single orders over the whole history
    :param size: how large the orders are
    :param stopped: days ago since when nothing was paid any more
    :param recent: ages in days of further, recent orders
    :param months: how long the customer has been one
    :param until: age in days of the last document
    :param branches: keys of the addresses invoices go to; each is chased on its own
    :param story: what is particular about the customer, see ``plan``
    """

    key: str
    currency: str
    term: str
    habit: str
    monthly: int = 0
    orders: int = 0
    size: float = 1.0
    stopped: int | None = None
    recent: tuple[int, ...] = ()
    months: int = 18
    until: int = 3
    branches: tuple[str, ...] = ()
    story: str = ""


BUYERS = (
    # Israel
    Buyer("il_ofek", "ILS", "30", "prompt", monthly=420, months=12, orders=2, recent=(45,)),
    Buyer("il_kfar", "ILS", "30", "late", orders=6, recent=(66,)),
    Buyer("il_argaman", "ILS", "60", "very_late", monthly=260, orders=3, story="opening_paid"),
    Buyer("il_nave", "ILS", "eom60", "very_late", monthly=900, months=12, orders=2, size=2),
    Buyer(
        "il_shefa",
        "ILS",
        "eom60",
        "late",
        orders=14,
        size=1.4,
        recent=(130, 112, 96),
        branches=("il_shefa_haifa", "il_shefa_netanya", "il_shefa_ashdod", "il_shefa_beer_sheva"),
    ),
    Buyer("il_nitzanim", "ILS", "thirds", "late", orders=4, size=4, recent=(85,)),
    Buyer("il_talmey", "ILS", "30", "prompt", orders=5, stopped=10, recent=(34, 25)),
    Buyer("il_levy", "ILS", "15", "prompt", monthly=180, months=12),
    Buyer(
        "il_galim",
        "ILS",
        "60",
        "late",
        orders=5,
        size=2,
        stopped=45,
        recent=(100, 80, 62),
        story="cheques",
    ),
    Buyer("il_alon", "ILS", "60", "erratic", orders=6, size=3, stopped=85, recent=(160, 118, 74)),
    Buyer("il_tzafon", "ILS", "30", "late", orders=5, recent=(72, 40), story="part"),
    Buyer("il_inbar", "ILS", "30", "late", monthly=240, months=12),
    Buyer("il_negev", "USD", "30", "late", orders=4, size=3, recent=(50, 33)),
    Buyer("il_carmel", "USD", "30", "prompt", monthly=1200, months=12, orders=3, size=2),
    Buyer("il_barak", "ILS", "15", "prompt", orders=4, stopped=10, recent=(18, 10)),
    Buyer(
        "il_shikma",
        "ILS",
        "60",
        "late",
        orders=5,
        size=3,
        stopped=46,
        recent=(104,),
        story="bounced",
    ),
    Buyer("il_tzvi", "ILS", "30", "late", orders=4, recent=(48,)),
    Buyer("il_moshe", "ILS", "30", "late", orders=4, stopped=330, until=290, story="written_off"),
    Buyer(
        "il_nahshon", "ILS", "eom60", "late", orders=6, size=2, recent=(120, 104), story="dispute"
    ),
    Buyer("il_hadar", "ILS", "30", "late", monthly=210, months=12, story="unapplied"),
    Buyer("il_haver", "ILS", "30", "late", orders=4, recent=(75,), story="not_chased"),
    Buyer("il_bluewave", "USD", "30", "prompt", orders=4, size=5, recent=(20,), story="advance"),
    Buyer("il_hiyuch", "ILS", "15", "late", orders=3, size=0.6, months=6, recent=(38,)),
    Buyer("il_dafna", "ILS", "30", "late", orders=4, stopped=80, recent=(115, 84), story="hold"),
    Buyer(
        "il_yr",
        "ILS",
        "30",
        "late",
        orders=5,
        size=2,
        stopped=280,
        until=230,
        story="uncollectable",
    ),
    Buyer("il_abrahami", "ILS", "15", "late", orders=3, size=0.4, recent=(33,)),
    # Greece
    Buyer("gr_meltemia", "EUR", "60", "late", monthly=1500, orders=3, size=3),
    Buyer("gr_papad", "EUR", "30", "late", orders=6, recent=(64, 34)),
    Buyer(
        "gr_aigaio",
        "EUR",
        "60",
        "late",
        orders=12,
        size=2,
        recent=(98, 88, 76),
        branches=("gr_aigaio_rodos", "gr_aigaio_kos", "gr_aigaio_thira"),
    ),
    Buyer("gr_dimitriou", "EUR", "15", "prompt", orders=4, size=0.6, stopped=10, recent=(18, 8)),
    Buyer("gr_elaionas", "EUR", "60", "very_late", monthly=700, months=12, story="opening_paid"),
    Buyer(
        "gr_thessalias",
        "EUR",
        "60",
        "erratic",
        orders=6,
        size=3,
        stopped=70,
        recent=(150, 126, 90),
        story="instalments",
    ),
    Buyer("gr_gnosi", "EUR", "thirds", "late", orders=4, size=3, recent=(100,)),
    Buyer(
        "gr_karag",
        "EUR",
        "60",
        "late",
        orders=5,
        size=2,
        stopped=45,
        recent=(95, 66),
        story="cheques",
    ),
    Buyer("gr_lofos", "EUR", "30", "late", orders=4, recent=(55,)),
    Buyer(
        "gr_piraeus", "EUR", "60", "late", monthly=650, months=12, orders=2, size=2, story="dispute"
    ),
    Buyer("gr_orizontes", "EUR", "30", "late", orders=4, recent=(78, 41), story="part"),
    Buyer("gr_asklipios", "EUR", "30", "late", monthly=380, months=12),
    Buyer("gr_stachy", "EUR", "15", "late", orders=4, size=0.5, recent=(29, 18)),
    Buyer("gr_voreios", "EUR", "30", "late", orders=5, stopped=240, until=120, story="half_off"),
    Buyer("gr_stavrou", "EUR", "15", "prompt", monthly=300, months=12),
    Buyer("gr_kipos", "EUR", "30", "late", orders=5, recent=(60, 44), story="unapplied"),
    Buyer("gr_olive", "USD", "30", "late", orders=4, size=2, recent=(58,)),
    Buyer(
        "gr_anagennisi", "EUR", "30", "late", orders=3, size=0.6, recent=(70,), story="not_chased"
    ),
    Buyer("gr_kriti", "EUR", "60", "very_late", orders=9, size=4, recent=(140, 120, 99)),
    Buyer("gr_vasileiou", "EUR", "15", "late", orders=3, size=0.4, recent=(27,)),
    # Cyprus
    Buyer("cy_aphrodite", "EUR", "60", "late", monthly=1100, months=12, orders=3, size=3),
    Buyer("cy_marine", "USD", "30", "late", orders=5, size=2, recent=(47, 34)),
    Buyer("cy_nicolaou", "EUR", "15", "prompt", monthly=160, months=12),
    Buyer("cy_troodos", "EUR", "30", "late", orders=5, recent=(59, 34)),
    Buyer("cy_george", "EUR", "thirds", "late", orders=4, size=3, recent=(95,)),
    Buyer("cy_mesogeios", "EUR", "15", "prompt", monthly=220, months=12),
    Buyer("cy_pafos", "EUR", "60", "late", orders=6, size=2, stopped=300, until=250, story="legal"),
    Buyer("cy_cars", "EUR", "30", "late", orders=5, recent=(69, 43), story="part"),
    Buyer("cy_ermis", "EUR", "30", "late", orders=5, recent=(52, 33)),
    Buyer("cy_technova", "EUR", "30", "late", monthly=1400, months=12, story="dispute"),
    Buyer("cy_citrus", "EUR", "30", "late", orders=4, recent=(63, 33)),
    Buyer("cy_loukas", "EUR", "30", "late", monthly=330, months=12),
    Buyer("cy_motors", "EUR", "30", "late", orders=5, stopped=36, recent=(65,), story="bounced"),
    Buyer("cy_pelendri", "EUR", "60", "very_late", orders=3, recent=(110,), story="opening_open"),
    Buyer("cy_cosmos", "EUR", "30", "late", orders=4, stopped=350, until=310, story="written_off"),
    Buyer(
        "cy_sunrise",
        "EUR",
        "30",
        "late",
        orders=12,
        recent=(62, 54, 46),
        branches=("cy_sunrise_nicosia", "cy_sunrise_larnaca", "cy_sunrise_napa"),
    ),
)
