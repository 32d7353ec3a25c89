#include "storage/database.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

Database memory() { return Database(":memory:", Database::Mode::writer); }

}  // namespace

TEST_CASE("values come back as they were bound", "[storage][database]") {
    Database database = memory();
    database.execute("CREATE TABLE t (i, r, b, s, n, x)");
    const std::string text("a\0b \xc3\xa9", 6);
    const std::string bytes("\x00\xff\x10", 3);
    CHECK(database.run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", std::int64_t{1} << 60, 0.1, true, text,
                       nullptr, Blob{bytes}) == 1);
    Rows rows = database.query("SELECT * FROM t");
    REQUIRE(rows.step());
    CHECK(rows.integer(0) == std::int64_t{1} << 60);
    CHECK(rows.real(1) == 0.1);
    CHECK(rows.boolean(2));
    CHECK(rows.text(3) == text);
    CHECK(rows.is_null(4));
    CHECK(rows.view(5) == bytes);
    CHECK_FALSE(rows.step());
}

TEST_CASE("an absent value is NULL, an empty text is not", "[storage][database]") {
    Database database = memory();
    Rows rows =
        database.query("SELECT ?, ?, ?, typeof(?), typeof(?)", std::optional<std::string>{},
                       std::optional<std::int64_t>{7}, std::optional<double>{}, std::string_view{}, Blob{});
    REQUIRE(rows.step());
    CHECK_FALSE(rows.optional_text(0));
    CHECK(rows.optional_integer(1) == 7);
    CHECK_FALSE(rows.optional_real(2));
    CHECK(rows.text(3) == "text");
    CHECK(rows.text(4) == "blob");
}

TEST_CASE("the same text may run inside itself", "[storage][database]") {
    Database database = memory();
    constexpr std::string_view sql = "SELECT value FROM json_each(?)";
    std::string seen;
    Rows outer = database.query(sql, "[1,2]");
    while (outer.step()) {
        Rows inner = database.query(sql, "[3,4]");
        while (inner.step()) seen += outer.text(0) + inner.text(0) + " ";
    }
    CHECK(seen == "13 14 23 24 ");
}

TEST_CASE("a statement that is used again starts anew, without the old values", "[storage][database]") {
    Database database = memory();
    constexpr std::string_view sql = "SELECT value FROM json_each(?);\n ";
    for (int round = 0; round < 3; ++round) {
        Rows rows = database.query(sql, "[1,2,3]");
        REQUIRE(rows.step());
        CHECK(rows.integer(0) == 1);  // left before its end
    }
}

TEST_CASE("rows that ended stay ended", "[storage][database]") {
    Database database = memory();
    database.execute("CREATE TABLE t (i)");
    Rows rows = database.query("INSERT INTO t VALUES (1)");
    CHECK_FALSE(rows.step());
    CHECK_FALSE(rows.step());
    Rows count = database.query("SELECT count(*) FROM t");
    REQUIRE(count.step());
    CHECK(count.integer(0) == 1);
}

TEST_CASE("rows may be moved", "[storage][database]") {
    Database database = memory();
    Rows first = database.query("SELECT 1 UNION ALL SELECT 2");
    REQUIRE(first.step());
    Rows second = std::move(first);
    REQUIRE(second.step());
    CHECK(second.integer(0) == 2);
}

TEST_CASE("more texts than are kept still work", "[storage][database]") {
    Database database = memory();
    for (int number = 0; number < 1200; ++number) {
        Rows rows = database.query("SELECT " + std::to_string(number));
        REQUIRE(rows.step());
        REQUIRE(rows.integer(0) == number);
    }
}

TEST_CASE("a query must be one statement with all its values", "[storage][database]") {
    Database database = memory();
    CHECK_THROWS_AS(database.query("SELECT ?, ?", 1), BrokenPromise);
    CHECK_THROWS_AS(database.query("SELECT 1", 1), BrokenPromise);
    CHECK_THROWS_AS(database.query("SELECT 1; SELECT 2"), BrokenPromise);
    CHECK_THROWS_AS(database.query(""), BrokenPromise);
}

TEST_CASE("an error names its cause and leaves the statement usable", "[storage][database]") {
    Database database = memory();
    database.execute("CREATE TABLE t (i INTEGER UNIQUE)");
    constexpr std::string_view sql = "INSERT INTO t VALUES (?)";
    database.run(sql, 1);
    try {
        database.run(sql, 1);
        FAIL("a second 1 was taken");
    } catch (const DatabaseError& error) {
        CHECK(error.code == SQLITE_CONSTRAINT);
        CHECK_THAT(error.what(), ContainsSubstring("UNIQUE constraint failed: t.i"));
    }
    CHECK(database.run(sql, 2) == 1);
    CHECK_THROWS_AS(database.query("SELECT * FROM absent"), DatabaseError);
    CHECK_THROWS_AS(database.execute("nonsense"), DatabaseError);
}

TEST_CASE("text in double quotes is a name, never a string", "[storage][database]") {
    Database database = memory();
    CHECK_THROWS_AS(database.query("SELECT \"typo\""), DatabaseError);
}
