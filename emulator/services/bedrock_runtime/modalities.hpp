#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch::bedrock_runtime {

/// Whether a catalogue entry's input or output modalities hold the word: TEXT, IMAGE, EMBEDDING.
inline bool has_modality(const std::vector<std::string>& modalities, std::string_view wanted) {
    return std::find(modalities.begin(), modalities.end(), wanted) != modalities.end();
}

}  // namespace rockwatch::bedrock_runtime
