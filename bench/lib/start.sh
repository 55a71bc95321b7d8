# Builds the benchmarks, says on what they run, and starts one. Sourced by the commands beside it,
# which have set $home.
# shellcheck shell=bash
# shellcheck source=../../.build/jdk.sh
. "$home/.build/jdk.sh"
find_jdk
find_maven

# Proxies run on core 0, clients and Gateway on core 1.
start_bench() { # CLASS ARGUMENT…
  if [ -z "${BENCH_NO_BUILD:-}" ]; then
    (cd "$home" && mvn -q ${PORTCULLIS_MAVEN_ARGS:-} -Dquick -T 2 -pl proxy,bench -am package >&2)
  fi
  echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, Linux $(uname -r)"
  echo "java:    $("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p)"
  echo "flags:   $(grep -v '^[[:space:]]*\(#\|$\)' "$home/config/jvm.options" | paste -sd ' ' -)"
  echo "TLS 1.3, TLS_AES_128_GCM_SHA256, X25519 but where the row says otherwise, ECDSA P-256, tickets on"
  ulimit -n "$(ulimit -H -n)"
  # shellcheck disable=SC2086
  exec taskset -c 1 "$JAVA_HOME/bin/java" --sun-misc-unsafe-memory-access=allow \
    --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC ${BENCH_HEAP:--Xms512m -Xmx512m} -XX:MaxDirectMemorySize=2g \
    -Dio.netty.leakDetection.level=disabled -Djdk.httpclient.allowRestrictedHeaders=host \
    -cp "$home/bench/target/benchmarks.jar" "$@"
}
