# SPDX-License-Identifier: ISC
"""What a test expects of a check's result."""


def good(result):
    assert result["verdict"] == "pass", result
    return result


def bad(result, cause, words, verdict="fail"):
    assert (result["verdict"], result["cause"]) == (verdict, cause), result
    assert words in result["detail"], result
    return result
