"""Edges from pairs and from files, and the tree inside them."""

import gzip
import itertools

import numpy as np
import pytest

from geomkern.errors import DomainError, DTypeError, FormatError, ShapeError
from geomkern_manifold.embedding import circular_layout, index_edges, read_edges, spanning_tree, transitive_reduction


def write(folder, name, content):
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def test_index_edges_sorts_and_numbers():
    edges = index_edges([("c", "b"), ("c", "a"), ("b", "a")])
    assert edges.nodes == ["c", "b", "a"]
    assert edges.child.tolist() == [0, 0, 1]
    assert edges.parent.tolist() == [1, 2, 2]
    assert edges.first.tolist() == [0, 2, 3, 3]
    assert edges.graph().toarray().tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize("names", [np.array([[1, 2], [2, 3]]), [(1, 2), [2, 3]], ((1, 2) for _ in range(1))])
def test_index_edges_takes_arrays_lists_and_generators(names):
    assert index_edges(names).nodes[:2] == [1, 2]


def test_loops_and_repetitions_are_left_out_and_counted():
    with pytest.warns(UserWarning, match="2 self-loops and 1 repeated edge$"):
        edges = index_edges([("a", "b"), ("a", "a"), ("b", "b"), ("a", "b")])
    assert len(edges.parent) == 1
    with pytest.warns(UserWarning, match="left out of the edges: 2 repeated edges$"):
        index_edges([("a", "b")] * 3)


@pytest.mark.parametrize(
    ("edges", "error", "message"),
    [
        ([], DomainError, "at least one edge"),
        ([("a", "a")], DomainError, "all 1 are self-loops"),
        ([("a", "b"), ("a", "b", "c")], ShapeError, "number 1 is"),
        (["ab"], ShapeError, "number 0 is 'ab'"),
        ([1], ShapeError, "pairs"),
        (np.zeros((2, 3), int), ShapeError, r"not \(2, 3\)"),
        (np.zeros(4, int), ShapeError, r"not \(4,\)"),
        (np.zeros((2, 2)), DTypeError, "float64"),
        ([([1], "b")], DTypeError, "hash"),
    ],
)
def test_index_edges_explains_what_is_wrong(edges, error, message):
    with pytest.raises(error, match=message):
        index_edges(edges)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.tsv", "a\tb\nb\tc d\n"),
        ("e.txt", "\ufeffchild\tparent\n# a comment\n\na\tb\r\nb\tc d"),
        ("e.csv", 'id1,id2\na,b\nb,"c d"\n'),
        ("e.tsv.gz", "a\tb\nb\tc d\n"),
        ("e.csv.gz", "a,b\nb,c d\n"),
    ],
)
def test_read_edges(tmp_path, name, content):
    assert read_edges(write(tmp_path, name, content)) == [("a", "b"), ("b", "c d")]


def test_read_edges_keeps_quotes_in_tab_separated_files(tmp_path):
    assert read_edges(write(tmp_path, "e.tsv", '"a\tb"\n')) == [('"a', 'b"')]


def test_built_in_mammals():
    edges = index_edges(read_edges("mammals"))
    assert (len(edges.nodes), len(edges.parent)) == (1180, 6540)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.tsv", "a\tb\na\tb\tc\n", "line 2: an edge needs 2 columns separated by tabs, not 3"),
        ("e.tsv", "a b\n", "line 1: an edge needs 2 columns separated by tabs, not 1"),
        ("e.csv", "a,b\n\nb\n", "line 3: an edge needs 2 columns separated by commas, not 1"),
        ("e.csv", 'a,"b\n', "line 1"),
        ("e.tsv", "a\t\n", "line 1: an edge needs two names"),
        ("e.tsv", "", "holds no edges"),
        ("e.tsv", "child\tparent\n", "holds no edges"),
        ("e.tsv", b"a\tb\nc\t\xff\n", "line 2: byte 3 is not UTF-8"),
        ("e.tsv", "a\tb\n".encode("utf-16"), "line 1: byte 1 is not UTF-8"),
    ],
)
def test_read_edges_names_the_line(tmp_path, name, content, message):
    with pytest.raises(FormatError, match=message):
        read_edges(write(tmp_path, name, content))


def test_read_edges_needs_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no built-in set of that name"):
        read_edges(tmp_path / "none.tsv")
    with pytest.raises(IsADirectoryError, match="cannot read"):
        read_edges(tmp_path)
    for damaged in (b"a\tb\n", gzip.compress(b"a\tb\n" * 1000)[:-20]):
        path = tmp_path / "e.tsv.gz"
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match="not a complete gzip file"):
            read_edges(path)


def closure(parent):
    pairs = []
    for child in range(len(parent)):
        above = parent[child]
        while above >= 0:
            pairs.append((child, above))
            above = parent[above]
    return index_edges(pairs)


def test_transitive_reduction_of_a_closure_is_the_tree():
    rng = np.random.default_rng(0)
    parent = [-1] + [int(rng.integers(0, i)) for i in range(1, 50)]
    edges = closure(parent)
    reduced = transitive_reduction(edges.graph())
    child, above = reduced.nonzero()
    found = {(edges.nodes[u], edges.nodes[v]) for u, v in zip(child, above, strict=True)}
    assert found == {(u, v) for u, v in enumerate(parent) if v >= 0}
    tree = spanning_tree(edges.graph())
    assert all(tree.parent[u] < 0 or edges.nodes[tree.parent[u]] == parent[edges.nodes[u]] for u in range(50))
    place = np.argsort(tree.order)
    assert all(tree.parent[u] < 0 or place[tree.parent[u]] < place[u] for u in range(50))
    root = edges.nodes.index(0)
    assert tree.leaves[root] == 50 - len({v for v in parent if v >= 0})
    assert tree.depth[root] == 0
    assert tree.depth.max() == max(np.diff(edges.first))


@pytest.mark.parametrize(
    "pairs",
    [
        [(0, 1), (1, 2), (2, 0), (3, 0)],
        [(0, 1), (1, 0), (2, 3), (3, 2), (4, 3)],
        [(a, b) for a in range(5) for b in range(5) if a != b],
        [(0, 1), (2, 1), (2, 3)],
    ],
)
def test_a_spanning_tree_reaches_every_node_of_any_graph(pairs):
    graph = index_edges(pairs).graph()
    tree = spanning_tree(graph)
    n = graph.shape[0]
    assert sorted(tree.order) == list(range(n))
    for u in range(n):
        assert tree.parent[u] < 0 or graph[u, tree.parent[u]]
    assert tree.leaves[tree.parent < 0].sum() == np.sum(tree.leaves[np.setdiff1d(np.arange(n), tree.parent)])
    points = circular_layout(tree)
    assert points.shape == (n, 2)
    assert np.linalg.norm(points, axis=1).max() < 1


def test_circular_layout_gives_every_subtree_its_own_sector():
    edges = closure([-1, 0, 0, 1, 1, 2, 2, 2])
    points = circular_layout(spanning_tree(edges.graph()))
    angle = dict(zip(edges.nodes, np.arctan2(points[:, 1], points[:, 0]) % (2 * np.pi), strict=True))
    radius = dict(zip(edges.nodes, np.linalg.norm(points, axis=1), strict=True))
    assert radius[0] == 0
    assert 0 < radius[1] < radius[3]
    families = [1 if node in (1, 3, 4) else 2 for node in sorted(angle, key=angle.get) if node]
    assert sum(a != b for a, b in itertools.pairwise(families)) == 1
