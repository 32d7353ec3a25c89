#pragma once

#include <httplib.h>

#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace rockwatch::http {

/// What differs between cpp-httplib 0.11 and its successors, and what we use of it in all of them. Nothing
/// here says `override`, since each version asks for other members.
///
/// The library reads a canonical head from it and writes an answer to it.
class LibraryStream : public httplib::Stream {
public:
    void put(std::string_view request) {
        request_ = request;
        at_ = 0;
    }

    // NOLINTBEGIN(modernize-use-override): as told above
    ssize_t read(char* buffer, std::size_t size) {
        const std::size_t count = std::min(size, request_.size() - at_);
        std::memcpy(buffer, request_.data() + at_, count);
        at_ += count;
        return static_cast<ssize_t>(count);
    }
    ssize_t write(const char* bytes, std::size_t size) {
        return take({bytes, size}) ? static_cast<ssize_t>(size) : -1;
    }

    bool is_readable() const { return at_ < request_.size(); }
    bool is_writable() const { return true; }    // until 0.19
    bool wait_readable() const { return true; }  // from 0.20
    bool wait_writable() const { return true; }
    time_t duration() const { return 0; }

    void get_remote_ip_and_port(std::string&, int&) const {}
    void get_local_ip_and_port(std::string&, int&) const {}
    // No descriptor: a library built for select() refuses those above 1,023.
    socket_t socket() const { return INVALID_SOCKET; }
    // NOLINTEND(modernize-use-override)

protected:
    /// Bytes of the answer. False when the client is gone.
    virtual bool take(std::string_view bytes) = 0;

private:
    std::string request_;
    std::size_t at_ = 0;
};

/// Newer versions keep headers in a hash table, in which those of one name come out in reverse.
template <class Map>
inline constexpr bool reverses = !requires { typename Map::key_compare; };
inline constexpr bool reverses_headers = reverses<httplib::Headers>;

/// The library as we use it: no route, no listening socket, one request at a time.
class LibraryServer : public httplib::Server {
public:
    LibraryServer() {
        // A server without a socket counts as one that shuts down, and then no provider is called.
        svr_sock_ = std::numeric_limits<int>::max();
    }
    ~LibraryServer() override { svr_sock_ = INVALID_SOCKET; }

    /// Reads the head from the stream, has the pre-routing handler answer it, writes the answer to the
    /// stream.
    bool process(LibraryStream& stream) { return process_in(stream); }

private:
    // A template, so that the form that this version of the library lacks is not compiled.
    template <class AnyStream>
    bool process_in(AnyStream& stream) {
        bool is_closed = false;
        if constexpr (requires { this->process_request(stream, false, is_closed, nullptr); }) {
            return this->process_request(stream, false, is_closed, nullptr);
        } else {
            static const std::string nowhere;
            return this->process_request(stream, nowhere, 0, nowhere, 0, false, is_closed, nullptr);
        }
    }
};

}  // namespace rockwatch::http
