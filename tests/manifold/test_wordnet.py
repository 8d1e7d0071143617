"""The closure of WordNet's nouns, of a dictionary made up here and of the true one."""

import hashlib
import os
import shutil

import pytest

from geomkern.errors import DomainError, FormatError
from geomkern_manifold.embedding import HyperbolicEmbedding, read_edges, wordnet, wordnet_closure

LICENCE = "  1 This software and database is being provided to you, the LICENSEE, | by  \n"
INDEX = """
animal n 1 2 @ ~ 1 0 00000020
being n 1 1 ~ 1 1 00000010
cat n 2 1 @ 2 1 00000040 00000030
creature n 2 1 @ 2 0 00000060 00000020
tiger n 1 1 @ 1 0 00000040
tom n 1 1 @i 1 0 00000050
"""
DATA = """
00000010 03 n 01 being 0 001 ~ 00000020 n 0000 | what is
00000020 03 n 02 animal 0 creature 0 002 @ 00000010 n 0000 ~ 00000030 n 0000 | it moves | or not
00000030 05 n 01 cat 1 001 @ 00000020 n 0000 | a pet
00000040 05 n 02 Cat 0 tiger 0 001 @ 00000020 n 0000 | a wild animal
00000050 18 n 01 Tom 0 003 @i 00000030 n 0000 %p 00000010 n 0000 ;c 00000010 n 0000 | whom Jerry knows
00000060 05 n 01 creature 0 001 @ 00000050 n 0000 | somebody like Tom
"""
CLOSURE = {
    ("animal.n.01", "being.n.01"),
    ("cat.n.01", "animal.n.01"),
    ("cat.n.01", "being.n.01"),
    ("cat.n.02", "animal.n.01"),
    ("cat.n.02", "being.n.01"),
    ("creature.n.01", "tom.n.01"),  # and not what Tom is an instance of
    ("tom.n.01", "cat.n.02"),
    ("tom.n.01", "animal.n.01"),
    ("tom.n.01", "being.n.01"),
}


@pytest.fixture
def dictionary(tmp_path):
    (tmp_path / "index.noun").write_text(LICENCE + INDEX.lstrip())
    (tmp_path / "data.noun").write_text(LICENCE + DATA.lstrip())
    return tmp_path


@pytest.fixture(scope="module")
def nouns():
    try:
        return read_edges("nouns")
    except FileNotFoundError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(str(error))


def pairs(edges):
    return {(edges.nodes[u], edges.nodes[v]) for u, v in zip(edges.child.tolist(), edges.parent.tolist(), strict=True)}


def test_synsets_are_called_by_their_first_lemma_and_its_sense(dictionary):
    edges = wordnet_closure(dictionary)
    assert edges.nodes == ["being.n.01", "animal.n.01", "cat.n.02", "cat.n.01", "tom.n.01", "creature.n.01"]
    assert pairs(edges) == CLOSURE
    assert edges.report == (len(CLOSURE), 0, 0, 0, 0)


def test_what_is_below_a_root(dictionary):
    edges = wordnet_closure(str(dictionary), "animal.n.01")
    assert edges.nodes == ["animal.n.01", "cat.n.02", "cat.n.01", "tom.n.01"]
    assert pairs(edges) == {pair for pair in CLOSURE if set(pair) <= set(edges.nodes)}


@pytest.mark.parametrize(("root", "message"), [("dog.n.01", "no noun 'dog.n.01'"), ("cat.n.01", "below 'cat.n.01'")])
def test_a_root_needs_something_below_it(dictionary, root, message):
    with pytest.raises(DomainError, match=message):
        wordnet_closure(dictionary, root)


