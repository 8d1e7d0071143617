"""The hierarchy of nouns, from the files of a WordNet dictionary."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse

from geomkern.errors import DomainError, FormatError

from .edges import EdgeList, edge_list

__all__ = ["wordnet_closure"]

FOLDERS = ("/usr/share/wordnet", "/usr/local/WordNet-3.0/dict", "/usr/local/share/wordnet")
"""Where dictionaries are usually installed."""

Pair = tuple[str, str]

HYPERNYM, INSTANCE_HYPERNYM = "@", "@i"
"""The relations of a synset to what is above it; the second is that of an individual to its kind."""


def wordnet_closure(folder: str | os.PathLike[str] | None = None, root: str | None = None) -> EdgeList:
    """Return the transitive closure of WordNet's hypernyms between nouns.

    One synset is above another if hypernyms lead to it, or instance hypernyms and from there hypernyms. In WordNet 3.0
    there are 743,086 such pairs among 82,115 synsets. These are called ``lemma.n.NN``, as by NLTK, where NN is the
    number of the sense among those of the first lemma.

    Parameters
    ----------
    folder : str or os.PathLike, optional
        Where ``data.noun`` and ``index.noun`` are. By default the folder that the environment variable ``WNSEARCHDIR``
        names, or ``dict`` in the one that ``WNHOME`` names, or else where dictionaries are usually installed, such as
        ``/usr/share/wordnet`` (Debian's package ``wordnet-base``).
    root : str, optional
        A synset, to keep only it and what is below it. Below ``"mammal.n.01"`` are the built-in ``mammals``, and
        ``female_mammal.n.01`` and ``tusker.n.01``, which that data set does without.

    Returns
    -------
    EdgeList
        With the synsets in the order of the dictionary.

    Raises
    ------
    FileNotFoundError
        If there is no dictionary.
    FormatError
        If the files are not those of a dictionary. The message names the line.
    DomainError
        If there is no synset `root`, or none below it.

    References
    ----------
    The files are described in WordNet's manual, section 5, "wndb". The closure is the data set of Nickel and Kiela,
    "Poincaré embeddings for learning hierarchical representations", NeurIPS 2017.
    """
    dictionary = _dictionary() if folder is None else Path(folder)
    for file in ("data.noun", "index.noun"):
        if not (dictionary / file).is_file():
            raise FileNotFoundError(f"there is no WordNet dictionary in {str(dictionary)!r}: it has no file {file!r}")
    data = dictionary / "data.noun"
    names, pairs = _read_synsets(data, _read_senses(dictionary / "index.noun"))
    place = {offset: i for i, offset in enumerate(names)}
    hypernyms, kinds = (_closure(_matrix(pairs[symbol], place, data)) for symbol in (HYPERNYM, INSTANCE_HYPERNYM))
    closure, nodes = hypernyms + kinds + kinds @ hypernyms, list(names.values())
    if root is not None:
        if root not in nodes:
            raise DomainError(f"there is no noun {root!r} in the WordNet dictionary in {str(dictionary)!r}")
        top = nodes.index(root)
        below = np.union1d(closure[:, [top]].nonzero()[0], [top])
        nodes, closure = [nodes[i] for i in below], closure[below][:, below]
    child, parent = (ends.astype(np.int32) for ends in closure.nonzero())
    if len(child) == 0:
        raise DomainError(
            f"no noun in the WordNet dictionary in {str(dictionary)!r} is below {repr(root) if root else 'another'}"
        )
    return edge_list(list(nodes), child, parent)


def _dictionary() -> Path:
    """Return the folder that the environment names, or the first where there is a dictionary."""
    if folder := os.environ.get("WNSEARCHDIR"):
        return Path(folder)
    if home := os.environ.get("WNHOME"):
        return Path(home, "dict")
    for folder in FOLDERS:
        if Path(folder, "data.noun").is_file():
            return Path(folder)
    raise FileNotFoundError(
        f"there is no WordNet dictionary in {', '.join(FOLDERS)}: install one (on Debian and Ubuntu: apt-get install "
        "wordnet-base), or unpack WordNet 3.0 and let the environment variable WNSEARCHDIR name its folder dict"
    )


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line and its fields; the licence, whose lines begin with a space, is skipped."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith(b" "):
                try:
                    yield number, line.partition(b"|")[0].decode().split()
                except UnicodeDecodeError as error:
                    raise _not_a_dictionary(path, number) from error


def _not_a_dictionary(path: Path, number: int) -> FormatError:
    return FormatError(f"{str(path)!r} line {number} is not one of a WordNet dictionary")


def _read_senses(path: Path) -> dict[str, list[str]]:
    """Return the offsets of the senses of each lemma, in their order."""
    senses = {}
    for number, fields in _lines(path):
        try:
            lemma, count, pointers = fields[0], int(fields[2]), int(fields[3])
            senses[lemma] = fields[6 + pointers :]
        except (IndexError, ValueError) as error:
            raise _not_a_dictionary(path, number) from error
        if len(senses[lemma]) != count:
            raise _not_a_dictionary(path, number)
    return senses


def _read_synsets(path: Path, senses: dict[str, list[str]]) -> tuple[dict[str, str], dict[str, list[Pair]]]:
    """Return the name of the synset at each offset, and the pairs of offsets in each of the two relations."""
    names: dict[str, str] = {}
    pairs: dict[str, list[Pair]] = {HYPERNYM: [], INSTANCE_HYPERNYM: []}
    for number, fields in _lines(path):
        try:
            offset, lemma, pointers = fields[0], fields[4].lower(), 4 + 2 * int(fields[3], 16)
            relations = fields[pointers + 1 :]
            if len(relations) != 4 * int(fields[pointers]):
                raise ValueError("a relation has four fields")
        except (IndexError, ValueError) as error:
            raise _not_a_dictionary(path, number) from error
        try:
            sense = senses[lemma].index(offset) + 1
        except (KeyError, ValueError) as error:
            raise FormatError(
                f"{str(path)!r} line {number}: index.noun has no sense of {lemma!r} at {offset}"
            ) from error
        names[offset] = f"{lemma}.n.{sense:02d}"
        for symbol, above in zip(relations[::4], relations[1::4], strict=True):
            if symbol in pairs:
                pairs[symbol].append((offset, above))
    return names, pairs


def _matrix(pairs: list[Pair], place: dict[str, int], path: Path) -> sparse.csr_array:
    """Return a relation as a matrix: entry (u, v) is True where it leads from u to v."""
    try:
        child, parent = [place[low] for low, _ in pairs], [place[high] for _, high in pairs]
    except KeyError as error:
        raise FormatError(f"{str(path)!r} has a hypernym at {error.args[0]} and no synset there") from error
    return sparse.csr_array((np.ones(len(pairs), bool), (child, parent)), shape=(len(place), len(place)))


def _closure(step: sparse.csr_array) -> sparse.csr_array:
    """Return the transitive closure of a relation: with each round, all paths that are one step longer."""
    closure = step
    while (longer := step + step @ closure).nnz > closure.nnz:
        closure = longer
    return closure
