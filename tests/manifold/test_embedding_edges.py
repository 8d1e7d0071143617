"""Edges from memory and from files, and the tree inside them."""

import gzip
import itertools
import re
import subprocess
import sys
import textwrap

import networkx
import numpy as np
import pyarrow.parquet
import pytest
from scipy import sparse

from geomkern.errors import BackendUnavailable, DomainError, DTypeError, FormatError, ShapeError
from geomkern_manifold.embedding import (
    EdgeReport,
    circular_layout,
    index_edges,
    read_edges,
    reading,
    spanning_tree,
    transitive_reduction,
)


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


def by_name(edges):
    """What an EdgeList says, in names."""
    weight = [1.0] * len(edges.child) if edges.weight is None else edges.weight.tolist()
    ends = zip(edges.child.tolist(), edges.parent.tolist(), weight, strict=True)
    return {(edges.nodes[u], edges.nodes[v]): w for u, v, w in ends}


def assert_in_order(edges):
    """Compressed rows and pairs agree, and all of it is sorted."""
    pairs = np.column_stack([edges.child, edges.parent]).tolist()
    assert pairs == sorted(map(list, set(map(tuple, pairs))))
    assert np.array_equal(edges.first, np.searchsorted(edges.child, np.arange(len(edges.nodes) + 1)))
    types = {"child": np.int32, "parent": np.int32, "first": np.int64, "weight": np.float32}
    assert all(v.dtype == types[k] for k in types if (v := getattr(edges, k)) is not None)


@pytest.mark.parametrize("kind", [np.int16, np.int64, np.uint64, str, object])
def test_arrays_are_numbered_like_lists(kind):
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, 1 << 62 if kind in (np.int64, np.uint64, object) else 1 << 14, 300)[
        rng.integers(0, 300, (150_000, 2))
    ]
    pairs = pairs.astype(kind)
    with pytest.warns(UserWarning, match="left out"):
        edges = index_edges(pairs)
    with pytest.warns(UserWarning, match="left out"):
        expected = index_edges(pairs.tolist())
    assert edges.nodes == expected.nodes == list(dict.fromkeys(pairs.ravel().tolist()))
    assert np.array_equal(edges.child, expected.child)
    assert np.array_equal(edges.parent, expected.parent)
    assert edges.report == expected.report
    assert by_name(edges).keys() == {(u, v) for u, v in pairs.tolist() if u != v}
    assert_in_order(edges)


def test_arrays_keep_the_greatest_and_the_least_of_their_numbers():
    assert index_edges(np.array([[2**64 - 1, 0]], np.uint64)).nodes == [2**64 - 1, 0]
    assert index_edges(np.array([[-(2**63), -1]])).nodes == [-(2**63), -1]


def test_loops_and_repetitions_are_left_out_and_counted():
    with pytest.warns(UserWarning, match="2 self-loops and 1 repeated edge$"):
        edges = index_edges([("a", "b"), ("a", "a"), ("b", "b"), ("a", "b")])
    assert len(edges.parent) == 1
    assert edges.report == (4, 2, 1, 0, 0)
    with pytest.warns(UserWarning, match="left out of the edges: 2 repeated edges$") as caught:
        index_edges([("a", "b")] * 3)
    assert caught[0].filename == __file__


def test_of_an_edge_with_two_weights_the_first_counts():
    rows = [("a", "b", 2), ("b", "a", 1), ("c", "a", 3), ("a", "b", 2.0), ("a", "b", 5), ("c", "c", 7)]
    with pytest.warns(UserWarning, match="1 self-loop and 2 repeated edges, 1 of them with another weight"):
        edges = index_edges(rows)
    assert by_name(edges) == {("a", "b"): 2, ("b", "a"): 1, ("c", "a"): 3}
    assert edges.report == EdgeReport(read=6, loops=1, repeated=2, conflicting=1, mutual=1)


