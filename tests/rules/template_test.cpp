#include "rules/template.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

TEST_CASE("templates are filled in once, and unknown names stay as they are", "[rules][template]") {
    struct Row {
        std::string text;
        std::string filled;
    };
    const TemplateValues values_of_call{.prompt = "say {{now}}",
                                        .model_id = "m",
                                        .turn = 3,
                                        .request_id = "r",
                                        .now = "2026",
                                        .groups = {"whole", "one"}};
    const auto row = GENERATE(values<Row>({{"plain", "plain"},
                                           {"", ""},
                                           {"{{prompt}}!", "say {{now}}!"},
                                           {"{{modelId}}/{{turn}}/{{requestId}}/{{now}}", "m/3/r/2026"},
                                           {"{{match.0}} {{match.1}} {{match.9}}.", "whole one ."},
                                           {"{{other}} {{ prompt }} {{", "{{other}} {{ prompt }} {{"},
                                           {"{{a {{turn}}", "{{a 3"}}));
    CAPTURE(row.text);
    CHECK(fill(row.text, values_of_call) == row.filled);
}

TEST_CASE("a text that grows beyond a megabyte is refused", "[rules][template]") {
    const std::string prompt(300'000, 'x');
    const TemplateValues values_of_call{.prompt = prompt};
    CHECK_NOTHROW(fill("{{prompt}}{{prompt}}{{prompt}}", values_of_call));
    CHECK_THROWS_AS(fill("{{prompt}}{{prompt}}{{prompt}}{{prompt}}", values_of_call), ServiceError);
}

TEST_CASE("the highest group of a text or a tree is known", "[rules][template]") {
    CHECK(highest_group("{{match.1}} {{match.12}} {{match.x}}") == 12);
    CHECK(highest_group("{{prompt}}") == -1);
    CHECK(highest_group_in({{"a", {1, "{{match.4}}"}}, {"b", nullptr}}) == 4);
}

}  // namespace rockwatch::rules
