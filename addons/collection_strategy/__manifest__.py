{
    "name": "Collections: Strategies and Worklist",
    "summary": "Whom to contact, when and why: rules, score with reasons, worklist, simulation",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["bus", "collection_message"],
    "data": [
        # security
        "security/ir.model.access.csv",
        "security/collection_strategy_rules.xml",
        # data
        "data/ir_cron_data.xml",
        "data/collection_script_data.xml",
        "data/collection_strategy_template_data.xml",
        "data/collection_strategy_data.xml",
        # wizards: the views below open them
        "wizards/collection_strategy_simulation_views.xml",
        "wizards/collection_strategy_import_views.xml",
        # views
        "views/collection_worklist.xml",
        "views/collection_action_views.xml",
        "views/collection_action_inherited_views.xml",
        "views/collection_script_views.xml",
        "views/collection_worklist_menus.xml",
        "views/collection_strategy_version_views.xml",
        "views/collection_rule_views.xml",
        "views/collection_strategy_views.xml",
        "views/collection_strategy_inherited_views.xml",
        "views/collection_strategy_configuration_menus.xml",
    ],
    "demo": ["demo/collection_strategy_demo.xml"],
    "assets": {
        "web.assets_backend": [
            "collection_strategy/static/src/**/*",
        ],
        "web.assets_tests": [
            "collection_strategy/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "collection_strategy/static/tests/**/*.test.js",
        ],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