def test_edges_in_both_directions_are_counted_and_kept():
    pairs = np.unique(np.random.default_rng(1).integers(0, 60, (900, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    edges = index_edges(pairs)
    given = set(map(tuple, pairs.tolist()))
    assert edges.report == (len(given), 0, 0, 0, sum((v, u) in given for u, v in given) // 2)
    assert by_name(edges).keys() == given


def test_weights_of_one_are_no_weights():
    assert index_edges([("a", "b", 1), ("b", "c", 1.0)]).weight is None
    assert index_edges([("a", "b")]).weight is None


@pytest.mark.parametrize("form", [sparse.coo_array, sparse.csr_matrix, sparse.csc_array])
def test_sparse_matrices(form):
    rng = np.random.default_rng(2)
    dense = np.where(rng.random((40, 40)) < 0.2, rng.random((40, 40)) + 0.5, 0)
    np.fill_diagonal(dense, 0)
    dense[7], dense[:, 7] = 0, 0
    edges = index_edges(form(dense))
    assert edges.nodes == list(range(40))
    assert_in_order(edges)
    u, v = dense.nonzero()
    assert by_name(edges) == dict(zip(zip(u.tolist(), v.tolist(), strict=True), dense[u, v].astype("f"), strict=True))
    assert index_edges(form(dense > 0)).weight is None
    assert np.array_equal(index_edges(form(dense > 0)).graph().toarray(), dense > 0)


def test_entries_of_a_sparse_matrix_that_are_zero_are_no_edges():
    matrix = sparse.coo_array(([0.0, 2.0, 1.0], ([0, 1, 1], [1, 2, 2])), shape=(3, 3))
    assert by_name(index_edges(matrix)) == {(1, 2): 3}


def test_graphs_of_networkx():
    graph = networkx.DiGraph([("cat", "mammal"), ("mammal", "animal")])
    graph.add_node("stone")
    graph.add_edge("dog", "mammal", weight=2.5)
    edges = index_edges(graph)
    assert edges.nodes == list(graph.nodes)
    assert by_name(edges) == {("cat", "mammal"): 1, ("mammal", "animal"): 1, ("dog", "mammal"): 2.5}
    undirected = index_edges(networkx.path_graph(3))
    assert by_name(undirected).keys() == {(0, 1), (1, 0), (1, 2), (2, 1)}
    assert undirected.report == (4, 0, 0, 0, 2)
    several = networkx.MultiDiGraph([(0, 1), (0, 1)])
    with pytest.warns(UserWarning, match="1 repeated edge"):
        assert by_name(index_edges(several)) == {(0, 1): 1}


def test_data_frames():
    class Frame:
        def itertuples(self, index, name):
            assert (index, name) == (False, None)
            return iter([("a", "b", 0.5), ("b", "c", 2)])

    assert by_name(index_edges(Frame())) == {("a", "b"): 0.5, ("b", "c"): 2}


@pytest.mark.parametrize(
    ("edges", "error", "message"),
    [
        ([], DomainError, "at least one edge"),
        ([("a", "a")], DomainError, "all 1 are self-loops"),
        ([("a", "b"), ("a", "b", "c")], ShapeError, "number 1 is"),
        ([("a", "b", 1), ("a", "b")], ShapeError, "weight.*number 1 is"),
        (["ab"], ShapeError, "number 0 is 'ab'"),
        ([1], ShapeError, "pairs"),
        (np.zeros((2, 3), int), ShapeError, r"not \(2, 3\)"),
        (np.zeros(4, int), ShapeError, r"not \(4,\)"),
        (np.zeros((0, 2), int), DomainError, "at least one edge"),
        (np.zeros((2, 2)), DTypeError, "float64"),
        ([([1], "b")], DTypeError, "hash"),
        ([("a", "b", "0.5")], DTypeError, "weights that are numbers; number 0"),
        ([("a", "b", 1), ("b", "c", 0)], DomainError, "edge number 1 is 0.0"),
        ([("a", "b", -1)], DomainError, "positive finite number; that of edge number 0 is -1.0"),
        ([("a", "b", np.nan)], DomainError, "nan"),
        ([("a", "b", 1e39)], DomainError, "positive finite"),
        ([("a", "b", 1e-50)], DomainError, "positive finite"),
        (sparse.csr_array((2, 3)), ShapeError, r"square sparse matrix, not one of shape \(2, 3\)"),
        (sparse.csr_array((2, 2)), DomainError, "at least one edge"),
        (sparse.csr_array([[0, -1.0], [0, 0]]), DomainError, "is -1.0"),
        (sparse.csr_array([[0, 1j], [0, 0]]), DTypeError, "complex"),
        (7, DTypeError, "not int"),
        (index_edges([("a", "b")]), DTypeError, "not EdgeList"),
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
        ("e.csv", 'a,b\r\n\r\nb,"c d"\r\n'),
        ("e.csv", '"ID1","id2"\n"a","b"\n# "\nb,c d'),
        ("e.tsv", "#\tx\n\u3000a\u2003\tb\xa0\n\x1cb\t c d\x85\u1680"),
        ("e.tsv.gz", "a\tb\nb\tc d\n"),
        ("e.csv.gz", "a,b\nb,c d\n"),
        ("e.tsv", "u\tV\tanything\na\tb\t1\nb\tc d\t1e0\n"),
    ],
)
def test_read_edges(tmp_path, name, content):
    edges = read_edges(write(tmp_path, name, content))
    assert edges.nodes == ["a", "b", "c d"]
    assert by_name(edges) == {("a", "b"): 1, ("b", "c d"): 1}
    assert edges.weight is None


def test_read_edges_keeps_quotes_in_tab_separated_files(tmp_path):
    assert by_name(read_edges(write(tmp_path, "e.tsv", '"a\tb"\n'))) == {('"a', 'b"'): 1}


@pytest.mark.parametrize("text", ["a,b, 0.5\nb,c,2e3\n", 'a,b,.5\nb,"c",2000\n', '"a",b,"0.5"\nb,c,+2000.0\n'])
def test_read_edges_with_weights(tmp_path, text):
    for header in ("", "child,parent,weight\n"):
        assert by_name(read_edges(write(tmp_path, "e.csv", header + text))) == {("a", "b"): 0.5, ("b", "c"): 2000}


def test_quoted_names_hold_what_separates_others(tmp_path):
    path = write(tmp_path, "e.csv", 'a,b\n"x\n, ""y""",b\n')
    assert by_name(read_edges(path)) == {("a", "b"): 1, ('x\n, "y"', "b"): 1}


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 100)
    monkeypatch.setattr(reading, "ROWS", 7)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["e.tsv", "e.csv", "e.csv.gz"])
def test_many_blocks_are_read_like_one(tmp_path, name):
    rng = np.random.default_rng(3)
    names = [f"{'é' * rng.integers(0, 9)}{k}{'x' * rng.integers(0, 300)}" for k in range(400)]
    ends, weight = rng.integers(0, 400, (2, 3000)), rng.random(3000) + 0.1
    rows = [(names[u], names[v], float(w)) for u, v, w in zip(*ends, weight, strict=True)]
    between = "\t" if "tsv" in name else ","
    quoted = len(rows) // 2  # from here on there are quotes
    lines = [
        between.join([child, f'"{parent}"' if between == "," and i > quoted else parent, str(weight)])
        for i, (child, parent, weight) in enumerate(rows)
    ]
    with pytest.warns(UserWarning, match="left out"):
        edges = read_edges(write(tmp_path, name, "\n".join(lines)))
    with pytest.warns(UserWarning, match="left out"):
        expected = index_edges(rows)
    assert edges.nodes == expected.nodes
    assert by_name(edges) == by_name(expected)
    assert edges.report == expected.report
    assert_in_order(edges)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("last", ["x", '"x\n\n\n"'])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"a,b,c\n", "an edge needs 2 columns separated by commas, not 3"),
        (b"a,\xa0\n", "byte 3 is not UTF-8"),
        (b"a,\xc2\xa0\n", "an edge needs two names"),
    ],
)
def test_later_lines_are_named(tmp_path, line, message, last):
    good = "".join(f"a,b{i}\n" for i in range(200)) + f"a,{last}\n"
    number = good.count("\n") + 1
    path = write(tmp_path, "e.csv", good.encode() + line + b"a,b\n" * 100 + b"\xff")
    with pytest.raises(FormatError, match=f"line {number}: {message}"):
        read_edges(path)


