# SPDX-License-Identifier: ISC
"""What is made of the tables of a scenario: schema, manual page, examples.

usage: scenario_documents_test.py CONF_TEXT SCHEMA MANUAL SOURCE_ROOT
"""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None
try:
    import yaml
except ImportError:
    yaml = None

CONF_TEXT, SCHEMA, MANUAL, ROOT = sys.argv[1:5]
EXAMPLES = pathlib.Path(ROOT, "examples")
BROKEN = pathlib.Path(ROOT, "tests/unit/conf/broken_scenario")
NAMED = {"sites": "SITE", "peers": "NAME", "prefixes": "PREFIX"}
# Broken files that a schema can see; the rest needs the loader.
REFUSED = """
a-word a-list node-file no-graph no-sites site-names unknown-options words
capacity-zero choices hijack search what-if-form
""".split()


def options():
    """(section, key, type, default, required, help) of every option."""
    text = subprocess.run([CONF_TEXT, "scenario", "options"], check=True,
                          capture_output=True, text=True).stdout
    return [line.split("\t") for line in text.splitlines()]


def examples():
    found = [*sorted(EXAMPLES.glob("scenario/*.yaml")),
             *sorted(EXAMPLES.glob("simulate/*.yaml"))]
    return {path: value for path in found
            if "graph" in (value := load(path))}


def load(path):
    with open(path, encoding="utf-8") as f:
        return yaml.safe_load(f)


def paths(value, path, out, known):
    """The option paths that a scenario uses, as the tables name them."""
    for key, below in value.items():
        here = f"{path}.{key}" if path else key
        out.add(here)
        if key in NAMED and isinstance(below, dict):
            for item in below.values():
                paths(item or {}, f"{here}.{NAMED[key]}", out, known)
        elif isinstance(below, list) and here in known:
            for item in below:
                if isinstance(item, dict):
                    paths(item, here + "[]", out, known)
        elif isinstance(below, dict):
            paths(below, here, out, known)


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Schema(unittest.TestCase):
    def setUp(self):
        with open(SCHEMA, encoding="utf-8") as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def test_accepts_examples(self):
        self.assertGreater(len(examples()), 2)
        for path, value in examples().items():
            errors = [e.message for e in self.validator.iter_errors(value)]
            self.assertEqual(errors, [], path.name)

    def test_refuses_broken_files(self):
        for name in REFUSED:
            path, = BROKEN.glob(f"*-{name}.yaml")
            with self.subTest(name):
                self.assertFalse(self.validator.is_valid(load(path)), name)


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
class Examples(unittest.TestCase):
    def test_use_every_option(self):
        rows = [(row[0] + "." + row[1]).lstrip(".") for row in options()]
        used = set()
        for value in examples().values():
            paths(value, "", used, set(rows))
        self.assertEqual([row for row in rows if row not in used], [])


class Manual(unittest.TestCase):
    def test_has_every_option(self):
        text = pathlib.Path(MANUAL).read_text(encoding="utf-8")
        for section, key, *_ in options():
            head = f".Ss {section or 'The sections of the file'}\n"
            self.assertIn(head, text)
            part = text.split(head)[1].split(".Ss ")[0]
            self.assertIn(f".It Cm {key} ", part, section)

    @unittest.skipIf(shutil.which("mandoc") is None, "mandoc is missing")
    def test_is_sound_mdoc(self):
        seen = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                               MANUAL], capture_output=True, text=True)
        self.assertEqual(seen.stdout, "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
