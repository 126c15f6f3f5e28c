"""What does not change about the retailer: settings, customers, their persuasion, the assortment."""

from dataclasses import dataclass

import pyarrow as pa

from retention_lab.simulate.customers import People
from retention_lab.simulate.difficulty import Difficulty
from retention_lab.simulate.persuasion import Persuasion
from retention_lab.simulate.products import Catalogue


@dataclass(frozen=True, slots=True)
class World:
    """The constants of one retailer; ids are text, in the order of the arrays."""

    difficulty: Difficulty
    people: People
    persuasion: Persuasion
    catalogue: Catalogue
    customer_ids: pa.StringArray
    product_ids: pa.StringArray
