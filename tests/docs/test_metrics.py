# SPDX-License-Identifier: ISC
"""/metrics is OpenMetrics, by our strict reader and by Prometheus' own."""
import os
import re
import shutil
import subprocess

import openmetrics
import pytest


def page():
    return subprocess.run([os.environ["BASIN_METRICS"], "--metrics"],
                          capture_output=True, text=True, check=True).stdout


def test_the_page_is_strict_openmetrics():
    families = openmetrics.parse(page())
    assert len(families) > 30
    for family in families.values():
        assert family.name.startswith("basin_")
        assert family.samples, family.name
        if family.name.endswith(("_seconds", "_bytes")):
            assert family.unit, family.name


@pytest.mark.parametrize("text", [
    "",
    "# EOF",
    "# TYPE a gauge\na 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\na{} 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\na{b=\"\n\"} 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\na{b=\"\\x\"} 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\na 1\na 1\n# EOF\n",
    "# TYPE a counter\n# HELP a x\na 1\n# EOF\n",
    "# TYPE a_total counter\n# HELP a_total x\na_total 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\n# UNIT a seconds\na 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\nb 1\n# EOF\n",
    "# TYPE a gauge\n# HELP a x\n\na 1\n# EOF\n",
])
def test_the_reader_is_strict(text):
    with pytest.raises(openmetrics.Wrong):
        openmetrics.parse(text)


@pytest.mark.skipif(not shutil.which("promtool"),
                    reason="promtool (package prometheus) is not installed")
def test_promtool_takes_it():
    # promtool reads the older text form: a counter's family has its _total.
    text = re.sub(r"^# (TYPE (\S+) counter)$",
                  lambda m: f"# TYPE {m[2]}_total counter", page(),
                  flags=re.M)
    counters = set(re.findall(r"^# TYPE (\S+)_total counter$", text, re.M))
    text = re.sub(r"^# HELP (\S+) ",
                  lambda m: f"# HELP {m[1]}_total " if m[1] in counters
                  else m[0], text, flags=re.M)
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True, text=True)
    # 3: parsed, but a matter of style.
    assert done.returncode in (0, 3), done.stderr
