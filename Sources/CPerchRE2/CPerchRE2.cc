#include "CPerchRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct perch_re2 {
    RE2 expression;

    perch_re2(re2::StringPiece pattern, const RE2::Options &options)
        : expression(pattern, options) {}
};

static size_t copy(const std::string &text, char *to, size_t capacity) {
    if (capacity == 0) {
        return 0;
    }
    size_t count = std::min(text.size(), capacity - 1);
    std::memcpy(to, text.data(), count);
    to[count] = 0;
    return count;
}

extern "C" perch_re2 *perch_re2_new(
    const char *pattern, size_t length, int64_t memory, char *error, size_t error_capacity) {
    try {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(memory);
        options.set_dot_nl(true);
        auto result =
            std::make_unique<perch_re2>(re2::StringPiece(pattern, length), options);
        if (!result->expression.ok()) {
            copy(result->expression.error(), error, error_capacity);
            return nullptr;
        }
        return result.release();
    } catch (const std::bad_alloc &) {
        copy("out of memory", error, error_capacity);
        return nullptr;
    }
}

extern "C" void perch_re2_delete(perch_re2 *expression) {
    delete expression;
}

extern "C" int perch_re2_group_count(const perch_re2 *expression) {
    return expression->expression.NumberOfCapturingGroups();
}

extern "C" bool perch_re2_match(
    const perch_re2 *expression, const char *text, size_t length, size_t start, bool anchored,
    int64_t *offsets, int groups) {
    const int fixed = 16;
    re2::StringPiece few[fixed];
    std::vector<re2::StringPiece> many;
    re2::StringPiece *pieces = few;
    try {
        if (groups > fixed) {
            many.resize(groups);
            pieces = many.data();
        }
        re2::StringPiece whole(text, length);
        auto anchor = anchored ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
        if (!expression->expression.Match(whole, start, length, anchor, pieces, groups)) {
            return false;
        }
    } catch (const std::bad_alloc &) {
        return false;
    }
    for (int group = 0; group < groups; group++) {
        bool found = pieces[group].data() != nullptr;
        offsets[2 * group] = found ? pieces[group].data() - text : -1;
        offsets[2 * group + 1] =
            found ? pieces[group].data() - text + (int64_t)pieces[group].size() : -1;
    }
    return true;
}

extern "C" size_t perch_re2_group_name(
    const perch_re2 *expression, int group, char *name, size_t capacity) {
    const auto &names = expression->expression.CapturingGroupNames();
    auto found = names.find(group);
    return copy(found == names.end() ? std::string() : found->second, name, capacity);
}
