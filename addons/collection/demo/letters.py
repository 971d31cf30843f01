# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""E-mails and notes of the demo ledger, in the languages people write."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """An e-mail in the chatter; ``contact`` is the number of the customer's contact.

    ``{invoice}`` in the text stands for the customer's oldest open document; ``statement`` tells
    that a list of the open documents is attached.
    """

    party: str
    days_ago: int
    hour: int
    incoming: bool
    subject: str
    body: tuple[str, ...]
    contact: int = 1
    statement: bool = False


@dataclass(frozen=True)
class Note:
    party: str
    days_ago: int
    body: str
    pinned: bool = False
    on_document: bool = False


LETTERS = (
    Letter(
        "il_alon",
        38,
        9,
        False,
        "תזכורת: חשבוניות פתוחות",
        (
            "שלום סיגל,",
            "לפי רישומינו החשבונית {invoice} טרם שולמה. מצורף פירוט של כל החשבוניות הפתוחות.",
            "נודה לקבלת מועד תשלום.",
        ),
        contact=2,
        statement=True,
    ),
    Letter(
        "il_alon",
        36,
        15,
        True,
        "Re: תזכורת: חשבוניות פתוחות",
        (
            "שלום נועה,",
            'קיבלנו. אלון בחו"ל עד סוף השבוע, אעביר לו לאישור כשיחזור.',
            "סיגל",
        ),
        contact=2,
    ),
    Letter(
        "il_alon",
        6,
        11,
        True,
        "תשלום",
        (
            "נועה שלום,",
            "המזמין בפרויקט מעכב לנו תשלום. אפשר לחלק את החוב לשניים?",
            "אלון פרידמן",
        ),
    ),
    Letter(
        "il_nahshon",
        19,
        10,
        True,
        "חשבונית {invoice} – כמות שגויה",
        (
            "שלום רב,",
            (
                "בחשבונית {invoice} חויבנו על ארבעה צגים, אצלנו נקלטו שלושה לפי תעודת המשלוח. "
                "נא לבדוק ולהוציא זיכוי."
            ),
            "בברכה, גלית רם",
        ),
    ),
    Letter(
        "il_nahshon",
        18,
        12,
        False,
        "Re: חשבונית {invoice} – כמות שגויה",
        (
            "שלום גלית,",
            "ביקשנו מהמחסן את תעודת המשלוח החתומה ונחזור אלייך השבוע. שאר החשבוניות לתשלום כרגיל.",
            "נועה בר-און",
        ),
    ),
    Letter(
        "il_shikma",
        3,
        8,
        False,
        "שיק שחזר",
        (
            "שלום אבי,",
            (
                "הבנק החזיר היום את השיק שלכם מסיבת אין כיסוי מספיק. נא להסדיר את התשלום בהעברה "
                "בנקאית עוד השבוע."
            ),
            "נועה בר-און",
        ),
    ),
    Letter(
        "il_nave",
        27,
        9,
        False,
        "יתרה פתוחה – מועצה מקומית נווה אלון",
        ("שלום מירב,", "מצורף כרטיס הלקוח. החשבונית הוותיקה ביותר היא {invoice}."),
        statement=True,
    ),
    Letter(
        "il_nave",
        24,
        13,
        True,
        "Re: יתרה פתוחה – מועצה מקומית נווה אלון",
        ("שלום,", "החשבוניות בתהליך אישור מול הרכש. חסר לנו מספר הזמנה בשתיים מהן.", "מירב כץ"),
    ),
    Letter(
        "gr_thessalias",
        21,
        10,
        False,
        "Ανεξόφλητα τιμολόγια",
        (
            "Αγαπητέ κύριε Ρούσσο,",
            (
                "το τιμολόγιο {invoice} παραμένει ανεξόφλητο. Σας επισυνάπτουμε την καρτέλα σας και "
                "παρακαλούμε για την ημερομηνία πληρωμής."
            ),
            "Γιώργος Τσιρίκος",
        ),
        statement=True,
    ),
    Letter(
        "gr_thessalias",
        17,
        17,
        True,
        "Απ: Ανεξόφλητα τιμολόγια",
        (
            "Καλησπέρα,",
            (
                "περιμένουμε την εκκαθάριση του έργου του Δήμου. Θα θέλαμε να συζητήσουμε τμηματική "
                "εξόφληση."
            ),
            "Β. Ρούσσος",
        ),
    ),
    Letter(
        "gr_kriti",
        9,
        9,
        True,
        "Τιμολόγια Ηλεκτρονικής Κρήτης",
        (
            "Καλημέρα σας,",
            "παρακαλώ στείλτε μας ξανά το τιμολόγιο {invoice} με τον αριθμό παραγγελίας μας.",
            "Γεωργία Φραγκάκη",
        ),
        contact=2,
    ),
    Letter(
        "gr_kipos",
        8,
        14,
        True,
        "Κατάθεση",
        (
            (
                "Σας ενημερώνουμε ότι σήμερα καταθέσαμε έναντι λογαριασμού. Το αποδεικτικό θα σας "
                "σταλεί αύριο."
            ),
            "Σοφία Τάτση",
        ),
    ),
    Letter(
        "cy_technova",
        12,
        11,
        True,
        "Invoice {invoice} - hours charged",
        (
            "Hello,",
            (
                "the support hours on {invoice} exceed what the contract includes. We pay once this "
                "is corrected; the other invoices will go out on Friday."
            ),
            "Daria Petrova, Accounts payable",
        ),
    ),
    Letter(
        "cy_technova",
        11,
        9,
        False,
        "Re: Invoice {invoice} - hours charged",
        (
            "Dear Daria,",
            (
                "thank you. I have asked our service desk for the time sheets and will come back to "
                "you by Thursday."
            ),
            "Omer Gilad",
        ),
    ),
    Letter(
        "cy_cars",
        5,
        16,
        True,
        "Copy of invoice",
        ("Good afternoon,", "could you send me {invoice} once more, please?", "Michalis"),
    ),
    Letter(
        "cy_aphrodite",
        7,
        10,
        False,
        "Statement of account",
        (
            "Dear Stelios,",
            "please find our statement attached. {invoice} is past its due date.",
            "Kind regards, Omer Gilad",
        ),
        statement=True,
    ),
    Letter(
        "cy_aphrodite",
        6,
        12,
        True,
        "Re: Statement of account",
        ("Omer, approved for the run of next week.", "Stelios Hadjiloizou"),
    ),
    Letter(
        "gr_meltemia",
        33,
        12,
        False,
        "Statement of account",
        ("Αγαπητή κυρία Βλάχου,", "σας στέλνουμε την κατάσταση του λογαριασμού σας."),
        statement=True,
    ),
)

NOTES = (
    Note(
        "il_alon",
        60,
        "Owner decides on every payment himself. Sigal prepares them on Tuesdays.",
        pinned=True,
    ),
    Note("il_alon", 6, "Asked to split the debt in two. Not without a payment first."),
    Note(
        "il_nave",
        200,
        "Pays only invoices that carry the order number of the council.",
        pinned=True,
    ),
    Note("il_nahshon", 18, "Signed delivery note asked from the warehouse.", on_document=True),
    Note(
        "il_dafna", 20, "Her husband called: she is in hospital. Hold agreed with the team leader."
    ),
    Note(
        "il_shikma",
        3,
        "Second cheque returned within a year; cash or transfer only from now on.",
        pinned=True,
    ),
    Note(
        "il_shefa",
        90,
        "Every branch pays from its own budget; head office does not want calls.",
        pinned=True,
    ),
    Note(
        "gr_thessalias",
        15,
        "Works for the municipality, which pays late. Visit agreed with the sales team.",
    ),
    Note("gr_karag", 40, "Gives cheques at delivery; they have always been honoured.", pinned=True),
    Note(
        "gr_kriti",
        70,
        "Reseller: do not stop deliveries without speaking to the credit manager.",
        pinned=True,
    ),
    Note("cy_technova", 11, "Time sheets of the service desk requested.", on_document=True),
    Note("cy_pafos", 50, "Lawyers: Hadjigeorgiou. All originals are with them."),
    Note("cy_aphrodite", 120, "Seasonal business: slow from November to March.", pinned=True),
    Note(
        "cy_pelendri",
        150,
        "Opening balance comes from the system before; the delivery notes are in the archive.",
    ),
    Note("il_bluewave", 12, "Advance of the spring project: nothing is ordered before it is paid."),
)
