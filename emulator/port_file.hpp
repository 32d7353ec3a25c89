#pragma once

#include <string>

namespace rockwatch {

/// The file that gets the port. That it can be written is known before anything is served; what it held
/// before is gone by then, so that nobody takes the last run's port for this one's.
class PortFile {
public:
    /// Throws InputError. An empty path: no such file is wanted.
    explicit PortFile(const std::string& path);
    ~PortFile();
    PortFile(const PortFile&) = delete;
    PortFile& operator=(const PortFile&) = delete;

    /// Written beside and renamed, so that a reader sees no port or the whole one. Throws InputError.
    void write(int port);

private:
    std::string path_;
    std::string beside_;
    int file_ = -1;
};

/// The port in such a file. Throws InputError.
int read_port_file(const std::string& path);

}  // namespace rockwatch
