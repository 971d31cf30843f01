{
    "name": "Collections: Recurring Documents",
    "summary": "What a customer pays for by standing order, on the screen of whoever calls",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["collection_charge", "recurring_document"],
    "data": [
        "security/ir.model.access.csv",
        "views/collection_profile_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "collection_recurring/static/src/**/*",
        ],
        "web.assets_tests": [
            "collection_recurring/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "auto_install": True,
    "installable": True,
}
