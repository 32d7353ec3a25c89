#include "step.hpp"

namespace rockwatch::simulation {

const Owner& owner_at(std::size_t who) {
    // In the order in which the emulator goes through owners.
    static const std::array<Owner, owner_count> owners{Owner{"111111111111", "eu-west-1"},
                                                       {"111111111111", "us-east-1"},
                                                       {"222222222222", "eu-west-1"},
                                                       {"222222222222", "us-east-1"}};
    return owners.at(who);
}

std::string step_text(const Step& step) { return to_text(step); }

}  // namespace rockwatch::simulation
