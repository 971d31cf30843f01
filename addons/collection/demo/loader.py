# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Puts the demo company together: ledger, cases, and what else happened."""

import logging

from .buyers import BUYERS
from .extras import Extras
from .history import History
from .ledger import Ledger
from .plan import make_plan

_logger = logging.getLogger(__name__)


def load(company, buyers=BUYERS, find=None):
    """Write the demo ledger and its history of collections to a company, once.

    :param find: see :class:`~.ledger.Ledger`
    :return: the history, or ``None`` where nothing was written: the company has no chart of
        accounts, or the demo customers have documents already
    """
    company.ensure_one()
    plan = make_plan(company._collection_today(), buyers)
    ledger = Ledger(company.env, company, plan, find)
    if not ledger.journal("sale") or not ledger.journal("bank") or not ledger.account("income"):
        _logger.info("%s has no chart of accounts: no demo ledger", company.name)
        return None
    if ledger.is_written():
        return None
    ledger.load()
    history = History(ledger)
    history.load()
    Extras(history).load()
    history.finish()
    return history
