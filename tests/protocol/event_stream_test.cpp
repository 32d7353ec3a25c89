#include "protocol/event_stream.hpp"

#include "cases.hpp"
#include "support/catch.hpp"

namespace rockwatch {

// Vectors of facts/protocols.md 3.3 and facts/bedrock.md 3.1, each decoded by botocore.
TEST_CASE("frames are the bytes that botocore's decoder reads", "[protocol][event-stream]") {
    struct Row {
        std::string name, frame, hex;
    };
    const auto row = GENERATE(values<Row>({
        {"contentBlockDelta",
         event_frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abcd"})"),
         "0000009f00000057c37babff0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e7"
         "4656e742d747970"
         "650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656"
         "e74426c6f636b49"
         "6e646578223a302c2264656c7461223a7b2274657874223a224869227d2c2270223a2261626364227df2ace5ff"},
        {"throttlingException", exception_frame("throttlingException", R"({"message":"slow down"})"),
         "0000008800000061de0175f40f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6"
         "e0d3a636f6e7465"
         "6e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700096578636570746"
         "96f6e7b226d6573"
         "73616765223a22736c6f7720646f776e227d832ee072"},
        {"error", error_frame("InternalError", "boom"),
         "0000005800000048154692c10d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f646507000d4"
         "96e7465726e616c"
         "4572726f720e3a6572726f722d6d657373616765070004626f6f6d961cb456"},
        {"initial-response", event_frame("initial-response", "{}"),
         "00000068000000564e6817240b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e746"
         "56e742d74797065"
         "0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7dd591c62b"},
        {"messageStop", event_frame("messageStop", R"({"p":"abcd","stopReason":"end_turn"})"),
         "0000008500000051004881e90b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e74656e742d747"
         "970650700106170"
         "706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2270223a2261626364222c227"
         "3746f7052656173"
         "6f6e223a22656e645f7475726e227d1cfadd05"},
        {"chunk", event_frame("chunk", R"({"bytes":"e30=","p":"ab"})"),
         "000000740000004b887e017e0b3a6576656e742d747970650700056368756e6b0d3a636f6e74656e742d747970650700106"
         "170706c69636174"
         "696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b226279746573223a226533303d222c2270223"
         "a226162227dd21f"
         "3a09"},
    }));
    CAPTURE(row.name);
    CHECK(to_hex(row.frame) == row.hex);
}

}  // namespace rockwatch
