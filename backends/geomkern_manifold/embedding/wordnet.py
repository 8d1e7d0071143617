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

HYPERNYMS = {"@", "@i"}
"""The relations of a synset to what is above it: hypernym and, for individuals, instance hypernym."""


def wordnet_closure(folder: str | os.PathLike[str] | None = None, root: str | None = None) -> EdgeList:
    """Return the transitive closure of WordNet's hypernyms between nouns.

    A synset is called ``lemma.n.NN``, as by NLTK: NN is the number of this sense among the senses of its first lemma.
    In WordNet 3.0 there are 82,115 of them, and 743,086 pairs of a synset and one above it.

    Parameters
    ----------
    folder : str or os.PathLike, optional
        Where ``data.noun`` and ``index.noun`` are. By default the folder that the environment variable ``WNSEARCHDIR``
        names, or ``dict`` in the one that ``WNHOME`` names, or else where dictionaries are usually installed, such as
        ``/usr/share/wordnet`` (Debian's package ``wordnet-base``).
    root : str, optional
        A synset, to keep only it and what is below it: ``"mammal.n.01"``.

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
    place = _dictionary() if folder is None else Path(folder)
    for file in ("data.noun", "index.noun"):
        if not (place / file).is_file():
            raise FileNotFoundError(f"there is no WordNet dictionary in {os.fspath(place)!r}: it has no file {file!r}")
    offsets, nodes, above = _read_synsets(place / "data.noun", _read_senses(place / "index.noun"))
    child, parent = _numbered(offsets, above, place / "data.noun")
    step = sparse.csr_array((np.ones(len(child), bool), (child, parent)), shape=(len(nodes), len(nodes)))
    closure = _closure(step)
    if root is not None:
        if root not in nodes:
            raise DomainError(f"there is no noun {root!r} in the WordNet dictionary in {os.fspath(place)!r}")
        top = nodes.index(root)
        below = np.union1d(closure[:, [top]].nonzero()[0], [top])
        nodes, closure = [nodes[i] for i in below], closure[below][:, below]
    if closure.nnz == 0:
        raise DomainError(f"there are no hypernyms below {root or 'any noun'!r}")
    child, parent = (ends.astype(np.int32) for ends in closure.nonzero())
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
    return FormatError(f"{os.fspath(path)!r} line {number} is not one of a WordNet dictionary")


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


def _read_synsets(path: Path, senses: dict[str, list[str]]) -> tuple[list[str], list[str], list[list[str]]]:
    """Return the offset and the name of each synset, and the offsets of its hypernyms."""
    offsets, names, above = [], [], []
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
                f"{os.fspath(path)!r} line {number}: index.noun has no sense of {lemma!r} at {offset}"
            ) from error
        offsets.append(offset)
        names.append(f"{lemma}.n.{sense:02d}")
        above.append([to for symbol, to in zip(relations[::4], relations[1::4], strict=True) if symbol in HYPERNYMS])
    return offsets, names, above


def _numbered(offsets: list[str], above: list[list[str]], path: Path) -> tuple[list[int], list[int]]:
    """Return each pair of a synset and a hypernym as their numbers."""
    index = {offset: i for i, offset in enumerate(offsets)}
    child = [i for i, hypernyms in enumerate(above) for _ in hypernyms]
    try:
        return child, [index[offset] for hypernyms in above for offset in hypernyms]
    except KeyError as error:
        raise FormatError(f"{os.fspath(path)!r} has a hypernym at {error.args[0]} and no synset there") from error


def _closure(step: sparse.csr_array) -> sparse.csr_array:
    """Return the transitive closure of a relation: with each round, all paths that are one step longer."""
    closure = step
    while (longer := step + step @ closure).nnz > closure.nnz:
        closure = longer
    return closure
