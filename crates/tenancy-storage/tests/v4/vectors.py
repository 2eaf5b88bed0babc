"""Makes vectors.json: signed URLs by Python's google-cloud-storage, offline, with a key of its own.

    python -m venv v && v/bin/pip install google-cloud-storage==3.17.1 && v/bin/python vectors.py

The key is made anew each time and is of no use but here: no account has it.
"""

import datetime
import json
import pathlib
import urllib.parse

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud.storage import _signing
from google.oauth2 import service_account

ACCOUNT = "signer@demo-tenancy.iam.gserviceaccount.com"
GOOGLE = "https://storage.googleapis.com"
TENANT = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER = "01890a5d-ac96-774b-bcce-b302099a8058"
AT = "2031-05-06T07:08:09.987654Z"


def attachment(name):
    """RFC 6266 with RFC 8187, written from the documents alone."""
    if not name:
        return "attachment"
    ascii_name = "".join(c if " " <= c <= "~" and c not in '"%' else "_" for c in name)
    value = f'attachment; filename="{ascii_name}"'
    if ascii_name != name:
        value += "; filename*=UTF-8''" + urllib.parse.quote(name, safe="")
    return value


def case(what, method, key, layout="tenant_prefix", **more):
    return {"what": what, "method": method, "key": key, "layout": layout, "at": AT, "endpoint": GOOGLE} | more


def put(what, key, content_type="image/jpeg", bytes_=(0, 1024), create=True, **more):
    return case(what, "PUT", key, content_type=content_type, bytes=list(bytes_), create=create, **more)


# `raw` cases have an object name that no tenant can have: they are for the encoder alone
CASES = [
    case("get from the shared bucket", "GET", "photos/lisbon.jpg"),
    case("get from a dedicated bucket", "GET", "photos/lisbon.jpg", "dedicated"),
    case("get for an hour", "GET", "a", seconds=3600),
    case("get for a second", "GET", "a", seconds=1),
    case("get at the first second of a year", "GET", "a", at="2032-01-01T00:00:00Z"),
    case("get at the last second of a leap day", "GET", "a", at="2032-02-29T23:59:59.999Z"),
    case("get with dots in segments", "GET", "..b/.hidden/c..d"),
    case("get with marks alone", "GET", "-/_/--__.-"),
    case("get below another tenant's id", "GET", f"{OTHER}/uploads/x"),
    case("get a name like the cloud's own", "GET", ".well-known/acme-challenges/x"),
    case("get the longest key", "GET", "/".join(["k" * 200] * 4 + ["k" * 96])),
    case("get the longest key, dedicated", "GET", "/".join(["k" * 200] * 4 + ["k" * 96]), "dedicated"),
    case("get from a custom host", "GET", "a/b", endpoint="https://media.example.com"),
    case("get from a host with a port", "GET", "a/b", endpoint="https://media.example.com:8443"),
    case("get from loopback", "GET", "a/b", "dedicated", endpoint="http://127.0.0.1:4443"),
    case("get with a name", "GET", "a", name="trip.pdf", served_as="application/pdf"),
    case("get with a name with quotes", "GET", "a", name='my "best" trip; 100%.txt', served_as="text/plain"),
    case("get with a German name", "GET", "a", name="Größe & Weiß.png", served_as="image/png"),
    case("get with a Japanese name", "GET", "a", "dedicated", name="旅行の写真.jpg", served_as="image/jpeg"),
    case("get with a name beyond the plane", "GET", "a", name="🏔 +summit~*'().mp4", served_as="video/mp4"),
    put("put to the shared bucket", "photos/lisbon.jpg"),
    put("put to a dedicated bucket", "photos/lisbon.jpg", layout="dedicated"),
    put("put a range of sizes", "a", bytes_=(1, 67108864)),
    put("put nothing", "a", bytes_=(0, 0)),
    put("put as much as can be", "a", bytes_=(0, 18446744073709551615)),
    put("put a replacement", "a", create=False),
    put("put another type", "docs/x.bin", content_type="application/vnd.oasis.opendocument.text"),
    put("put a type with marks", "a", content_type="application/x-a!b#c$d&e^f_g.h+i-j"),
    put("put for an hour at a custom host", "a/b", seconds=3600, endpoint="https://media.example.com"),
    put("put to loopback", "a/b", layout="dedicated", endpoint="http://127.0.0.1:4443"),
    case("delete from the shared bucket", "DELETE", "photos/lisbon.jpg"),
    case("delete from a dedicated bucket", "DELETE", "photos/lisbon.jpg", "dedicated"),
    case("delete at a custom host", "DELETE", "a", endpoint="https://media.example.com"),
    case("raw: spaces and umlauts", "GET", "a b/ü~.txt", raw=True),
    case("raw: what means something in URLs", "PUT", "a?b#c&d=e+f%2e:@!$'()*,;", raw=True),
]


def signed(credentials, c):
    seconds = c.setdefault("seconds", 900 if c["method"] == "PUT" else 300)
    if c["layout"] == "dedicated":
        bucket, prefix = f"{TENANT}-uploads", ""
    else:
        bucket, prefix = "app-shared-uploads", f"{TENANT}/"
    headers, query = {}, {}
    if not c.get("raw"):
        if c["method"] == "GET":
            query["response-content-disposition"] = attachment(c.get("name"))
            query["response-content-type"] = c.setdefault("served_as", "application/octet-stream")
        if c["method"] == "PUT":
            headers["content-type"] = c["content_type"]
            headers["x-goog-content-length-range"] = "{},{}".format(*c["bytes"])
            if c["create"]:
                headers["x-goog-if-generation-match"] = "0"
    c |= {"bucket": bucket, "object": prefix + c["key"], "headers": dict(headers), "query": dict(query)}
    at = datetime.datetime.fromisoformat(c["at"])
    c["url"] = _signing.generate_signed_url_v4(
        credentials,
        resource=f"/{bucket}/{urllib.parse.quote(prefix + c['key'], safe='/~')}",
        expiration=datetime.timedelta(seconds=seconds),
        api_access_endpoint=c["endpoint"],
        method=c["method"],
        headers=headers,
        query_parameters=query,
        _request_timestamp=at.strftime("%Y%m%dT%H%M%SZ"),
    )
    return c


def main():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, *form).decode()
    file = {
        "type": "service_account",
        "client_email": ACCOUNT,
        "private_key": pem,
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    credentials = service_account.Credentials.from_service_account_info(file)
    vectors = {"tenant": TENANT, "key_file": file, "cases": [signed(credentials, c) for c in CASES]}
    text = json.dumps(vectors, indent=1, ensure_ascii=False)
    pathlib.Path(__file__).with_name("vectors.json").write_text(text + "\n")


main()