def test_a_dictionary_without_relations_has_no_closure(dictionary):
    (dictionary / "data.noun").write_text("00000010 03 n 01 being 0 000 | what is\n")
    with pytest.raises(DomainError, match=r"no noun .* is below another"):
        wordnet_closure(dictionary)


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        ("data.noun", "0 001 ~", "0 002 ~", "data.noun' line 2 is not one of"),
        ("data.noun", "00000020 03 n 02", "00000020 03 n zz", "data.noun' line 3 is not one of"),
        ("data.noun", "00000060 05 n 01 creature 0 001", "00000060 05", "data.noun' line 7 is not one of"),
        ("data.noun", "a wild", "\0", None),
        ("data.noun", "@i 00000030", "@i 00000031", "data.noun' has a hypernym at 00000031 and no synset there"),
        ("data.noun", "01 being", "01 been", "data.noun' line 2: index.noun has no sense of 'been' at 00000010"),
        ("index.noun", "00000040 00000030", "00000040 00000031", "data.noun' line 4: index.noun has no sense of 'cat'"),
        ("index.noun", "cat n 2", "cat n 3", "index.noun' line 4 is not one of"),
        ("index.noun", "being n 1 1", "being n", "index.noun' line 3 is not one of"),
        ("index.noun", "being n", "b\x80ing n", "index.noun' line 3 is not one of"),
    ],
)
def test_a_damaged_dictionary(dictionary, file, before, after, message):
    path = dictionary / file
    text = path.read_text()
    assert before in text
    path.write_bytes(text.replace(before, after, 1).encode("latin-1"))
    if message is None:  # definitions are not read
        assert pairs(wordnet_closure(dictionary)) == CLOSURE
        return
    with pytest.raises(FormatError, match=message):
        wordnet_closure(dictionary)


def test_where_a_dictionary_is_looked_for(dictionary, monkeypatch):
    for name in ("WNSEARCHDIR", "WNHOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wordnet, "FOLDERS", (str(dictionary / "none"), str(dictionary)))
    assert pairs(wordnet_closure()) == pairs(read_edges("nouns")) == CLOSURE
    monkeypatch.setattr(wordnet, "FOLDERS", ("/nowhere",))
    with pytest.raises(FileNotFoundError, match=r"in /nowhere: install one .*wordnet-base.*WNSEARCHDIR"):
        read_edges("nouns")
    monkeypatch.setenv("WNHOME", str(dictionary / "home"))
    with pytest.raises(FileNotFoundError, match=r"home/dict': it has no file 'data.noun'"):
        wordnet_closure()
    shutil.copytree(dictionary, dictionary / "home" / "dict", ignore=lambda *_: ["home"])
    assert pairs(wordnet_closure()) == CLOSURE
    monkeypatch.setenv("WNSEARCHDIR", str(dictionary / "home"))
    with pytest.raises(FileNotFoundError, match=r"home': it has no file 'data.noun'"):
        wordnet_closure()
    (dictionary / "index.noun").unlink()
    with pytest.raises(FileNotFoundError, match=r"it has no file 'index.noun'"):
        wordnet_closure(dictionary)


def test_the_nouns_of_wordnet(nouns):
    assert (len(nouns.nodes), len(nouns.child)) == (82_115, 743_086)
    assert nouns.report == (743_086, 0, 0, 0, 0)
    text = "".join(sorted(f"{child}\t{parent}\n" for child, parent in pairs(nouns)))
    checksum = "06067a0c7aaa0aa70edcacddf23e9d11844fa4823e54cd9ba55435055c1e1123"
    assert hashlib.sha256(text.encode()).hexdigest() == checksum


@pytest.mark.usefixtures("nouns")
def test_the_mammals_of_wordnet_are_those_that_come_with_the_package():
    mammals = pairs(wordnet_closure(root="mammal.n.01"))
    shipped = pairs(read_edges("mammals"))
    assert mammals - shipped == {("female_mammal.n.01", "mammal.n.01"), ("tusker.n.01", "mammal.n.01")}
    assert not shipped - mammals


@pytest.mark.slow
def test_the_nouns_are_embedded_as_well_as_papers_report(nouns):
    """Nickel and Kiela (2017) print a mean rank of 4.02 and a mean average precision of .851 in ten dimensions."""
    model = HyperbolicEmbedding(10, negatives=10, epochs=30, rng=0).fit(nouns)
    found = model.evaluate()
    assert found.mean_rank < 4.02
    assert found.mean_average_precision > 0.88
