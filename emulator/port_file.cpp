#include "port_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/error.hpp"
#include "core/text.hpp"
#include "files.hpp"
#include "option_table.hpp"
#include "option_values.hpp"

namespace rockwatch {

namespace {

InputError cannot_be_written(const std::string& path, const char* why) {
    return {
        400, "InvalidOption",
        fmt::format("--port-file {}: cannot be written: {}. Name a file in a folder that exists and is yours",
                    path, why)};
}

}  // namespace

PortFile::PortFile(const std::string& path) : path_(path), beside_(path + ".new") {
    if (path.empty()) return;
    struct stat there {};
    if (::stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode))
        throw cannot_be_written(path, "it is a folder");
    ::unlink(beside_.c_str());  // of a run that was killed
    file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file_ < 0) throw cannot_be_written(path, std::strerror(errno));
    ::unlink(path.c_str());
}

PortFile::~PortFile() {
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(beside_.c_str());
}

void PortFile::write(int port) {
    if (file_ < 0) return;
    const std::string text = fmt::format("{}\n", port);
    const bool is_written = ::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool is_there = is_written && std::rename(beside_.c_str(), path_.c_str()) == 0;
    if (!is_there) throw cannot_be_written(path_, std::strerror(errno));
    ::close(file_);
    file_ = -1;
}

int read_port_file(const std::string& path) {
    const std::string text = read_text_file(path);
    try {
        return static_cast<int>(read_whole_number(trim(text, " \t\r\n"), {1, 65535}));
    } catch (const WrongValue&) {
        throw FileError(path, "holds no port: is the server up?");
    }
}

}  // namespace rockwatch
