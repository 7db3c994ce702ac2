#!/usr/bin/env python3
"""Print the models of a LiteLLM price file in Steelyard's price text, for review by eye.

    import-litellm.py model_prices_and_context_window.json [--provider openai] [--source litellm]

Numbers are read as decimal text and never as floats. Names with a date are joined to their undated name when no price
contradicts it. What the text form cannot express is listed on standard error, not guessed.
"""
import argparse
import json
import re
import sys
from collections import defaultdict
from decimal import Decimal

TOKEN_COLUMNS = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cached",
    "cache_creation_input_token_cost": "write",
    "cache_creation_input_token_cost_above_12hr": "write-long",
    "cache_creation_input_token_cost_above_1hr": "write-long",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio-in",
    "cache_read_input_audio_token_cost": "audio-cached",
    "output_cost_per_audio_token": "audio-out",
    "input_cost_per_image_token": "image-in",
    "cache_read_input_image_token_cost": "image-cached",
    "output_cost_per_image_token": "image-out",
}
UNIT_COLUMNS = {
    "input_cost_per_second": "seconds",
    "output_cost_per_video_per_second": "seconds",
    "input_cost_per_character": "characters",
}
COLUMNS = list(dict.fromkeys([*TOKEN_COLUMNS.values(), *UNIT_COLUMNS.values()]))
TIERS = {None: "standard", "batches": "batch", "flex": "flex", "priority": "priority", "ultrafast": "ultrafast"}
KINDS = {
    "chat": "chat", "responses": "responses", "completion": "completion", "embedding": "embedding",
    "moderation": "moderation", "image_generation": "image", "audio_transcription": "transcription",
    "audio_speech": "speech", "realtime": "realtime", "video_generation": "video",
}
# `_above_` also marks how long a cache entry lives, and that is part of the column's name.
KEY = re.compile(
    r"^(?P<column>.*?(?:_above_(?:1|12)hr)?)(?:_above_(?P<thousands>\d+)k_tokens)?"
    r"(?:_(?P<tier>batches|flex|priority|ultrafast))?$")
DATE = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4})$")
IGNORED = {
    "litellm_provider", "mode", "deprecation_date", "max_input_tokens", "max_output_tokens",
    "search_context_cost_per_query", "regional_processing_uplift_multiplier_us",
    "regional_processing_uplift_multiplier_eu",
}


def plain(number):
    """A decimal without exponent or trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def per_unit(key, number):
    """A price with its units: audio is published per minute (and truncated per second here), video per second."""
    if key == "input_cost_per_character":
        return plain(number * 1_000_000) + "/1000000"
    if key == "input_cost_per_second":
        return plain((number * 60).quantize(Decimal("1e-9"))) + "/60"
    return plain(number) + "/1"


def rows_of(entry):
    """The rows of one entry: {(tier, threshold or 0): {column: text}}, and the keys that have no column."""
    rows, unknown = defaultdict(dict), []
    for key, value in entry.items():
        match = KEY.match(key)
        column = match["column"]
        row = rows[TIERS[match["tier"]], int(match["thousands"] or 0) * 1000]
        if column in TOKEN_COLUMNS:
            row[TOKEN_COLUMNS[column]] = plain(Decimal(value) * 1_000_000)
        elif column in UNIT_COLUMNS and not match["tier"]:
            row[UNIT_COLUMNS[column]] = per_unit(column, Decimal(value))
        elif key not in IGNORED:
            unknown.append(key)
    return {key: row for key, row in rows.items() if row}, unknown


def completed(rows):
    """Rows with every column of the standard row: a tier's missing price is the standard one of the same length.

    Where a tier has no row for long prompts at all, such a prompt is served as standard.
    """
    base, result = rows[("standard", 0)], {}
    lengths = sorted(length for tier, length in rows if tier == "standard")
    for tier in [tier for tier in TIERS.values() if (tier, 0) in rows]:
        for length in lengths:
            if (tier, length) not in rows:
                result[tier, length] = None
                continue
            plain_row = rows[("standard", length)]
            result[tier, length] = {c: rows[tier, length].get(c) or plain_row.get(c, "-") for c in base}
    return result


def agree(left, right):
    """Whether two entries contradict each other nowhere, and are alike at the standard tier."""
    if left.get(("standard", 0)) != right.get(("standard", 0)):
        return False
    return all(row.get(c) in (None, text) for key, other in right.items() if (row := left.get(key))
               for c, text in other.items())


def groups_of(entries):
    """Joins each dated name to its undated one, or to the first of its dated ones, if the prices agree."""
    heads = []
    for name in sorted(entries, key=lambda name: (DATE.sub("", name), len(name), name)):
        rows, _ = rows_of(entries[name])
        for head in heads:
            if DATE.sub("", head["names"][0]) == DATE.sub("", name) and agree(head["rows"], rows):
                head["names"].append(name)
                for key, row in rows.items():
                    head["rows"].setdefault(key, {}).update(row)
                break
        else:
            heads.append({"names": [name], "rows": rows})
    return heads


def printed(group, entries, source):
    """The block of one group."""
    names, first = group["names"], entries[group["names"][0]]
    for index, name in enumerate(names):
        retires = entries[name].get("deprecation_date")
        yield ("model " if index == 0 else "  also ") + name + (f" retires {retires}" if retires else "")
    yield f"  kind {KINDS[first['mode']]}"
    limits = [f"{word} {first[key]}" for word, key in [("input", "max_input_tokens"), ("output", "max_output_tokens")]
              if int(first.get(key) or 0) > 0]
    if limits:
        yield "  limits " + " ".join(limits)
    if uplift := first.get("regional_processing_uplift_multiplier_eu"):
        numerator, denominator = Decimal(uplift).as_integer_ratio()
        yield f"  uplift {numerator}/{denominator} us eu"
    yield f"  from launch source {source}"
    rows = completed(group["rows"])
    has_lengths = any(length for _, length in rows)
    for (tier, length), row in rows.items():
        label = f"{tier:<9}" + (f" {'>' + str(length) if length else '':<7}" if has_lengths else "")
        cells = "as-standard" if row is None else " ".join(f"{c} {row[c]}" for c in COLUMNS if c in row)
        yield f"    {label} {cells}"


def is_repeated(name, data):
    """Whether the name only repeats another with the provider before it."""
    return name.startswith("openai/") and name.removeprefix("openai/") in data


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file")
    arguments.add_argument("--provider", action="append", default=None, help="litellm_provider to take (repeatable)")
    arguments.add_argument("--source", default="litellm", help="the source's short name in the text")
    options = arguments.parse_args()
    providers = options.provider or ["openai", "text-completion-openai"]
    with open(options.file, encoding="utf-8") as file:
        data = json.load(file, parse_float=str, parse_int=str)
    entries = {}
    for name, entry in data.items():
        if entry.get("litellm_provider") in providers and not is_repeated(name, data):
            rows, unknown = rows_of(entry)
            if unknown:
                print(f"{name}: not taken over: {', '.join(unknown)}", file=sys.stderr)
            if ("standard", 0) in rows:
                entries[name] = entry
            else:
                print(f"{name}: has no price this text form can express", file=sys.stderr)
    for group in groups_of(entries):
        print("\n".join(printed(group, entries, options.source)) + "\n")


if __name__ == "__main__":
    main()
