"""A case: a number, and the damaged document that follows from it and from nothing else."""

from dataclasses import dataclass
from random import Random

from tests.fuzz import containers, plain, trees
from tests.fuzz.seeds import Seed, seeds

# The real list is one of many, but the slowest: it comes as often as the others.
LEVELS = ("container", "tree", "tree", "tree")


@dataclass(frozen=True, slots=True)
class Case:
    """`label` says how it came about: the document, and each damage to it."""

    label: str
    data: bytes

    @property
    def name(self) -> str:
        return self.label.partition(" ")[0]


def make_case(seed: int, number: int) -> Case:
    """The same for the same numbers."""
    random = Random(f"{seed}:{number}")
    chosen = random.choice(seeds())
    data, done = chosen.data, [chosen.name]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        way, data = _damaged(chosen, data, random)
        done.append(way)
    return Case(" ".join(done), data)


def _damaged(seed: Seed, data: bytes, random: Random) -> tuple[str, bytes]:
    if not seed.main:
        return _by(plain.WAYS, data or b"\n", random)
    try:
        return _of_container(seed, data, random)
    except Exception as error:  # what is no container any more is damaged as bytes
        way, data = _by((containers.flipped, containers.spliced), data or b"PK", random)
        return f"{way}({type(error).__name__})", data


def _of_container(seed: Seed, data: bytes, random: Random) -> tuple[str, bytes]:
    if random.choice(LEVELS) == "container":
        return _by(containers.WAYS, data, random)
    parts = containers.parts_of(data)
    names = [name for name, _ in parts]
    part = seed.main if seed.main in names and random.random() < 0.8 else random.choice(names)
    changed = [(name, trees.mutated(content, random) if name == part else content) for name, content in parts]
    return f"tree:{part}", containers.packed(changed)


def _by(ways: tuple[containers.Way, ...], data: bytes, random: Random) -> tuple[str, bytes]:
    way = random.choice(ways)
    return way.__name__, way(data, random)
