from . import test_charge_rule
