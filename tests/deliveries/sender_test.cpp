#include "deliveries/sender.hpp"

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <atomic>
#include <future>
#include <thread>

#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::deliveries;
using namespace std::chrono_literals;

namespace {

/// A web server on a free loopback port for as long as it lives.
class Webhook {
public:
    Webhook() {
        port_ = server.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server.listen_after_bind(); });
        while (!server.is_running()) std::this_thread::yield();
    }
    ~Webhook() {
        server.stop();
        thread_.join();
    }

    std::string url(const std::string& path = "/hook") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    int port() const { return port_; }

    httplib::Server server;

private:
    int port_ = 0;
    std::thread thread_;
};

std::vector<Address> loopback(const std::string& /*host*/) { return {*parse_address("127.0.0.1")}; }

}  // namespace

TEST_CASE("a post arrives as it was given: method, path, query, headers, body, and the host's name",
          "[deliveries][sender]") {
    Webhook webhook;
    httplib::Request seen;
    webhook.server.Post("/hook%20a", [&](const httplib::Request& request, httplib::Response& response) {
        seen = request;
        response.set_content("thanks", "text/plain");
    });
    webhook.server.Post(".*", [&](const httplib::Request& request, httplib::Response&) { seen = request; });

    HttpSender sender({}, {}, loopback);
    const auto result =
        sender.send({.url = "http://webhook:" + std::to_string(webhook.port()) + "/hook?a=b%20c&d",
                     .headers = {{"x-amz-sns-message-type", "Notification"},
                                 {"Content-Type", "text/plain; charset=UTF-8"}},
                     .body = R"({"Type":"Notification"})"});

    CHECK(result.status == 200);
    CHECK(result.error.empty());
    CHECK(seen.method == "POST");
    CHECK(seen.target == "/hook?a=b%20c&d");
    CHECK(seen.body == R"({"Type":"Notification"})");
    CHECK(seen.get_header_value("Host") == "webhook:" + std::to_string(webhook.port()));
    CHECK(seen.get_header_value("x-amz-sns-message-type") == "Notification");
    CHECK(seen.get_header_value("Content-Type") == "text/plain; charset=UTF-8");
}

TEST_CASE("an answer other than 2xx is told with its status and a short, harmless piece of its body",
          "[deliveries][sender]") {
    Webhook webhook;
    webhook.server.Post("/hook", [](const httplib::Request&, httplib::Response& response) {
        response.status = 503;
        response.set_content("down\r\n\x1b[31m" + std::string(1000, 'x'), "text/plain");
    });
    HttpSender sender({});
    const auto result = sender.send({.url = webhook.url(), .body = "{}"});
    CHECK(result.status == 503);
    CHECK(result.error == "HTTP 503: down\\x0d\\x0a\\x1b[31m" + std::string(245, 'x'));
    CHECK_FALSE(result.refused);
}

TEST_CASE("a redirect is not followed, wherever it points", "[deliveries][sender]") {
    Webhook webhook;
    int followed = 0;
    webhook.server.Post("/hook", [](const httplib::Request&, httplib::Response& response) {
        response.set_redirect("/elsewhere");
    });
    webhook.server.Get("/elsewhere", [&](const httplib::Request&, httplib::Response&) { ++followed; });
    webhook.server.Post("/elsewhere", [&](const httplib::Request&, httplib::Response&) { ++followed; });
    HttpSender sender({});
    CHECK(sender.send({.url = webhook.url(), .body = "{}"}).status == 302);
    CHECK(followed == 0);
}

