{
    "name": "Recurring Documents",
    "summary": "Standing orders: each period billed, charged and sent, once",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["payment_charge", "payment_request"],
    "data": [
        # security
        "security/ir.model.access.csv",
        "security/recurring_document_rules.xml",
        # data
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
        # reports
        "report/recurring_document_report.xml",
        # wizards: the views below open them
        "wizards/recurring_pause_views.xml",
        "wizards/recurring_resume_views.xml",
        "wizards/recurring_stop_views.xml",
        "wizards/recurring_apply_views.xml",
        # views
        "views/recurring_period_views.xml",
        "views/recurring_document_views.xml",
        "views/recurring_run_views.xml",
        "views/recurring_template_views.xml",
        "views/recurring_index_views.xml",
        "views/payment_charge_attempt_views.xml",
        "views/account_move_views.xml",
        "views/payment_request_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/recurring_document_menus.xml",
        # has a menu of its own
        "wizards/recurring_import_views.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "recurring_document/static/tests/tours/**/*",
        ],
    },
    "demo": ["demo/recurring_document_demo.xml"],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
