"""What a browser calls itself, in words a person knows it by."""

BROWSERS = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome")]
BROWSERS += [("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("python-", "Python")]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
]
SYSTEMS += [("CrOS", "ChromeOS"), ("Linux", "Linux")]


def device_named(user_agent: str) -> str:
    """“Firefox, Windows” out of a User-Agent header; the header itself, cut, where nothing is known of it."""
    found = [next((name for sign, name in table if sign in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:80]
