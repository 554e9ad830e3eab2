"""What the text of the worker itself has to keep to."""

from __future__ import annotations

import ast
import sys
import unittest

import trivet_worker as shim


class SourceTest(unittest.TestCase):
    def test_the_source_is_valid_for_python_3_9(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            source = file.read()
        ast.parse(source, feature_version=(3, 9))
        self.assertLessEqual(max(map(len, source.splitlines())), 110)

    def test_only_the_standard_library_is_imported(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            nodes = list(ast.walk(ast.parse(file.read())))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        self.assertLessEqual(names, getattr(sys, 'stdlib_module_names', names))


if __name__ == '__main__':
    unittest.main()