TEST_CASE("an answer that is too long, in its body or its head, is cut off", "[deliveries][sender]") {
    Webhook webhook;
    webhook.server.Post("/body", [](const httplib::Request&, httplib::Response& response) {
        response.set_content(std::string(100'000, 'x'), "text/plain");
    });
    webhook.server.Post("/head", [](const httplib::Request&, httplib::Response& response) {
        for (int i = 0; i < 1000; ++i) response.set_header("x-" + std::to_string(i), std::string(200, 'y'));
    });
    HttpSender sender({});
    const auto path = GENERATE("/body", "/head");
    const auto result = sender.send({.url = webhook.url(path), .body = "{}"});
    CHECK(result.error == "the answer is longer than 65536 bytes");
}

TEST_CASE("a webhook that never answers costs the total time and no more", "[deliveries][sender]") {
    Webhook webhook;
    std::promise<void> over;
    auto released = over.get_future().share();
    webhook.server.Post("/hook",
                        [released](const httplib::Request&, httplib::Response&) { released.wait(); });
    HttpSender sender({}, {.connect = 50ms, .total = 50ms});
    const auto result = sender.send({.url = webhook.url(), .body = "{}"});
    over.set_value();
    CHECK(result.status == 0);
    CHECK_THAT(result.error, ContainsSubstring("did not answer in time"));
}

TEST_CASE("stopping ends a post under way and keeps it as if it had not been tried", "[deliveries][sender]") {
    Webhook webhook;
    std::promise<void> arrived;
    std::promise<void> over;
    auto released = over.get_future().share();
    webhook.server.Post("/hook", [&, released](const httplib::Request&, httplib::Response&) {
        arrived.set_value();
        released.wait();
    });
    HttpSender sender({});
    auto result =
        std::async(std::launch::async, [&] { return sender.send({.url = webhook.url(), .body = "{}"}); });
    arrived.get_future().wait();
    sender.cancel();
    CHECK(result.get().cancelled);
    CHECK(sender.send({.url = webhook.url(), .body = "{}"}).cancelled);
    over.set_value();
}

TEST_CASE("nobody listening is a failure that may be retried", "[deliveries][sender]") {
    int port = 0;
    {
        Webhook webhook;
        port = webhook.port();
    }
    HttpSender sender({});
    const auto result = sender.send({.url = "http://127.0.0.1:" + std::to_string(port) + "/", .body = "{}"});
    CHECK(result.status == 0);
    CHECK_FALSE(result.refused);
    CHECK_THAT(result.error, ContainsSubstring("cannot connect to 127.0.0.1"));
}

TEST_CASE("a name that leads to a metadata address is refused although its other addresses are fine",
          "[deliveries][sender]") {
    Webhook webhook;
    int calls = 0;
    webhook.server.Post(".*", [&](const httplib::Request&, httplib::Response&) { ++calls; });
    int lookups = 0;
    HttpSender sender({.allowed_hosts = {"*"}}, {}, [&](const std::string&) {
        ++lookups;
        return std::vector{*parse_address("127.0.0.1"), *parse_address("169.254.169.254")};
    });
    const auto result = sender.send(
        {.url = "http://rebind.example.com:" + std::to_string(webhook.port()) + "/", .body = "{}"});
    CHECK(result.refused);
    CHECK(result.error == "169.254.169.254 is link-local and is never called");
    CHECK(lookups == 1);
    CHECK(calls == 0);
}

TEST_CASE("a host that is not allowed is not even looked up", "[deliveries][sender]") {
    HttpSender sender(
        {}, {}, [](const std::string&) -> std::vector<Address> { throw std::logic_error("looked up"); });
    const auto result = sender.send({.url = "http://example.com/", .body = "{}"});
    CHECK(result.refused);
    CHECK_THAT(result.error, ContainsSubstring("--allow-outbound example.com"));
}

TEST_CASE("a header that would break the request is refused", "[deliveries][sender]") {
    HttpSender sender(
        {}, {}, [](const std::string&) -> std::vector<Address> { throw std::logic_error("looked up"); });
    const auto value =
        GENERATE(values<std::string>({"a\r\nx-evil: 1", "a\nb", "a\rb", std::string("a\0b", 3), "\x7f"}));
    CHECK(sender.send({.url = "http://localhost/", .headers = {{"x-amz-sns-topic-arn", value}}, .body = "{}"})
              .refused);
    CHECK(sender.send({.url = "http://localhost/", .headers = {{value, "x"}}, .body = "{}"}).refused);
}

TEST_CASE("a TLS server on this machine may have a certificate of its own", "[deliveries][sender]") {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());

    httplib::SSLServer server(certificate.get(), key.get());
    std::string body;
    server.Post("/hook", [&](const httplib::Request& request, httplib::Response& response) {
        body = request.body;
        response.status = 202;
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();

    HttpSender sender({});
    const auto result = sender.send(
        {.url = "https://127.0.0.1:" + std::to_string(port) + "/hook", .body = std::string(300'000, 'x')});
    server.stop();
    thread.join();
    CHECK(result.error == "");
    CHECK(result.status == 202);
    CHECK(body.size() == 300'000);
}

TEST_CASE("what is spoken is what the URL says: TLS to a plain server fails", "[deliveries][sender]") {
    Webhook webhook;
    HttpSender sender({});
    const auto result = sender.send({.url = "https" + webhook.url().substr(4), .body = "{}"});
    CHECK(result.status == 0);
    CHECK_THAT(result.error, StartsWith("TLS, handshake: "));
}

TEST_CASE("a name that no server answers for costs the time to connect and no more", "[deliveries][sender]") {
    std::promise<void> over;
    auto released = over.get_future().share();
    std::atomic<int> lookups{0};
    {
        HttpSender sender({}, {.connect = 30ms, .total = 30ms}, [&lookups, released](const std::string&) {
            ++lookups;
            released.wait();
            return std::vector<Address>{};
        });
        for (int round = 0; round < 3; ++round) {
            const auto result = sender.send({.url = "http://lost/hook", .body = "{}"});
            CHECK(result.status == 0);
            CHECK_FALSE(result.refused);
            CHECK(result.error == "the host lost could not be looked up in time");
        }
        CHECK(lookups == 1);  // one question holds one thread, however often it is asked
    }                         // the resolver is still at it, and nobody waits for it
    over.set_value();
}

TEST_CASE("lookups that hang are few, and others find the way past them while there is one",
          "[deliveries][sender]") {
    Webhook webhook;
    std::promise<void> over;
    auto released = over.get_future().share();
    auto hanging = std::make_shared<std::atomic<int>>(0);
    HttpSender sender({}, {.connect = 100ms}, [hanging, released](const std::string& host) {
        if (host != "fine") {
            ++*hanging;
            released.wait();
        }
        return loopback(host);
    });
    const auto send_to = [&](const std::string& host) {
        return sender.send(
            {.url = "http://" + host + ":" + std::to_string(webhook.port()) + "/", .body = "{}"});
    };
    const auto is_reached = [&] {
        for (int tries = 0; tries < 100; ++tries) {
            if (send_to("fine").status == 404) return true;
        }
        return false;
    };
    for (const char* host : {"one", "two", "three"}) CHECK(send_to(host).status == 0);
    CHECK(is_reached());
    for (const char* host : {"four", "five", "six"}) CHECK(send_to(host).status == 0);
    CHECK(*hanging == 4);
    over.set_value();
    CHECK(is_reached());
}

TEST_CASE("stopping ends the wait for a name", "[deliveries][sender]") {
    std::promise<void> asked;
    std::promise<void> over;
    auto released = over.get_future().share();
    HttpSender sender({}, {}, [&asked, released](const std::string&) {
        asked.set_value();
        released.wait();
        return std::vector<Address>{};
    });
    auto result = std::async(std::launch::async,
                             [&] { return sender.send({.url = "http://lost/hook", .body = "{}"}); });
    asked.get_future().wait();
    sender.cancel();
    CHECK(result.get().cancelled);
    over.set_value();
}

TEST_CASE("a name that is not known is told as the resolver tells it", "[deliveries][sender]") {
    HttpSender sender({}, {}, [](const std::string& host) -> std::vector<Address> {
        throw std::runtime_error("the host " + host + " is not known: no luck");
    });
    CHECK(sender.send({.url = "http://lost/hook", .body = "{}"}).error ==
          "the host lost is not known: no luck");
}
