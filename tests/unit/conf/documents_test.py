# SPDX-License-Identifier: ISC
"""What is made of the option tables: schema, manual page, example.

usage: documents_test.py CONF_TEXT SCHEMA MANUAL SOURCE_ROOT
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
BROKEN = pathlib.Path(ROOT, "tests/unit/conf/broken")
NAMED = {"services", "prefixes", "peers"}
NAMED_TOO = {"bfd_profiles", "exabgp"}
NAMED_BELOW = {"mesh.nodes", "rpki.caches"}
# Shown in full once, elsewhere in the same file.
ONCE = (".http.tls.", ".checks[].bfd.", "bfd.authentication",
        "bfd_profiles.NAME.authentication")

# Broken files that a schema can see; the rest needs the loader.
REFUSED = """
empty-map a-list no-sections no-services no-peers empty-services
unknown-section unknown-option watch node-missing-options
router-id-zero node-name-blank node-name-strange linger-no-unit
service-name-blank checks-not-a-list check-without-kind check-with-two-kinds
check-unknown-kind check-rise-zero check-fall-quoted check-jitter
check-initial require-word tcp-port tcp-tls-word http-no-url http-method
http-status dns-query dns-transport dns-aa prefix-without-length
prefix-without-services prefix-scope prefix-hold-down communities
peer-no-asn peer-asn-zero peer-asn-last peer-address-name peer-family-word
peer-prepend peer-import peer-is-a-word http-listen control-path log-level
state-directory
""".split()


def options():
    """(section, key, type, default, required, help) of every option."""
    text = subprocess.run([CONF_TEXT, "options"], check=True,
                          capture_output=True, text=True).stdout
    return [line.split("\t") for line in text.splitlines()]


def load(path):
    with open(path, encoding="utf-8") as f:
        return yaml.safe_load(f)


def paths(value, path, out):
    """The option paths that a configuration uses, as the tables name them."""
    for key, below in value.items():
        out.add(f"{path}.{key}" if path else key)
        here = f"{path}.{key}" if path else key
        if not path and key in NAMED | NAMED_TOO:
            word = "PREFIX" if key == "prefixes" else "NAME"
            for item in below.values():
                paths(item, f"{key}.{word}", out)
        elif here in NAMED_BELOW:
            for item in below.values():
                paths(item, here + ".NAME", out)
        elif isinstance(below, dict):
            paths(below, here, out)
        elif key == "checks":
            for item in below:
                paths(item, here + "[]", out)


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Schema(unittest.TestCase):
    def setUp(self):
        with open(SCHEMA, encoding="utf-8") as f:
            self.schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(self.schema)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def test_examples_are_valid(self):
        for path in sorted(EXAMPLES.glob("*.yaml")):
            with self.subTest(path.name):
                errors = [e.message for e in
                          self.validator.iter_errors(load(path))]
                self.assertEqual(errors, [])

    def test_broken_files_are_refused(self):
        for name in REFUSED:
            with self.subTest(name):
                path, = BROKEN.glob(f"[0-9][0-9][0-9]-{name}.yaml")
                self.assertFalse(self.validator.is_valid(load(path)))

    def test_every_option_is_described(self):
        def count(node):
            if isinstance(node, list):
                return sum(count(n) for n in node)
            if not isinstance(node, dict):
                return 0
            own = sum("description" in v for v in
                      node.get("properties", {}).values())
            return own + sum(count(v) for v in node.values())
        self.assertEqual(count(self.schema), len(options()))


    def test_defaults_are_valid(self):
        def check(node):
            if isinstance(node, list):
                for n in node:
                    check(n)
            if not isinstance(node, dict):
                return
            if isinstance(node.get("properties"), dict):
                for key, value in node["properties"].items():
                    if "default" in value:
                        with self.subTest(key):
                            jsonschema.validate(value["default"], value)
            for value in node.values():
                check(value)
        check(self.schema)


class Options(unittest.TestCase):
    def test_every_option_explains_itself(self):
        for section, key, kind, default, required, text in options():
            with self.subTest(f"{section}.{key}"):
                self.assertTrue(kind and text)
                self.assertFalse(text.endswith("."))

    @unittest.skipIf(yaml is None, "python3-yaml is not installed")
    def test_the_full_example_shows_every_option(self):
        shown = set()
        paths(load(EXAMPLES / "full.yaml"), "", shown)
        known = {f"{o[0]}.{o[1]}" if o[0] else o[1] for o in options()}
        missing = {p for p in known - shown
                   if not any(part in p for part in ONCE)}
        self.assertEqual(missing, set())


class Manual(unittest.TestCase):
    def setUp(self):
        self.text = pathlib.Path(MANUAL).read_text(encoding="utf-8")

    def test_every_option_is_there(self):
        for section, key, *_ in options():
            heading = f".Ss {section}\n" if section else \
                ".Ss The sections of the file\n"
            with self.subTest(f"{section}.{key}"):
                part = self.text.split(heading, 1)[1].split("\n.El\n", 1)[0]
                self.assertIn(f".It Cm {key} ", part)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_has_no_warning(self):
        seen = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                               MANUAL], capture_output=True, text=True)
        self.assertEqual(seen.stdout, "")

    @unittest.skipIf(yaml is None, "python3-yaml is not installed")
    def test_its_examples_are_configurations(self):
        parts = self.text.split(".Bd -literal -offset indent\n")[1:]
        configurations = [p.split(".Ed\n")[0] for p in parts]
        configurations = [c for c in configurations if "peers:" in c]
        self.assertEqual(len(configurations), 2)
        for text in configurations:
            self.assertEqual(set(yaml.safe_load(text)) - {"node"}, NAMED)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
