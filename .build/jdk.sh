# Finds a JDK 25 or newer and exports JAVA_HOME, or says what is missing and fails.
# Sourced by ./portcullis and ./verify; plain bash, so that it runs everywhere they do.

# Prints the major version of the JDK in a folder, nothing if there is none.
jdk_major() {
  if [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  fi
}

# The folder of a program's JDK, through any number of links.
jdk_of() {
  local program
  program=$(command -v "$1" 2>/dev/null) || return 0
  program=$(readlink -f "$program" 2>/dev/null) || return 0
  dirname "$(dirname "$program")"
}

find_jdk() {
  local folder major seen=""
  for folder in "${JAVA_HOME:-}" "$(jdk_of javac)" "$(jdk_of java)" \
      "$(/usr/libexec/java_home -v 25+ 2>/dev/null || true)" \
      /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* \
      "$HOME"/.local/share/mise/installs/java/* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
      /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$folder" ] || continue
    major=$(jdk_major "$folder")
    [ -n "$major" ] || continue
    if [ "$major" -ge 25 ]; then
      export JAVA_HOME=$folder
      return 0
    fi
    seen="$seen $major"
  done
  if [ -n "$seen" ]; then
    seen="only Java $(printf '%s\n' $seen | sort -un | paste -sd ' ' -)"
  fi
  echo "found ${seen:-no JDK} (expected: a JDK 25 or newer)." >&2
  echo "Install one, for example Temurin 25, or set JAVA_HOME to where it is." >&2
  return 1
}

# Looks for Maven and sets it up. PORTCULLIS_MAVEN_ARGS goes to every call of both commands, such as
# -Dmaven.repo.local=FOLDER or --offline.
find_maven() {
  if ! command -v mvn >/dev/null; then
    echo "found no mvn on the PATH (expected: Maven 3.8 or newer)." >&2
    return 1
  fi
  # Maven's own libraries otherwise warn of sun.misc.Unsafe under Java 25.
  export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
}
