"""Validates recorded requests to AWS by AWS's own models of its API, which botocore carries.

Each argument is a file with one request a line, as the local AWS records them. Every request must be an
operation that the models know, with parameters of theirs: none missing, none unknown, each of its type,
within its bounds, and one of its choices where it has some. Prints one line for each kind of deviation,
and ends with 1 where there is one. What an answer means, and whether a signature is right, is left out.
"""
import base64, json, os, re, sys, urllib.parse
from collections import Counter
from xml.etree import ElementTree

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

# What every request to S3 may carry, whatever it asks for.
COMMON = re.compile(
    r"x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer)$"
    r"|x-amz-sdk-|x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$|x-amz-checksum-mode$"
)
models = {}


class Deviation(Exception):
    pass


def model(service):
    if service not in models:
        models[service] = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return models[service]


def operation_of_json(service, request):
    prefix, _, name = request["headers"].get("x-amz-target", "").rpartition(".")
    if prefix != model(service).metadata["targetPrefix"]:
        raise Deviation(f"{service}: unknown target {prefix!r}")
    return known(service, name), json.loads(request["body"] or "{}")


def operation_of_query(service, request):
    form = dict(urllib.parse.parse_qsl(request["body"].decode(), keep_blank_values=True))
    name, version = form.pop("Action", ""), form.pop("Version", "")
    operation = known(service, name)
    if version != model(service).api_version:
        raise Deviation(f"{service}: {name}: unknown version {version!r}")
    parameters = read_form(operation.input_shape, form, "") if operation.input_shape else {}
    if form:
        raise Deviation(f"{service}: {name}: unknown parameters {sorted(form)}")
    return operation, parameters or {}


def read_form(shape, form, prefix):
    """Takes what belongs to a shape out of the form; None where there is nothing."""
    if shape.type_name == "structure":
        found = {}
        for name, member in shape.members.items():
            key = member.serialization.get("name", name)
            value = read_form(member, form, f"{prefix}.{key}" if prefix else key)
            if value is not None:
                found[name] = value
        return found or None
    if shape.type_name == "list":
        flat = shape.serialization.get("flattened")
        between = "" if flat else "." + shape.member.serialization.get("name", "member")
        entries, number = [], 1
        while (value := read_form(shape.member, form, f"{prefix}{between}.{number}")) is not None:
            entries.append(value)
            number += 1
        return entries or None
    text = form.pop(prefix, None)
    return None if text is None else scalar(shape, text)


def operation_of_rest(service, request):
    path, query = request["path"].lstrip("/"), dict(request["query"])
    bucket, _, key = path.partition("/")
    query.pop("x-id", None)
    candidates = []
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        place, _, fixed = operation.http["requestUri"].partition("?")
        fixed = dict(urllib.parse.parse_qsl(fixed, keep_blank_values=True))
        if operation.http["method"] != request["method"] or ("{Key" in place) != bool(key):
            continue
        if any(query.get(name) != value for name, value in fixed.items() if name != "x-id"):
            continue
        shape = operation.input_shape
        # What an operation cannot do without tells it from others at the same place.
        needed = {
            (member.serialization["location"], member.serialization["name"].lower())
            for name, member in (shape.members.items() if shape else ())
            if name in shape.required_members
            and member.serialization.get("location") in ("querystring", "header")
        }
        given = {("querystring", name.lower()) for name in query}
        given |= {("header", name) for name in request["headers"]}
        if needed <= given:
            candidates.append((len(fixed) + len(needed), operation, fixed))
    # The one that asks for most is meant: uploading a part is also a PUT of an object.
    if not candidates:
        raise Deviation(f"{service}: no operation is {request['method']} /Bucket{'/Key' if key else ''}"
                        f" with {sorted(query)}")
    most = max(rank for rank, _, _ in candidates)
    problems = []
    for rank, operation, fixed in candidates:
        if rank != most:
            continue
        try:
            return operation, read_rest(operation, request, bucket, key, dict(query), fixed)
        except Deviation as deviation:
            problems.append(deviation)
    raise problems[0]


