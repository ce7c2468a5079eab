"""The incidents of a page as Atom and RSS, in the shape that readers of Statuspage's feeds know (wire formats, 2.2)."""

import html
import re
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from statuspage.site import Site, Told
from statuspage.words import status_words

NEWEST = 25
# What XML 1.0 forbids even as a reference; one such character in a title would break the whole feed.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """`text` without the characters that XML cannot carry."""
    return _FORBIDDEN.sub("", text)


def atom(site: Site) -> bytes:
    """history.atom."""
    host = urlsplit(site.address).hostname or "muster"
    feed = Xml.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": site.language})
    _add(feed, "id", f"tag:{host},2005:/history/{site.public_id}")
    Xml.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": site.address})
    Xml.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{site.address}history.atom"})
    _add(feed, "title", f"{site.name} Status - Incident History")
    _add(feed, "updated", _iso(site, site.changed_at))
    _add(Xml.SubElement(feed, "author"), "name", site.name)
    for told in site.told[:NEWEST]:
        entry = Xml.SubElement(feed, "entry")
        _add(entry, "id", f"tag:{host},2005:Incident/{told.public_id}")
        _add(entry, "published", _iso(site, told.created_at))
        _add(entry, "updated", _iso(site, told.changed_at))
        Xml.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": _address(site, told)})
        _add(entry, "title", told.title)
        _add(entry, "content", _story(site, told)).set("type", "html")
    return _document(feed)


def rss(site: Site) -> bytes:
    """history.rss."""
    root = Xml.Element("rss", {"version": "2.0", "xmlns:atom": "http://www.w3.org/2005/Atom"})
    channel = Xml.SubElement(root, "channel")
    _add(channel, "title", f"{site.name} Status - Incident History")
    _add(channel, "link", site.address)
    _add(channel, "description", site.description or f"{site.name} Status")
    Xml.SubElement(
        channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": f"{site.address}history.rss"}
    )
    _add(channel, "language", site.language)
    _add(channel, "pubDate", format_datetime(site.changed_at.astimezone(site.zone)))
    for told in site.told[:NEWEST]:
        item = Xml.SubElement(channel, "item")
        _add(item, "title", told.title)
        _add(item, "description", _story(site, told))
        _add(item, "pubDate", format_datetime(told.created_at.astimezone(site.zone)))
        _add(item, "link", _address(site, told))
        _add(item, "guid", _address(site, told))
    return _document(root)


def _story(site: Site, told: Told) -> str:
    """Updates as HTML, newest first; readers take the first <strong> as the state."""
    parts = []
    for update in told.updates:
        local = update.posted_at.astimezone(site.zone)
        when = (
            f"{local:%b} <var data-var='date'>{local.day}</var>, "
            f"<var data-var='time'>{local:%H:%M}</var> {html.escape(local.tzname() or '')}"
        )
        said = "<br>".join(html.escape(update.text).splitlines())
        parts.append(f"<p><small>{when}</small><br><strong>{status_words(update.status)}</strong> - {said}</p>")
    return "".join(parts)


def _address(site: Site, told: Told) -> str:
    return f"{site.address}incidents/{told.public_id}/"


def _iso(site: Site, moment: datetime) -> str:
    return moment.astimezone(site.zone).isoformat(timespec="seconds")


def _add(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    child = Xml.SubElement(parent, name)
    child.text = clean(text)
    return child


def _document(root: Xml.Element) -> bytes:
    body: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
