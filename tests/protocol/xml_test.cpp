#include "protocol/xml.hpp"

#include "support/catch.hpp"

namespace rockwatch {

TEST_CASE("XML is read with its entities, comments, CDATA and prefixes", "[protocol][xml]") {
    const auto root = parse_xml(
        "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- hi -->\n<n:a xmlns:n='x' "
        "t=\"1&amp;2\"><b>&lt;&#233;&#x1F600;</b>"
        "<b/><!-- no --><c><![CDATA[<&>]]></c></n:a>\n");
    REQUIRE(root.has_value());
    CHECK(root->name == "a");
    CHECK(root->attributes.at(1) == std::pair<std::string, std::string>("t", "1&2"));
    REQUIRE(root->children.size() == 3);
    CHECK(root->children[0].text == "<é😀");
    CHECK(root->children[1].text.empty());
    CHECK(root->children[2].text == "<&>");
}

TEST_CASE("what is not plain XML is refused", "[protocol][xml]") {
    const auto text = GENERATE(values<std::string>({
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a x=1/>",
        "<a x='1/>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&amp</a>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a><![CDATA[x</a>",
        "<a>\xff</a>",
        "<a",
        "< a/>",
    }));
    CAPTURE(text);
    CHECK_FALSE(parse_xml(text).has_value());
}

TEST_CASE("text in XML keeps its meaning", "[protocol][xml]") {
    std::string xml;
    append_xml_text(xml, "a<b>&\"\r\n\t\x01é");
    CHECK(xml == "a&lt;b&gt;&amp;&quot;&#xD;\n\t\xEF\xBF\xBDé");
}

TEST_CASE("whatever a text holds, its XML can be read", "[protocol][xml]") {
    struct Row {
        std::string text, read;
    };
    const auto row = GENERATE(values<Row>({
        {"a\uFFFEb\uFFFF", "a\uFFFDb\uFFFD"},
        {"\uFFFD\uFFFB\uF8FF\U0001FFFE\U0010FFFF", "\uFFFD\uFFFB\uF8FF\U0001FFFE\U0010FFFF"},
        {std::string("\0\x1f\x7f", 3), "\uFFFD\uFFFD\x7f"},
    }));
    std::string xml = "<a>";
    append_xml_text(xml, row.text);
    const auto root = parse_xml(xml + "</a>");
    REQUIRE(root.has_value());
    CHECK(root->text == row.read);
    // Here as in AWS, no one may send it either.
    CHECK_FALSE(parse_xml("<a>\uFFFE</a>").has_value());
    CHECK_FALSE(parse_xml("<a>&#xFFFE;</a>").has_value());
}

}  // namespace rockwatch
