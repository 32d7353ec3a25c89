#include "deliveries/outbound_policy.hpp"

#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::deliveries;

namespace {

/// What stands between a URL and its first packet, with the lookup given.
std::string refusal(const std::string& text, const OutboundPolicy& policy, const std::string& leads_to) {
    std::string fault;
    const auto url = parse_url(text, &fault);
    if (!url) return fault;
    if (const auto refused = host_refusal(policy, *url)) return *refused;
    const auto literal = parse_address(url->host);
    const auto refused = address_refusal(literal ? *literal : *parse_address(leads_to));
    return refused.value_or("");
}

}  // namespace

TEST_CASE("a delivery goes to loopback and single-label hosts without being asked", "[deliveries][policy]") {
    struct Row {
        std::string url;
        std::string leads_to;
    };
    const auto row = GENERATE(values<Row>({
        {"http://localhost:8080/hook", "127.0.0.1"},
        {"http://LOCALHOST/hook", "::1"},
        {"http://127.0.0.1:9/", "127.0.0.1"},
        {"http://127.8.7.6/", "127.8.7.6"},
        {"http://[::1]:8080/hook?a=b", "::1"},
        {"http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"},
        {"https://webhook/", "172.18.0.3"},
        {"http://my_service-1:80", "10.0.0.7"},
        {"http://app.localhost", "127.0.0.1"},
    }));
    CAPTURE(row.url);
    CHECK(refusal(row.url, {}, row.leads_to) == "");
}

TEST_CASE("a delivery never leaves for an address that the user did not allow", "[deliveries][policy]") {
    const auto url = GENERATE(values<std::string>({
        "http://example.com/",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/",
        "http://8.8.8.8/",
        "http://[2001:db8::1]/",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.01/",
        "http://127.0.0.256/",
        "http://1.2.3.4.5/",
        "http://localhost@169.254.169.254/",
        "http://user:password@localhost/",
        "http://localhost\\@example.com/",
        "http://localhost%2eexample.com/",
        "http://127.0.0.1%00.example.com/",
        "http://localhost./",
        "http://.localhost/",
        "http://localhost..local/",
        "http://\xe2\x91\xa0.com/",
        "http://loc alhost/",
        "http://localhost\r\nx: y/",
        "http://localhost/a\nb",
        "http:///etc/passwd",
        "http://",
        "http://:80/",
        "http://localhost:0/",
        "http://localhost:65536/",
        "http://localhost:80a/",
        "http://localhost:/",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[::1]x/",
        "http://[127.0.0.1]/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "gopher://localhost:70/_",
        "unix:/var/run/docker.sock",
        "localhost:8080",
        "",
        "http://localhost.example.com/",
        "http://127.0.0.1.nip.io/",
    }));
    CAPTURE(url);
    CHECK(refusal(url, {}, "127.0.0.1") != "");
}

TEST_CASE(
    "link-local and metadata addresses are refused whatever the user allows and however they are written",
    "[deliveries][policy]") {
    struct Row {
        std::string url;
        std::string leads_to;
    };
    const auto row = GENERATE(values<Row>({
        {"http://169.254.169.254/latest/meta-data/", ""},
        {"http://169.254.170.2/v2/credentials", ""},
        {"http://[::ffff:169.254.169.254]/", ""},
        {"http://[::ffff:a9fe:a9fe]/", ""},
        {"http://[::169.254.169.254]/", ""},
        {"http://[64:ff9b::a9fe:a9fe]/", ""},
        {"http://[2002:a9fe:a9fe::]/", ""},
        {"http://[fe80::1]/", ""},
        {"http://[febf::1]/", ""},
        {"http://[fd00:ec2::254]/latest/meta-data/", ""},
        {"http://[fd00:ec2::23]/v1/credentials", ""},
        {"http://168.63.129.16/", ""},
        {"http://100.100.100.200/", ""},
        {"http://0.0.0.0:8080/", ""},
        {"http://[::]:8080/", ""},
        {"http://224.0.0.1/", ""},
        {"http://255.255.255.255/", ""},
        {"http://[ff02::1]/", ""},
        {"http://metadata/", "169.254.169.254"},
        {"http://metadata.google.internal/", "169.254.169.254"},
        {"http://169.254.169.254.nip.io/", "169.254.169.254"},
        {"http://rebinding.example.com/", "fd00:ec2::254"},
    }));
    CAPTURE(row.url);
    CHECK(refusal(row.url, {.allowed_hosts = {"*"}}, row.leads_to).find("never called") != std::string::npos);
}

TEST_CASE("--allow-outbound opens a host, an address or a family of names", "[deliveries][policy]") {
    struct Row {
        std::string allowed;
        std::string url;
        bool open;
    };
    const auto row = GENERATE(values<Row>({
        {"hooks.example.com", "https://hooks.example.com/x", true},
        {"Hooks.Example.com", "https://HOOKS.example.COM/x", true},
        {"hooks.example.com", "https://evil.hooks.example.com/x", false},
        {"*.example.com", "https://a.b.example.com/x", true},
        {"*.example.com", "https://example.com/x", false},
        {"*.example.com", "https://example.com.evil.org/x", false},
        {"10.0.0.7", "http://10.0.0.7/", true},
        {"10.0.0.7", "http://10.0.0.70/", false},
        {"2001:db8::1", "http://[2001:db8:0:0::1]/", true},
    }));
    CAPTURE(row.allowed, row.url);
    CHECK(refusal(row.url, {.allowed_hosts = {row.allowed}}, "93.184.216.34").empty() == row.open);
}

TEST_CASE("a refusal names the flag that lifts it", "[deliveries][policy]") {
    CHECK(refusal("http://example.com/", {}, "93.184.216.34") ==
          "example.com is not a local host: start with --allow-outbound example.com to have it called");
}