def test_built_in_mammals():
    edges = read_edges("mammals")
    assert (len(edges.nodes), len(edges.parent)) == (1180, 6540)
    assert edges.report == (6540, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.tsv", "a\tb\na\tb\tc\n", "line 2: an edge needs 2 columns separated by tabs, not 3"),
        ("e.tsv", "a b\n", "line 1: an edge needs 2 columns separated by tabs, not 1"),
        ("e.tsv", "a\tb\t1\na\tc\n", "line 2: an edge needs 3 columns separated by tabs, not 2"),
        ("e.tsv", "# a\n\nchild\tparent\na\n", "line 4: an edge needs 2 columns"),
        ("e.csv", '# a\n\n"child",parent\na\n', "line 4: an edge needs 2 columns"),
        ("e.csv", "a,b\n\nb\n", "line 3: an edge needs 2 columns separated by commas, not 1"),
        ("e.csv", 'a,"b\n', "line 1"),
        ("e.csv", 'a,b\na,"b\n', "line 2: unexpected end of data"),
        ("e.csv", 'a,b\na,"b"c\n', "line 2: ',' expected after '\"'"),
        ("e.tsv", "a\t\n", "line 1: an edge needs two names"),
        ("e.csv", 'a,b\n"",c\n', "line 2: an edge needs two names"),
        ("e.tsv", "", "holds no edges"),
        ("e.tsv", "child\tparent\n", "holds no edges"),
        ("e.csv", '"child","parent"\n', "holds no edges"),
        ("e.tsv", "a\tb\rc\td\r", "line 1: there is a carriage return inside"),
        ("e.tsv", "a\tb\rc\n", "line 1: there is a carriage return inside"),
        ("e.tsv", b"a\tb\nc\t\xff\n", "line 2: byte 3 is not UTF-8"),
        ("e.tsv", "a\tb\n".encode("utf-16"), "line 1: byte 1 is not UTF-8"),
        ("e.csv", 'a,b,1\n"b",c,1_0\n', "line 2: a weight must be a positive finite number, not '1_0'"),
    ],
)
def test_read_edges_names_the_line(tmp_path, name, content, message):
    with pytest.raises(FormatError, match=message):
        read_edges(write(tmp_path, name, content))


