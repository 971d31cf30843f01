{
    "name": "Payment Requests",
    "summary": "Pro-forma and payment request, with the tax invoice once they are paid",
    "version": "19.0.1.0.0",
    "category": "Accounting/Collections",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["account_payment", "portal", "mail"],
    "data": [
        # security
        "security/ir.model.access.csv",
        "security/payment_request_rules.xml",
        # report: the message attaches it
        "reports/payment_request_report.xml",
        # data
        "data/payment_request_data.xml",
        "data/mail_template_data.xml",
        "data/ir_cron_data.xml",
        # wizards: the views below open them
        "wizards/payment_request_pay_views.xml",
        "wizards/payment_request_take_back_views.xml",
        # views
        "views/payment_request_payment_views.xml",
        "views/payment_request_views.xml",
        "views/account_move_views.xml",
        "views/account_payment_views.xml",
        "views/payment_transaction_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/payment_request_portal_templates.xml",
        "views/payment_request_menus.xml",
    ],
    "demo": [
        "demo/payment_request_demo.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "payment_request/static/tests/tours/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
