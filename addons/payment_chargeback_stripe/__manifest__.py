{
    "name": "Chargebacks by Stripe",
    "summary": "Disputes, fraud warnings and renewed cards as Stripe reports them; evidence sent",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["payment_chargeback", "payment_stripe"],
    "data": ["data/payment_reason_mapping_data.xml"],
    "auto_install": True,
    "installable": True,
}
