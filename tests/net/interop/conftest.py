# SPDX-License-Identifier: ISC
"""A laboratory for each speaker, built once for all rows of the matrix."""

import pathlib
import shutil

import matrix
import pytest
import scene as scenes

HERE = pathlib.Path(__file__).resolve().parent


def pytest_generate_tests(metafunc):
    if "scene" not in metafunc.fixturenames:
        return
    name = metafunc.function.__name__.removeprefix("test_")
    speakers = [speaker for speaker in matrix.VERSIONS
                if matrix.tested(name, speaker)]
    metafunc.parametrize("scene", speakers, indirect=True, scope="module")


@pytest.hookimpl(trylast=True)  # behind pytest, which sorts by fixtures
def pytest_collection_modifyitems(items):
    """A speaker's rows one after the other, in the order of the file."""
    rows = [i for i, item in enumerate(items)
            if HERE in item.path.parents
            and "scene" in item.fixturenames]
    speakers = list(matrix.VERSIONS)
    ordered = sorted(
        (items[i] for i in rows),
        key=lambda item: (speakers.index(item.callspec.params["scene"]),
                          item.function.__code__.co_firstlineno))
    for i, item in zip(rows, ordered):
        items[i] = item


@pytest.fixture(scope="module")
def scene(request, possible):
    program = scenes.KINDS[request.param].program
    path = "/usr/bin:/usr/sbin:/usr/lib/frr"
    if not shutil.which(program, path=path):
        pytest.skip(f"{program} is not installed")
    built = scenes.enter(request.param,
                         lambda keys: matrix.has(keys, request.param))
    yield built
    built.lab.close()
    assert not built.lab.complaints, "\n".join(built.lab.complaints)
