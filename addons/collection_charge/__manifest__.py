{
    "name": "Collections: Charging",
    "summary": "What is being charged is not chased; what failed or came back is, with its reason",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["collection", "payment_charge"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_actions_server_data.xml",
        "views/collection_case_views.xml",
        "views/collection_item_views.xml",
        "views/collection_profile_views.xml",
    ],
    "demo": ["demo/collection_charge_demo.xml"],
    "assets": {
        "web.assets_backend": [
            "collection_charge/static/src/**/*",
        ],
        "web.assets_tests": [
            "collection_charge/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
    "installable": True,
}
