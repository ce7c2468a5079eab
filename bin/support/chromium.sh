# Sourced: finds a Chromium for the browser tests (in $MUSTER_CHROMIUM), or installs Debian's where that is possible.

find_chromium() {
  local name
  for name in "${MUSTER_CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && type -P "$name" >/dev/null 2>&1; then
      MUSTER_CHROMIUM=$(type -P "$name")
      export MUSTER_CHROMIUM
      return 0
    fi
  done
  return 1
}

ensure_chromium() {
  local began=$SECONDS
  find_chromium && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf 'Installing Chromium and fonts … '
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      chromium fonts-liberation fonts-wqy-zenhei; } >"$here/var/chromium.log" 2>&1 </dev/null && find_chromium; then
      echo "done in $((SECONDS - began)) s"
      return
    fi
    echo "failed; the log is var/chromium.log."
  fi
  echo "The browser tests need Chromium, and none was found. Install it (Debian: apt-get install chromium)," >&2
  echo "name one with MUSTER_CHROMIUM=/path, or leave those tests out: bin/test -m 'not browser'." >&2
  exit 1
}
