"""Counts the test cases of a JUnit report and prints what failed: tally.py ctest|pytest NAME FILE

The last line is "PASSED FAILED SKIPPED"; what was skipped is named with its reason. A report of ctest has one entry a
binary; the cases are counted from the summary that Catch2 prints at its end, and a binary that ended without one is one
failure.
"""

import re
import sys
import xml.etree.ElementTree

ALL_PASSED = re.compile(r"^All tests passed \(.* in (\d+) test cases?\)", re.M)
SOME_FAILED = re.compile(r"^test cases:\s*\d+ \|(?:\s*(\d+) passed)?[ |]*(?:(\d+) failed)?", re.M)


def of_catch2(output, ended_well):
    found = ALL_PASSED.search(output)
    if found and ended_well:
        return int(found.group(1)), 0
    found = SOME_FAILED.search(output)
    if not found:
        return 0, 1
    passed = int(found.group(1) or 0)
    return (passed, 0) if ended_well else (passed, int(found.group(2) or 1))


def ctest(case):
    output = case.findtext("system-out") or ""
    passed, failed = of_catch2(output, case.get("status") == "run")
    if failed:
        print(output)
    return passed, failed, 0


def pytest(case):
    skipped = case.find("skipped")
    if skipped is not None:
        print(f"SKIPPED {case.get('name')}: {skipped.get('message')}")
        return 0, 0, 1
    trouble = [*case.findall("failure"), *case.findall("error")]
    for each in trouble:
        print(f"{case.get('classname')} {case.get('name')}\n{each.text}\n")
    return (0, 1, 0) if trouble else (1, 0, 0)


def main(kind, _name, file):
    count = {"ctest": ctest, "pytest": pytest}[kind]
    counts = [count(case) for case in xml.etree.ElementTree.parse(file).iter("testcase")]
    print(*(sum(column) for column in zip(*counts)) if counts else (0, 0, 0))


main(*sys.argv[1:])
