#!/bin/sh
# Install Chromium and fitsverify from Debian's packages, where that is possible.
set -u

missing=""
found_browser=""
for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
  [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1 && found_browser=yes
done
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && found_browser=yes
[ -n "$found_browser" ] || missing="chromium"
command -v fitsverify >/dev/null 2>&1 || missing="$missing fitsverify"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null && exit 0
fi
echo "Not installed here:$(printf ' %s' $missing). The tests that need them will be skipped and named."
echo "Install them by hand (Debian: sudo apt install $missing) to run all tests."
exit 0
