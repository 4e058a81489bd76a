"""Answers for pairs of pattern and text what google-re2 makes of them.

Reads JSON from the file given: a list of [pattern, dot matches newline, [text, ...]]. Writes JSON:
for each pattern null when it is refused, else for each text the offsets in bytes of the groups of
the full match and of the first match, null where there is none.
"""

import json
import sys

import re2


def offsets(match):
    if match is None:
        return None
    return [place for group in range(match.re.groups + 1) for place in match.span(group)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    answers = []
    for pattern, dot_newline, texts in cases:
        options = re2.Options()
        options.dot_nl = dot_newline
        options.log_errors = False
        try:
            expression = re2.compile(pattern.encode(), options)
        except re2.error:
            answers.append(None)
            continue
        answers.append([
            [offsets(expression.fullmatch(text.encode())), offsets(expression.search(text.encode()))]
            for text in texts
        ])
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(answers, file)


main()
