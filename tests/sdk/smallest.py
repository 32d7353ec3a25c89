"""The smallest input that an operation's model allows, made from the model alone."""

import datetime
import re
from re import _constants as codes
from re import _parser as parser

# Java's classes that Python's `re` lacks, as members of a bracket.
JAVA_CLASSES = {
    r"\p{L}": "a-z",
    r"\p{Z}": " ",
    r"\p{N}": "0-9",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{M}": "a",
    r"\p{S}": "+",
    r"\p{P}": "-",
}
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def java_to_python(pattern):
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    pattern = re.sub(r"\\[pP]\{\w+\}", "a", pattern)
    return re.sub(r"\[([^\]]*)&&\[[^\]]*\]\]", r"[\1]", pattern)


def allows(choices, letter):
    """Whether a bracket, as `re` parses it, allows the letter."""
    categories = {codes.CATEGORY_DIGIT: str.isdigit, codes.CATEGORY_SPACE: str.isspace}
    negated = False
    found = False
    for code, argument in choices:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            found |= ord(letter) == argument
        elif code is codes.RANGE:
            found |= argument[0] <= ord(letter) <= argument[1]
        else:
            word = re.match(r"\w" if argument is codes.CATEGORY_WORD else r"\S", letter)
            found |= bool(categories.get(argument, lambda _: word)(letter))
    return found != negated


def one_of(choices):
    """A character that a bracket allows, a plain one if possible."""
    return next(letter for letter in map(chr, (*b"a0A-_/:. ", *range(0x10000))) if allows(choices, letter))


def text_of(tree, repeats):
    """A text that the parsed pattern matches; what may be repeated is, `repeats` times more than it must."""
    text = ""
    for code, argument in tree:
        if code is codes.LITERAL:
            text += chr(argument)
        elif code is codes.NOT_LITERAL:
            text += "a" if argument != ord("a") else "b"
        elif code is codes.ANY:
            text += "a"
        elif code is codes.IN:
            text += one_of(argument)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            least, most, inner = argument
            text += text_of(inner, repeats) * min(int(most), least + repeats)
        elif code is codes.SUBPATTERN:
            text += text_of(argument[3], repeats)
        elif code is codes.BRANCH:
            text += text_of(argument[1][0], repeats)
    return text


def smallest_text(shape, name):
    """`name`: of the member that holds it, for what the models leave unsaid."""
    if shape.enum:
        return shape.enum[0]
    least = max(shape.metadata.get("min", 0), 1)
    pattern = shape.metadata.get("pattern")
    if pattern:
        tree = parser.parse(java_to_python(pattern))
        for repeats in range(least + 1):
            text = text_of(tree, repeats)
            if len(text) >= least:
                return text
    if name == "Bucket":
        return "bucket"  # botocore checks the name itself
    return "a" * least


def smallest(shape, name="", above=()):
    """`above`: the names of the shapes that it stands in, since a shape may hold itself."""
    kind = shape.type_name
    if kind == "structure":
        if shape.metadata.get("document") or getattr(shape, "is_document_type", False):
            return {}
        chosen = list(shape.required_members)
        if getattr(shape, "is_tagged_union", False):
            chosen = [next(m for m, inner in shape.members.items() if inner.name not in above)]
        return {member: smallest(shape.members[member], member, (*above, shape.name)) for member in chosen}
    if kind == "list":
        count = shape.metadata.get("min", 0)
        return [smallest(shape.member, name, (*above, shape.name)) for _ in range(count)]
    if kind == "map":
        count = shape.metadata.get("min", 0)
        return {smallest(shape.key): smallest(shape.value, name, (*above, shape.name)) for _ in range(count)}
    if kind == "string":
        return smallest_text(shape, name)
    if kind == "blob":
        return b"a" * shape.metadata.get("min", 0)
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return START
    return shape.metadata.get("min", 1) if kind in ("integer", "long") else float(shape.metadata.get("min", 1))


NUMBERS = ("integer", "long", "float", "double")


def numbers(shape, above=()):
    """Every number beneath a shape: its path, and what makes the smallest input that has a given value there."""
    inner_above = (*above, shape.name)
    if shape.type_name in NUMBERS:
        yield "", lambda value: value
    elif shape.type_name == "structure":
        base = {} if getattr(shape, "is_tagged_union", False) else smallest(shape, above=above)
        for member, inner in shape.members.items():
            if inner.name not in inner_above:
                for path, make in numbers(inner, inner_above):
                    yield f".{member}{path}", lambda value, member=member, make=make: {**base, member: make(value)}
    elif shape.type_name == "list" and shape.member.name not in inner_above:
        for path, make in numbers(shape.member, inner_above):
            yield f"[]{path}", lambda value, make=make: [make(value)]
    elif shape.type_name == "map" and shape.value.name not in inner_above:
        for path, make in numbers(shape.value, inner_above):
            yield f"{{}}{path}", lambda value, make=make: {smallest(shape.key): make(value)}