def read_rest(operation, request, bucket, key, query, fixed):
    found, headers = {}, dict(request["headers"])
    for name in fixed:
        query.pop(name, None)
    members = operation.input_shape.members if operation.input_shape else {}
    payload = operation.input_shape.serialization.get("payload") if operation.input_shape else None
    for name, member in members.items():
        location, label = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            found[name] = urllib.parse.unquote(bucket if label == "Bucket" else key)
        elif location == "querystring" and label in query:
            found[name] = scalar(member, query.pop(label))
        elif location == "header" and label.lower() in headers:
            found[name] = scalar(member, headers.pop(label.lower()))
        elif location == "headers":
            begin = label.lower()
            found[name] = {key: headers.pop(key) for key in list(headers) if key.startswith(begin)}
        elif name == payload and request["body"]:
            found[name] = read_payload(member, request["body"])
    left = sorted(name for name in headers if name.startswith("x-amz-") and not COMMON.match(name))
    if query or left:
        raise Deviation(f"s3: {operation.name}: unknown parameters {sorted(query) + left}")
    return {name: value for name, value in found.items() if value not in ({}, None)}


def read_payload(shape, body):
    if shape.type_name != "structure":
        return body
    return read_xml(shape, ElementTree.fromstring(body))


def read_xml(shape, element):
    if shape.type_name == "structure":
        found = {}
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag not in names:
                raise Deviation(f"s3: unknown element <{tag}> in <{element.tag.rpartition('}')[2]}>")
            member = shape.members[names[tag]]
            if member.type_name == "list" and member.serialization.get("flattened"):
                found.setdefault(names[tag], []).append(read_xml(member.member, child))
            else:
                found[names[tag]] = read_xml(member, child)
        return found
    if shape.type_name == "list":
        return [read_xml(shape.member, child) for child in element]
    return scalar(shape, element.text or "")


def scalar(shape, text):
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        raise Deviation(f"{shape.name}: {text!r} is no {shape.type_name}") from None
    if shape.type_name == "boolean":
        if text not in ("true", "false"):
            raise Deviation(f"{shape.name}: {text!r} is no boolean")
        return text == "true"
    return text


def known(service, name):
    if name not in model(service).operation_names:
        raise Deviation(f"{service}: unknown operation {name!r}")
    return model(service).operation_model(name)


def deviations(shape, value, path):
    """What the validator of botocore lets pass: choices, patterns, and the ends of bounds."""
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from deviations(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name in ("list", "map"):
        entries = value.values() if shape.type_name == "map" else value
        member = shape.value if shape.type_name == "map" else shape.member
        if len(value) > shape.metadata.get("max", len(value)):
            yield f"{path} has {len(value)} entries"
        for entry in entries:
            yield from deviations(member, entry, f"{path}[]")
    elif shape.type_name == "string":
        if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
            yield f"{path} is {value!r}, not one of {', '.join(shape.metadata['enum'])}"
        if len(value) > shape.metadata.get("max", len(value)):
            yield f"{path} has {len(value)} characters"
        if (pattern := shape.metadata.get("pattern")) and not matches(pattern, value):
            yield f"{path} is {value!r}, which does not match {pattern}"
    elif shape.type_name in ("integer", "long") and value > shape.metadata.get("max", value):
        yield f"{path} is {value}"


def matches(pattern, value):
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # Java's, which Python does not know.


def check(request):
    credential = re.search(r"Credential=[^/]*/\d{8}/[^/]+/([^/]+)/aws4_request", request["headers"].get("authorization", ""))
    # A few operations of STS are what credentials are had by.
    service = credential[1] if credential else "sts"
    protocol = model(service).metadata["protocol"]
    read = {"json": operation_of_json, "query": operation_of_query, "rest-xml": operation_of_rest}[protocol]
    operation, parameters = read(service, request)
    name = f"{service}: {operation.name}"
    if not credential and operation.auth_type != "none":
        raise Deviation(f"{name} is not signed")
    if operation.input_shape is None:
        return name
    # A file or a stream is bytes here, and the body is not for the validator.
    report = ParamValidator().validate(parameters, operation.input_shape)
    found = report.generate_report().splitlines() if report.has_errors() else []
    found = found or list(deviations(operation.input_shape, parameters, operation.name))
    if found:
        raise Deviation(f"{name}: {'; '.join(found)}")
    return name


def main(files):
    seen, wrong = Counter(), Counter()
    for file in files:
        for line in open(file, encoding="utf-8"):
            request = json.loads(line)
            request["body"] = base64.b64decode(request["body"])
            try:
                seen[check(request)] += 1
            except Deviation as deviation:
                wrong[str(deviation)] += 1
    for text, count in sorted(wrong.items()):
        print(f"{count} × {text}")
    print(f"{sum(seen.values())} requests fit AWS's models ({len(seen)} operations), "
          f"{sum(wrong.values())} do not")
    return 1 if wrong else 0


sys.exit(main(sys.argv[1:]))
