{
    "name": "Chargebacks and Card Renewal",
    "summary": "Disputed charges from the first alert to the outcome; cards renewed, replaced, expiring",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["payment_charge"],
    "data": [
        # security
        "security/ir.model.access.csv",
        "security/payment_chargeback_rules.xml",
        # data
        "data/ir_sequence_data.xml",
        "data/payment_reason_data.xml",
        "data/mail_template_data.xml",
        "data/ir_cron_data.xml",
        # reports
        "report/payment_chargeback_report.xml",
        # wizards: the views below open them
        "wizards/payment_chargeback_open_views.xml",
        "wizards/payment_chargeback_outcome_views.xml",
        "wizards/payment_card_edit_views.xml",
        "wizards/payment_provider_event_assign_views.xml",
        # views
        "views/payment_provider_event_views.xml",
        "views/payment_chargeback_views.xml",
        "views/payment_token_views.xml",
        "views/payment_card_notice_views.xml",
        "views/payment_provider_views.xml",
        "views/payment_charge_attempt_views.xml",
        "views/account_move_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/payment_chargeback_menus.xml",
    ],
    "demo": ["demo/payment_chargeback_demo.xml"],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
