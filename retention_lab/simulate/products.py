"""The simulated assortment: categories, brands, prices, text, and pairs of products that belong together."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints

CATEGORIES = ("kitchen", "garden", "fashion", "beauty", "toys", "sports", "books", "electronics")
LEVELS = 3  # cheap, middle and premium shelves, among which a customer's spend level chooses
PRODUCTS_PER_CATEGORY = 40
COMPLEMENT_PROBABILITY = 0.35

_MEDIAN_PRICE = np.array([19.0, 21.0, 23.0, 13.5, 15.0, 23.0, 12.0, 32.0])
_MARGIN = np.array([0.40, 0.38, 0.44, 0.46, 0.38, 0.36, 0.32, 0.27])
PEAK_DAY = np.array([330.0, 150.0, 110.0, 40.0, 345.0, 170.0, 350.0, 335.0])
SWING = np.array([0.15, 0.7, 0.25, 0.1, 0.5, 0.35, 0.2, 0.3])
_NOUNS = (
    ("pan", "knife", "bowl", "kettle", "board"),
    ("hose", "spade", "lantern", "planter", "seed box"),
    ("shirt", "scarf", "jacket", "belt", "boots"),
    ("cream", "serum", "soap", "balm", "perfume"),
    ("puzzle", "train set", "doll", "board game", "kite"),
    ("mat", "racket", "bottle", "backpack", "running vest"),
    ("novel", "atlas", "cookbook", "notebook", "picture book"),
    ("headphones", "lamp", "charger", "speaker", "clock"),
)
_BRANDS = ("Alder", "Brook", "Cinder", "Dune", "Ember", "Fjord", "Grove", "Harbour")
_WORDS = ("classic", "light", "large", "handmade", "recycled", "compact", "soft", "sturdy")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products, (P,) arrays, those of one category side by side; prices in the project's currency.

    complement: the product that belongs with it, or -1. weight: (LEVELS, C, products per category), how often
    a customer of that spend level who shops in that category picks each product; sums to 1 over the last
    axis.
    """

    category: Ints
    brand: Ints
    price: Floats
    unit_cost: Floats
    complement: Ints
    weight: Floats

    def pick(self, level: Ints, category: Ints, rng: np.random.Generator) -> Ints:
        """A product for each line, given its customer's spend level and the line's category."""
        levels, categories, per_category = self.weight.shape
        group = level.astype(np.int64) * categories + category
        ladder = (
            np.arange(levels * categories)[:, None] + self.weight.cumsum(2).reshape(-1, per_category)
        ).ravel()
        rung = np.searchsorted(ladder, group + rng.random(len(group)), side="right")
        within = np.clip(rung - group * per_category, 0, per_category - 1)
        return np.asarray(category * per_category + within, dtype=np.int64)

    def line_means(self) -> tuple[Floats, Floats, Floats, Floats]:
        """(LEVELS, C) each: mean price and contribution of one piece, and of the complement it brings."""
        gain = self.price - self.unit_cost
        paired = np.where(self.complement >= 0, COMPLEMENT_PROBABILITY, 0.0)
        means = (self.price, gain, paired * self.price[self.complement], paired * gain[self.complement])
        shape = self.weight.shape[1:]
        price, contribution, more_price, more_contribution = (
            np.asarray((self.weight * value.reshape(shape)).sum(2), dtype=np.float64) for value in means
        )
        return price, contribution, more_price, more_contribution


def draw_catalogue(noise: float, rng: np.random.Generator) -> Catalogue:
    """An assortment whose prices spread lognormally about each category's level, wider with more noise."""
    categories, per_category = len(CATEGORIES), PRODUCTS_PER_CATEGORY
    count = categories * per_category
    category = np.repeat(np.arange(categories), per_category)
    spread = 0.1 + 0.35 * noise
    score = rng.standard_normal((categories, per_category))
    # divided by the lognormal's mean factor, so that more noise does not mean more money
    price = _MEDIAN_PRICE[category] * np.exp(
        spread * np.clip(score.ravel(), -2.5, 2.5) - spread**2 / 2 + 0.18
    )
    price = np.maximum(np.round(price) - 0.05, 0.95)
    margin = np.clip(_MARGIN[category] + rng.normal(0, 0.05, count), 0.08, 0.7)
    popularity = rng.gamma(0.8, 1.0, (categories, per_category)) + 0.05
    lean = np.array([-0.7, 0.0, 0.7])[:, None, None]
    weight = popularity * np.exp(lean * score)
    return Catalogue(
        category=category,
        brand=rng.integers(0, len(_BRANDS), count),
        price=price,
        unit_cost=np.round(price * (1 - margin), 2),
        complement=_pair_up(count, rng),
        weight=weight / weight.sum(2, keepdims=True),
    )


def products_table(catalogue: Catalogue, rng: np.random.Generator) -> pa.Table:
    """The contract's table of products, with English titles and descriptions."""
    count = len(catalogue.price)
    words = rng.integers(0, len(_WORDS), (count, 2))
    noun = rng.integers(0, 5, count)
    titles, descriptions = [], []
    for i in range(count):
        category, thing = CATEGORIES[catalogue.category[i]], _NOUNS[catalogue.category[i]][noun[i]]
        first, second, brand = _WORDS[words[i, 0]], _WORDS[words[i, 1]], _BRANDS[catalogue.brand[i]]
        titles.append(f"{brand} {first} {thing}")
        descriptions.append(f"A {first}, {second} {thing} by {brand}, from our {category} range.")
    return pa.table(
        {
            "product_id": product_ids(catalogue),
            "category": pa.array([CATEGORIES[c] for c in catalogue.category], pa.string()),
            "brand": pa.array([_BRANDS[b] for b in catalogue.brand], pa.string()),
            "price": pa.array(catalogue.price, pa.float64()),
            "title": pa.array(titles, pa.string()),
            "description": pa.array(descriptions, pa.string()),
            "stock": pa.array(rng.negative_binomial(2, 0.02, count), pa.int64()),
        }
    )


def product_ids(catalogue: Catalogue) -> pa.Array:
    """(P,) text ids in catalogue order."""
    return pa.array([f"P{i:04d}" for i in range(1, len(catalogue.price) + 1)], pa.string())


def complementary_pairs(catalogue: Catalogue) -> pa.Table:
    """The planted pairs: who buys `product_id` adds `complement_id` with a fixed probability."""
    ids = product_ids(catalogue)
    first = np.flatnonzero(catalogue.complement >= 0)
    return pa.table({"product_id": ids.take(first), "complement_id": ids.take(catalogue.complement[first])})


def _pair_up(count: int, rng: np.random.Generator) -> Ints:
    """Every fifth product brings a partner of its own, mostly from another category."""
    complement = np.full(count, -1, dtype=np.int64)
    shuffled = rng.permutation(count)
    pairs = count // 5
    complement[shuffled[:pairs]] = shuffled[pairs : 2 * pairs]
    return complement
