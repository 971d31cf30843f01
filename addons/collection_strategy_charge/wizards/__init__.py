from . import collection_strategy_simulation
