"""What the text of the worker itself has to keep to."""

from __future__ import annotations

import ast
import re
import sys
import unittest

import trivet_worker as shim


class SourceTest(unittest.TestCase):
    def test_the_source_is_valid_for_python_3_9(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            source = file.read()
        ast.parse(source, feature_version=(3, 9))
        self.assertLessEqual(max(map(len, source.splitlines())), 110)

    def test_the_table_of_contents_names_the_sections_in_their_order(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            sections = re.findall(r'^# --- (.+?) -+\n#\n# ', file.read(), re.MULTILINE)
        contents = re.findall(r'^    (\S.*?) {3,}\S', shim.__doc__.partition('in this order:')[2], re.MULTILINE)
        self.assertEqual(contents, sections)
        self.assertGreater(len(sections), 5)

    def test_no_function_is_longer_than_60_lines(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            nodes = [node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.FunctionDef)]
        long = [node.name for node in nodes if node.end_lineno - node.lineno >= 60]
        self.assertEqual(long, [])

    def test_only_the_standard_library_is_imported(self) -> None:
        with open(shim.__file__, encoding='utf-8') as file:
            nodes = list(ast.walk(ast.parse(file.read())))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        self.assertLessEqual(names, getattr(sys, 'stdlib_module_names', names))


if __name__ == '__main__':
    unittest.main()
