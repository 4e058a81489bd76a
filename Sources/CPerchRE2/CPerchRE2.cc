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

// What Go's regexp/syntax says where RE2 gives this code.
static const char *words(RE2::ErrorCode code) {
    switch (code) {
    case RE2::ErrorBadEscape: return "invalid escape sequence";
    case RE2::ErrorBadCharClass: return "invalid character class";
    case RE2::ErrorBadCharRange: return "invalid character class range";
    case RE2::ErrorMissingBracket: return "missing closing ]";
    case RE2::ErrorMissingParen: return "missing closing )";
    case RE2::ErrorUnexpectedParen: return "unexpected )";
    case RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize: return "invalid repeat count";
    case RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8: return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture: return "invalid named capture";
    default: return nullptr;
    }
}

static std::string reason(const RE2 &expression) {
    const char *known = words(expression.error_code());
    if (known == nullptr) {
        return expression.error();
    }
    return std::string(known) + ": `" + expression.error_arg() + "`";
}

extern "C" perch_re2 *perch_re2_new(
    const char *pattern, size_t length, int64_t memory, bool dot_newline, char *error,
    size_t error_capacity) {
    try {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(memory);
        options.set_dot_nl(dot_newline);
        auto result =
            std::make_unique<perch_re2>(re2::StringPiece(pattern, length), options);
        if (!result->expression.ok()) {
            copy(reason(result->expression), error, error_capacity);
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
    // RE2 tells a group without part in the match from an empty one by its address.
    if (text == nullptr) {
        text = "";
    }
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

extern "C" int64_t perch_re2_find(
    const char *text, size_t length, const char *needle, size_t needle_length) {
    if (needle_length == 0) {
        return 0;
    }
    if (needle_length > length) {
        return -1;
    }
    const void *found = memmem(text, length, needle, needle_length);
    return found == nullptr ? -1 : (const char *)found - text;
}
