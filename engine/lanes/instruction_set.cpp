#include "engine/lanes/instruction_set.h"

#include <cstdint>

#include "engine/core/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/instruction_set.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

const char* name_of_target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(name_of_target);

namespace {

/// One bit each, best first.
std::vector<std::int64_t> available_targets() {
  std::vector<std::int64_t> result;
  std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS;
  while (left != 0) {
    result.push_back(left & -left);
    left &= left - 1;
  }
  return result;
}

}  // namespace

std::vector<std::string> available_instruction_sets() {
  std::vector<std::string> names;
  for (std::int64_t target : available_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void choose_instruction_set() {
  if (!hwy::GetChosenTarget().IsInitialized())
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void choose_instruction_set(const std::string& name) {
  std::string known;
  for (std::int64_t target : available_targets()) {
    if (name == hwy::TargetName(target)) {
      hwy::GetChosenTarget().Update(target);
      return;
    }
    known += std::string(known.empty() ? "" : ", ") + hwy::TargetName(target);
  }
  throw InputError("instruction set '" + name + "' is not available here; there are: " + known);
}

std::string chosen_instruction_set() {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(name_of_target)();
}

}  // namespace saltus::engine
#endif
