#include "deliveries/delivery_store.hpp"

#include "core/text.hpp"
#include "deliveries/outbox.hpp"

namespace rockwatch::deliveries {

namespace {

// AUTOINCREMENT: an id is never used twice, so that a page's `after` and an attempt under way keep their
// meaning when the list is emptied.
constexpr Migration steps[] = {{1, R"sql(
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        time_ms INTEGER NOT NULL,
        source TEXT NOT NULL,
        protocol TEXT NOT NULL,
        target TEXT NOT NULL,
        topic TEXT NOT NULL,
        status TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        http_status INTEGER NOT NULL,
        error TEXT NOT NULL,
        next_attempt_ms INTEGER,
        url TEXT NOT NULL,
        headers TEXT NOT NULL,
        retry_waits TEXT NOT NULL,
        dead_letter TEXT NOT NULL,
        hops INTEGER NOT NULL,
        payload TEXT NOT NULL
    );
    CREATE INDEX delivery_pending ON delivery (target) WHERE status = 'pending';
)sql"}};

Json headers_json(const Headers& headers) {
    Json list = Json::array();
    for (const auto& [name, value] : headers) list.push_back({name, value});
    return list;
}

/// The text is ours; the checks are for a file that somebody edited.
Headers read_headers(std::string_view text) {
    Headers headers;
    const auto list = parse_json(text);
    if (!list || !list->is_array()) return headers;
    for (const auto& field : *list) {
        if (field.is_array() && field.size() == 2 && field[0].is_string() && field[1].is_string()) {
            headers.add(field[0].get<std::string>(), field[1].get<std::string>());
        }
    }
    return headers;
}

Json waits_json(const std::vector<Milliseconds>& waits) {
    Json list = Json::array();
    for (const auto wait : waits) list.push_back(wait.count());
    return list;
}

std::vector<Milliseconds> read_waits(std::string_view text) {
    std::vector<Milliseconds> waits;
    const auto list = parse_json(text);
    if (!list || !list->is_array()) return waits;
    for (const auto& wait : *list) {
        if (wait.is_number_integer()) waits.emplace_back(wait.get<std::int64_t>());
    }
    return waits;
}

Status read_status(std::string_view text) {
    for (const Status status : {Status::pending, Status::delivered, Status::captured}) {
        if (text == status_text(status)) return status;
    }
    return Status::failed;
}

std::optional<std::int64_t> ms_of(const std::optional<Instant>& instant) {
    return instant ? std::optional(epoch_ms(*instant)) : std::nullopt;
}

Delivery read_row(const Rows& row) {
    Delivery delivery;
    delivery.id = row.integer(0);
    delivery.owner = {.account = row.text(1), .region = row.text(2)};
    delivery.time = from_epoch_ms(row.integer(3));
    delivery.source = row.text(4);
    delivery.protocol = row.text(5);
    delivery.target = row.text(6);
    delivery.topic = row.text(7);
    delivery.status = read_status(row.view(8));
    delivery.attempts = static_cast<int>(row.integer(9));
    delivery.http_status = static_cast<int>(row.integer(10));
    delivery.error = row.text(11);
    if (const auto next = row.optional_integer(12)) delivery.next_attempt = from_epoch_ms(*next);
    delivery.url = row.text(13);
    delivery.headers = read_headers(row.view(14));
    delivery.retry_waits = read_waits(row.view(15));
    delivery.dead_letter = row.text(16);
    delivery.hops = static_cast<int>(row.integer(17));
    delivery.payload = row.text(18);
    return delivery;
}

}  // namespace

Migrations migrations() { return {"deliveries", steps}; }

std::optional<Delivery> DeliveryReader::find(std::int64_t id) const {
    Rows rows = database_.query(R"sql(
        SELECT id, account, region, time_ms, source, protocol, target, topic, status, attempts, http_status, error,
               next_attempt_ms, url, headers, retry_waits, dead_letter, hops, payload
        FROM delivery WHERE id = ?)sql",
                                id);
    if (!rows.step()) return std::nullopt;
    return read_row(rows);
}

std::vector<Delivery> DeliveryReader::list(const DeliveryFilter& filter, bool& more) const {
    Rows rows = database_.query(R"sql(
        SELECT id, account, region, time_ms, source, protocol, target, topic, status, attempts, http_status, error,
               next_attempt_ms, url, headers, retry_waits, dead_letter, hops, payload
        FROM delivery
        WHERE id > ?1 AND (?2 = '' OR status = ?2) AND (?3 = '' OR source = ?3) AND time_ms >= ?4
              AND NOT (?5 AND status = 'pending')
        ORDER BY id)sql",
                                filter.after, filter.status, filter.source,
                                filter.since ? epoch_ms(*filter.since) : INT64_MIN, filter.ended);
    const auto meant = [&](std::string_view target) {
        return target == filter.target || glob_matches(filter.target, target);
    };
    std::vector<Delivery> found;
    more = false;
    while (rows.step()) {
        if (!filter.target.empty() && !meant(rows.view(6)) && !meant(rows.view(7))) continue;
        if (found.size() == filter.limit) {
            more = true;
            break;
        }
        found.push_back(read_row(rows));
    }
    return found;
}

std::vector<DeliveryReader::Pending> DeliveryReader::pending() const {
    Rows rows = database_.query(
        "SELECT id, attempts, next_attempt_ms FROM delivery WHERE status = 'pending' ORDER BY "
        "next_attempt_ms, id");
    std::vector<Pending> found;
    while (rows.step()) {
        found.push_back({.id = rows.integer(0),
                         .attempts = static_cast<int>(rows.integer(1)),
                         .next_attempt = from_epoch_ms(rows.integer(2))});
    }
    return found;
}

std::int64_t DeliveryReader::count_pending(std::string_view target) const {
    Rows rows =
        database_.query("SELECT count(*) FROM delivery WHERE status = 'pending' AND target = ?", target);
    return rows.step() ? rows.integer(0) : 0;
}

std::int64_t DeliveryWriter::add(const Delivery& delivery) {
    database_.run(R"sql(
        INSERT INTO delivery (account, region, time_ms, source, protocol, target, topic, status, attempts, http_status,
                              error, next_attempt_ms, url, headers, retry_waits, dead_letter, hops, payload)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql",
                  delivery.owner.account, delivery.owner.region, epoch_ms(delivery.time), delivery.source,
                  delivery.protocol, delivery.target, delivery.topic, status_text(delivery.status),
                  delivery.attempts, delivery.http_status, delivery.error, ms_of(delivery.next_attempt),
                  delivery.url, to_text(headers_json(delivery.headers)),
                  to_text(waits_json(delivery.retry_waits)), delivery.dead_letter, delivery.hops,
                  delivery.payload);
    return database_.last_insert_id();
}

void DeliveryWriter::update(const Delivery& delivery) {
    database_.run(R"sql(
        UPDATE delivery SET status = ?, attempts = ?, http_status = ?, error = ?, next_attempt_ms = ?
        WHERE id = ?)sql",
                  status_text(delivery.status), delivery.attempts, delivery.http_status, delivery.error,
                  ms_of(delivery.next_attempt), delivery.id);
}

void DeliveryWriter::keep_newest(std::size_t count, std::int64_t newest) {
    database_.run("DELETE FROM delivery WHERE id <= ?", newest - static_cast<std::int64_t>(count));
}

void DeliveryWriter::clear() { database_.run("DELETE FROM delivery"); }

}  // namespace rockwatch::deliveries