@pytest.mark.parametrize("name", ["e.tsv", "e.csv"])
@pytest.mark.parametrize(
    "weight", ["", "x", "0", "-1", "nan", "inf", "1e39", "1e-60", "1_0", "١", "1 2", "0x10", "1\0"]
)
def test_read_edges_names_the_line_of_a_weight(tmp_path, name, weight):
    text = {"e.tsv": f"a\tb\t1\nb\tc\t{weight} \n", "e.csv": f'"a",b,1\nb,c, {weight}\n'}[name]
    message = f"line 2: a weight must be a positive finite number, not {weight!r}"
    with pytest.raises(FormatError, match=re.escape(message)):
        read_edges(write(tmp_path, name, text))


def read_plainly(text, delimiter):
    """What read_edges does with text without quotes and header, written down once more: the names, or a bad line."""
    rows = [row.removesuffix("\r") for row in text.split("\n")]
    names, columns = [], None
    for number, row in enumerate(rows, 1):
        if row and not row.startswith("#"):
            cells = [cell.strip() for cell in row.split(delimiter)]
            columns = columns or (3 if len(cells) == 3 else 2)
            good = len(cells) == columns and cells[0] and cells[1] and "\r" not in row
            if not good or (columns == 3 and cells[2] not in ("1", "2.5")):
                return number
            names += cells[:2]
    return list(dict.fromkeys(names))


@pytest.mark.filterwarnings("ignore:left out")
@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_any_text_is_read_as_it_stands(tmp_path, monkeypatch, delimiter):
    monkeypatch.setattr(reading, "BLOCK", 5)
    rng = np.random.default_rng(5)
    pieces = list("ab#1\r \x1f\x0bé\x85\xa0\u1680\u2003\u2028\u205f\u3000\u3001")
    path = tmp_path / ("e.tsv" if delimiter == "\t" else "e.csv")
    outcomes = {"names": 0, "line": 0}
    for _ in range(500):
        lines, share = [], rng.integers(0, 2)  # of lines with a weight
        for _ in range(rng.integers(1, 4)):
            cells = ["".join(rng.choice(pieces, rng.integers(0, 4))) + "c" * rng.integers(0, 9) for _ in "12"]
            if rng.random() < 0.04 + 0.92 * share:
                cells.append(rng.choice(["1", "2.5", " 1", "x"], p=[0.4, 0.4, 0.15, 0.05]))
            lines.append(delimiter.join(cells) + "\r" * (rng.random() < 0.2))
        text = "\n".join(["a" + delimiter + "b" + (delimiter + "1") * share, *lines])
        path.write_text(text, encoding="utf-8", newline="")
        expected = read_plainly(text, delimiter)
        if isinstance(expected, int):
            with pytest.raises(FormatError, match=f" line {expected}: "):
                read_edges(path)
            outcomes["line"] += 1
        else:
            assert read_edges(path).nodes == expected
            outcomes["names"] += 1
    assert min(outcomes.values()) > 40


def test_read_edges_needs_two_different_nodes(tmp_path):
    with pytest.raises(DomainError, match="all 1 are self-loops"):
        read_edges(write(tmp_path, "e.tsv", "a\ta\n"))


def test_read_edges_warns_its_caller(tmp_path):
    path = write(tmp_path, "e.tsv", "a\tb\na\ta\n")
    with pytest.warns(UserWarning, match="left out of the edges: 1 self-loop$") as caught:
        read_edges(path)
    assert caught[0].filename == __file__


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


