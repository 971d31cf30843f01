{
    "name": "Charging: a Provider for Tests",
    "summary": "A payment provider that does what it is told and counts what it was really asked",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "license": "LGPL-3",
    "author": "Collection Suite contributors",
    "website": "https://github.com/collection-suite/collection-suite",
    "depends": ["payment_charge"],
    "data": ["security/ir.model.access.csv", "data/payment_provider_data.xml"],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
