# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Sourced: find_jdk sets jdk to the folder of a JDK that is new enough for the course. It looks
# where Maven's toolchain discovery looks, so that script and build agree.

oldest_jdk=25

# Sets jdk to the folder if a JDK that is new enough lives there. Reads its release file: asking
# each java for its version would cost more than the command itself.
try_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='="' read -r key _ version _; do
    [ "$key" = JAVA_VERSION ] || continue
    feature=${version%%[!0-9]*}
    [ "${feature:-0}" -ge "$oldest_jdk" ] || return 1
    jdk=$1
    return 0
  done < "$1/release"
  return 1
}

find_jdk() {
  for folder in "${JAVA25_HOME:-}" "${JAVA_HOME:-}"; do
    [ -n "$folder" ] && try_jdk "$folder" && return
  done
  if java=$(command -v java); then
    java=$(readlink -f "$java")
    try_jdk "${java%/bin/java}" && return
  fi
  for folder in \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* "$HOME"/.jdks/* "$HOME"/.gradle/jdks/* \
    "$HOME"/.asdf/installs/java/* "$HOME"/.local/share/mise/installs/java/* \
    "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    try_jdk "$folder" && return
  done
  if [ -x /usr/libexec/java_home ]; then
    folder=$(/usr/libexec/java_home -v "$oldest_jdk+" 2> /dev/null) && try_jdk "$folder" && return
  fi
  printf 'no JDK %s or newer found: %s\n' "$oldest_jdk" \
    "install Eclipse Temurin $oldest_jdk, or set JAVA25_HOME to the folder of one." >&2
  return 1
}
