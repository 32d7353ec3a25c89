"""The JSON schemas of rules and quotas say what the program's own readers say, as far as a schema can."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "rules"


def read(path):
    return json.loads((ROOT / path).read_text())


RULES = Draft202012Validator(read("fixtures/schema/rule.schema.json"))
QUOTAS = Draft202012Validator(read("fixtures/schema/quotas.schema.json"))

# What the readers refuse and no schema can: it compares no values and compiles no RE2.
BEYOND_A_SCHEMA = {
    "a pattern that RE2 refuses",
    "an open group",
    "calls the wrong way round",
    "an end before the start",
    "uniform bounds the wrong way round",
    "a lognormal with p99 below p50",
    "percentiles that fall",
    "chunks that are not the rule's text",
    "a group that the pattern does not have",
    "a group without a pattern",
}


def examples(name):
    return [pytest.param(example, id=example["name"]) for example in read(CASES / name)]


def findings(validator, document):
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize("validator", [RULES, QUOTAS], ids=["rules", "quotas"])
def test_a_schema_is_one(validator):
    Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "rules").iterdir()), ids=lambda path: path.name)
def test_every_rule_file_of_the_fixtures_validates(path):
    assert findings(RULES, read(path)) == []


@pytest.mark.parametrize("example", examples("accepted.json"))
def test_what_the_reader_accepts_validates_in_each_form_of_a_file(example):
    rule = example["rule"]
    for form in (rule, [rule, rule], {"rules": [rule]}, {"$schema": "rule.schema.json", "rules": [rule]}):
        assert findings(RULES, form) == []


@pytest.mark.parametrize("example", examples("match.json"))
def test_every_condition_that_the_reader_accepts_validates(example):
    assert findings(RULES, {"match": example["match"], "latency": 1}) == []


def test_the_contracts_example_validates():
    assert findings(RULES, read(CASES / "contract.json")) == []


@pytest.mark.parametrize("example", examples("refused.json"))
def test_what_the_reader_refuses_is_refused_where_a_schema_can_say_it(example):
    rule = example["rule"]
    valid = [RULES.is_valid(form) for form in (rule, [rule], {"rules": [rule]}) if isinstance(rule, dict)] or [RULES.is_valid(rule)]
    assert valid == [example["name"] in BEYOND_A_SCHEMA] * len(valid)


def test_every_exception_is_a_case_of_the_reader():
    assert {example["name"] for example in read(CASES / "refused.json")} >= BEYOND_A_SCHEMA


def places(tree, found=()):
    """The keys of every object in the tree, as paths; not those that a user makes up."""
    if isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from places(child, (*found, index))
    elif isinstance(tree, dict):
        for name, child in tree.items():
            yield (*found, name)
            if name not in ("body", "requestMetadata", "input"):
                yield from places(child, (*found, name))


@pytest.mark.parametrize("example", examples("accepted.json") + [pytest.param({"rule": read(CASES / "contract.json")}, id="contract")])
def test_a_typo_in_any_member_is_refused(example):
    for *way, name in places(example["rule"]):
        rule = copy.deepcopy(example["rule"])
        holder = rule
        for step in way:
            holder = holder[step]
        holder[f"{name}x"] = holder.pop(name)
        assert not RULES.is_valid(rule), (*way, name)


@pytest.mark.parametrize("form", [{"$schema": 1, "rules": []}, {"$schema": "x", "latency": 1}, {"rules": {}}, {"rules": [], "rule": 1}, 7])
def test_a_wrong_form_of_a_file_is_refused(form):
    assert not RULES.is_valid(form)


@pytest.mark.parametrize("example", examples("quotas.json"))
def test_quotas_that_the_reader_accepts_validate(example):
    assert findings(QUOTAS, example["request"]) == []


@pytest.mark.parametrize("example", examples("refused_quotas.json"))
def test_quotas_that_the_reader_refuses_are_refused(example):
    assert not QUOTAS.is_valid(example["request"])


def test_a_list_of_quotas_has_the_readers_bound():
    assert QUOTAS.is_valid({"quotas": [{"requestsPerMinute": 1}] * 1000})
    assert not QUOTAS.is_valid({"quotas": [{"requestsPerMinute": 1}] * 1001})
