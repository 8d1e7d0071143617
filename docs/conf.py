"""Settings of the documentation; ``sphinx-build docs <folder>`` builds it without a network."""

import warnings

import geomkern

project = "geomkern"
author = "The geomkern developers"
project_copyright = author
version = release = geomkern.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery/README.rst"]
templates_path = ["_templates"]
default_role = "code"

autosummary_generate = True
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

# Docstrings are tested where they stand, by pytest; here it is the turn of the pages.
doctest_test_doctest_blocks = ""

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "ignore_pattern": r"plugin",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "show_memory": False,
    "min_reported_time": 1e9,
    "download_all_examples": False,
    "show_signature": False,
    "reset_modules": ("matplotlib",),
}

html_theme = "pydata_sphinx_theme"
html_title = "geomkern"
html_static_path = ["_static"]
html_show_sourcelink = False
html_sidebars = {page: [] for page in ("install", "tutorial", "backend", "figures")}
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"]}

warnings.filterwarnings("error", module="geomkern")
