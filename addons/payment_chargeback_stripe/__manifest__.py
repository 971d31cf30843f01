{
    "name": "Chargebacks by Stripe",
    "summary": "Disputes, fraud warnings and renewed cards as Stripe reports them; evidence sent",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["payment_chargeback", "payment_stripe"],
    "data": [
        "security/ir.model.access.csv",
        "data/payment_reason_mapping_data.xml",
        "views/payment_provider_views.xml",
    ],
    "demo": ["demo/payment_chargeback_stripe_demo.xml"],
    "auto_install": True,
    "installable": True,
}
