"""Prints made-up people and harmless texts as JSON, the same ones each time.

`found` has what a text must not show, by kind, each within a sentence; `hidden` has what only the name
of its field betrays; `harmless` has texts of which nothing should be masked.
"""

import json

from faker import Faker

COUNT = 150
LOCALES = ["en_US", "de_DE", "fr_FR", "en_GB", "es_ES", "it_IT", "nl_NL", "ja_JP"]
SENTENCES = [
    "receipt sent to {}",
    "customer said: '{}', twice",
    "{} was refused",
    "lookup of {}; trying again",
    "<{}>",
]

fake = Faker(LOCALES)
american = Faker("en_US")
Faker.seed(20260131)


def token(kind):
    if kind == 0:
        return "Bearer " + fake.sha256()
    if kind == 1:
        return "sk_live_" + fake.sha1()[:24]
    if kind == 2:
        return "ghp_" + fake.sha1()[:36]
    return "eyJ" + fake.sha256()[:24] + "." + fake.sha256()[:40] + "." + fake.sha256()[:30]


def abroad():
    # International form, as forms on the web store it; blanks where people write them.
    number = fake.msisdn()[:12].lstrip("0")
    if fake.boolean():
        return "+" + number
    return f"+{number[:2]} {number[2:5]} {number[5:]}"


KINDS = {
    "email": lambda index: fake.email() if index % 2 else fake.ascii_free_email(),
    "card": lambda index: fake.credit_card_number(),
    "iban": lambda index: Faker(["de_DE", "fr_FR", "en_GB", "es_ES", "it_IT", "nl_NL"][index % 6]).iban(),
    "token": lambda index: token(index % 4),
    "ssn": lambda index: american.ssn(),
    "phone_abroad": lambda index: abroad(),
    "phone_us": lambda index: american.phone_number(),
}

found = []
for kind, make in KINDS.items():
    for index in range(COUNT):
        value = make(index)
        found.append(
            {
                "kind": kind,
                "value": value,
                "text": SENTENCES[index % len(SENTENCES)].format(value),
            }
        )

hidden = []
for index in range(COUNT):
    hidden.append({"field": "customer_name", "value": fake.name()})
    hidden.append({"field": "shipping-address", "value": fake.street_address()})
    hidden.append({"field": "birthDate", "value": fake.date_of_birth().isoformat()})
    hidden.append({"field": "password", "value": fake.password(length=14)})

HARMLESS = [
    lambda: "order " + fake.uuid4(),
    lambda: "took " + str(fake.random_int(1, 99999)) + " ms",
    lambda: "at " + fake.iso8601(),
    lambda: "from " + fake.ipv4(),
    lambda: "from " + fake.ipv6(),
    lambda: fake.uri_path() + "?page=" + str(fake.random_int()),
    lambda: american.sentence(),
    lambda: "paid " + str(fake.pydecimal(left_digits=4, right_digits=2, positive=True)) + " EUR",
    lambda: "version " + ".".join(str(fake.random_int(0, 30)) for _ in range(3)),
    lambda: "commit " + fake.sha1(),
    lambda: "sku " + fake.ean13(),
    lambda: "row " + str(fake.random_int(10**8, 10**12)),
    lambda: "trace " + fake.md5(),
    lambda: "agent " + fake.user_agent(),
]
harmless = [HARMLESS[index % len(HARMLESS)]() for index in range(1400)]

print(json.dumps({"found": found, "hidden": hidden, "harmless": harmless}))
