"""Where trees lie before training."""

import numpy as np
import pytest

from geomkern_manifold.embedding import index_edges, packed_layout, read_edges, reconstruction, spanning_tree
from geomkern_manifold.embedding.layouts import MAX_RADIUS


def closure(parent):
    """The edges from each node of a tree to all its ancestors."""
    edges = []
    for node in range(len(parent)):
        above = parent[node]
        while above >= 0:
            edges.append((f"n{node}", f"n{above}"))
            above = parent[above]
    return index_edges(edges)


def random_tree(nodes, seed, breadth=1.0):
    rng = np.random.default_rng(seed)
    return [-1, *(int(node * rng.uniform() ** breadth) for node in range(1, nodes))]


def radii(points):
    return 2 * np.arctanh(np.linalg.norm(points, axis=1))


@pytest.mark.parametrize("dim", [3, 5, 10, 30])
@pytest.mark.parametrize("breadth", [1.0, 3.0])
def test_the_nearest_nodes_of_a_node_are_its_ancestors(dim, breadth):
    edges = closure(random_tree(600, dim, breadth))
    points = packed_layout(spanning_tree(edges.graph()), dim, seed=1)
    mean_rank, precision = reconstruction(points, edges)
    assert precision > (0.93 if dim == 3 else 0.98)
    assert mean_rank < (2.0 if dim == 3 else 1.3)


@pytest.mark.parametrize(
    "parent",
    [
        [-1, *range(30)],
        [-1] + [0] * 5000,
        [-1, 0],
        random_tree(300, 0),
    ],
    ids=["chain", "star", "pair", "random"],
)
@pytest.mark.parametrize("dim", [3, 10])
def test_a_single_root_is_the_origin_and_nothing_is_beyond_the_radius(parent, dim):
    edges = closure(parent)
    tree = spanning_tree(edges.graph())
    points = packed_layout(tree, dim, seed=0)
    found = radii(points)
    assert found[tree.parent < 0].tolist() == [0.0]
    below = tree.parent >= 0
    assert np.all(found[below] > found[tree.parent[below]])
    assert 10 < found.max() < MAX_RADIUS + 1e-6
    assert len(np.unique(points, axis=0)) == len(points)


def test_several_roots_have_caps_of_their_own():
    edges = index_edges([(f"{tree}{u}", f"{tree}{v}") for tree in "abc" for u, v in ((1, 0), (2, 0), (3, 1), (3, 0))])
    points = packed_layout(spanning_tree(edges.graph()), 4, seed=0)
    assert reconstruction(points, edges).mean_average_precision == 1
    assert np.all(radii(points) > 0.5)


def test_the_seed_is_all_that_is_random():
    tree = spanning_tree(read_edges("mammals").graph())
    first, same, other = (packed_layout(tree, 5, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_mammals_need_hardly_any_training():
    edges = read_edges("mammals")
    for dim in (5, 10):
        found = reconstruction(packed_layout(spanning_tree(edges.graph()), dim, seed=0), edges)
        assert found.mean_average_precision > 0.99
        assert found.mean_rank < 1.3


def test_subtrees_that_edges_link_come_to_lie_side_by_side():
    """Two of twenty branches share most of their leaves."""
    shared = [(f"s{i}", f"b{k}") for i in range(12) for k in (0, 1)]
    own = [(f"l{k}.{i}", f"b{k}") for k in range(20) for i in range(12)]
    branches = [(f"b{k}", "root") for k in range(20)]
    leaves = [(child, "root") for child, _ in shared[::2] + own]
    edges = index_edges(branches + shared + own + leaves)
    nodes = {name: i for i, name in enumerate(edges.nodes)}
    ranks = []
    for seed in range(10):
        points = packed_layout(spanning_tree(edges.graph()), 6, seed)
        unit = points / np.maximum(np.linalg.norm(points, axis=1), 1e-9)[:, None]
        cosines = [unit[nodes["b0"]] @ unit[nodes[f"b{k}"]] for k in range(1, 20)]
        ranks.append(sum(cosine > cosines[0] for cosine in cosines))
    assert np.median(ranks) <= 2


def test_a_node_hangs_below_the_parent_with_the_most_ancestors():
    above = {"x": ("near", "root", "deep", "high"), "deep": ("high", "root"), "high": ("root",), "near": ("root",)}
    edges = index_edges([(child, parent) for child, parents in above.items() for parent in parents])
    tree = spanning_tree(edges.graph())
    names = edges.nodes
    assert names[tree.parent[names.index("x")]] == "deep"
    assert [(names[u], names[v]) for u, v in tree.links] == [("x", "near")]
