"""Holds answers against the schemas of the document; reads both from standard input."""

import json
import sys

import jsonschema_rs

given = json.load(sys.stdin)
wrong = 0
for exchange in given["exchanges"]:
    schema = {**exchange["schema"], "components": given["document"]["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for error in validator.iter_errors(exchange["body"]):
        wrong += 1
        print(f"{exchange['what']}: {error.message} at {error.instance_path}")
print(f"{len(given['exchanges'])} answers, {wrong} errors")
sys.exit(1 if wrong else 0)
