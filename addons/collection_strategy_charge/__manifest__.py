{
    "name": "Collections: Charging by Rule",
    "summary": "Rules of a strategy charge the customer's card or account",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["collection_strategy", "collection_charge"],
    "data": [
        "security/ir.model.access.csv",
        "data/collection_rule_data.xml",
        "views/collection_action_views.xml",
    ],
    "demo": ["demo/collection_strategy_charge_demo.xml"],
    "auto_install": True,
    "installable": True,
}