@pytest.mark.slow
def test_ten_million_edges_are_read_in_bounded_memory(tmp_path):
    """In a process of its own: the arrays and the names once, the arrays once more for sorting, and blocks."""
    script = """
        import resource, sys
        import numpy as np
        from geomkern_manifold.embedding import read_edges
        rng = np.random.default_rng(0)
        with open(sys.argv[1], "w") as file:
            for _ in range(100):
                file.writelines(f"n{u}\\tp{v}\\n" for u, v in rng.integers(0, 50_000, (100_000, 2)).tolist())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        edges = read_edges(sys.argv[1])
        print(edges.report.read, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    arguments = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script), str(tmp_path / "e.tsv")]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    read, mebibytes = map(int, done.stdout.split())
    assert read == 10_000_000
    assert mebibytes < 260


def parquet_file(folder, **columns):
    path = folder / "e.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=1000)
    return path


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary", "int32", "uint8"])
@pytest.mark.usefixtures("small_blocks")
def test_read_parquet(tmp_path, kind):
    rng = np.random.default_rng(4)
    ends = rng.integers(0, 90, (2, 2500))
    weight = rng.random(2500) + 0.5
    if kind in ("int32", "uint8"):
        child, parent = (pyarrow.array(end, kind) for end in ends)
    else:
        ends = [[f"é{k}" for k in end] for end in ends]
        child, parent = (pyarrow.array(end) for end in ends)
        if kind == "dictionary":
            child, parent = child.dictionary_encode(), parent.dictionary_encode()
        else:
            child, parent = child.cast(kind), parent.cast(kind)
    path = parquet_file(tmp_path, Target=parent, note=child, weight=weight, source=child)
    with pytest.warns(UserWarning, match="left out"):
        edges = read_edges(path)
    with pytest.warns(UserWarning, match="left out"):
        expected = index_edges(list(zip(*map(list, ends), weight, strict=True)))
    assert edges.nodes == expected.nodes
    assert by_name(edges) == by_name(expected)
    assert edges.report == expected.report


def test_a_slice_of_a_column_is_read_where_it_lies():
    offsets, text = reading._arrow_column(pyarrow.array(["a", "bc", "d", "e"], "large_string").slice(1, 2))
    assert [bytes(text[i:j]) for i, j in itertools.pairwise(offsets)] == [b"bc", b"d"]


def test_read_parquet_by_position(tmp_path):
    assert by_name(read_edges(parquet_file(tmp_path, a=[1, 2], b=[2, 3]))) == {(1, 2): 1, (2, 3): 1}
    assert by_name(read_edges(parquet_file(tmp_path, a=["x"], b=["y"], c=[3]))) == {("x", "y"): 3}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": ["x", ""], "b": ["y", "z"]}, "row 2: an edge needs two names, and one is empty"),
        ({"a": ["x", None], "b": ["y", "z"]}, "row 2: there is no value in 'a'"),
        ({"a": ["x", "y"], "b": ["y", "z"], "c": [1.0, None]}, "row 2: there is no value in 'c'"),
        ({"a": ["x", "y"], "b": ["y", "z"], "c": [1.0, -2.0]}, "row 2: a weight must be .*, not -2.0"),
        ({"a": ["x"], "b": [1]}, "'a' and 'b' must both be text or whole numbers"),
        ({"a": [0.5], "b": [1.5]}, "'a' and 'b' must both be text or whole numbers"),
        ({"a": ["x"], "b": ["y"], "c": ["z"]}, "'c' must be numbers"),
        ({"a": ["x"]}, "needs the columns child and parent, or only two or three; it has 1"),
        ({"a": pyarrow.array([], "string"), "b": pyarrow.array([], "string")}, "holds no edges"),
        ({"a": pyarrow.array([2**63], "uint64"), "b": [1]}, "cannot be read as Parquet: .*9223372036854775808"),
    ],
)
def test_read_parquet_names_the_row(tmp_path, columns, message):
    with pytest.raises(FormatError, match=message):
        read_edges(parquet_file(tmp_path, **columns))


def test_read_parquet_needs_parquet(tmp_path):
    whole = parquet_file(tmp_path, a=["x"], b=["y"]).read_bytes()
    for damaged in (b"", b"a\tb\n", whole[:-20], whole[:20] + b"\0" * (len(whole) - 28) + whole[-8:]):
        with pytest.raises(FormatError, match="cannot be read as Parquet"):
            read_edges(write(tmp_path, "e.parquet", damaged))
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(IsADirectoryError, match="cannot read"):
        read_edges(tmp_path / "folder.parquet")


def test_read_parquet_says_what_to_install(tmp_path, monkeypatch):
    path = parquet_file(tmp_path, a=["x"], b=["y"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BackendUnavailable, match=r"pip install \"geomkern\[parquet\]\""):
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
