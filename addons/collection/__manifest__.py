{
    "name": "Collections",
    "summary": "Collection cases, from the overdue invoice to the money in the bank",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["account", "account_payment", "portal", "sms", "phone_validation"],
    "data": [
        # security
        # data
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
        # views
        "views/collection_customer_screen.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            # Debian's build of the host lacks this file that mail lists; harmless elsewhere
            ("remove", "mail/static/lib/selfie_segmentation/selfie_segmentation.js"),
            "collection/static/src/customer_screen/**/*",
        ],
        "web.assets_tests": [
            "collection/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "collection/static/tests/**/*.test.js",
        ],
    },
    "uninstall_hook": "uninstall_hook",
    "application": True,
    "installable": True,
}
