# Portcullis as an image: docker build -t portcullis .
# It must share the Gateway's network namespace (README, "Where it can stand"), so it is a sidecar
# container of the same pod, or a Compose service with network_mode: "service:gateway".

FROM eclipse-temurin:25-jdk-noble AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Every module's pom.xml: Maven reads them all, and builds one.
COPY . .
RUN MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow mvn -q -B -Dquick -pl proxy package
# Only the JDK modules that the jar uses.
RUN jar=proxy/target/portcullis-all.jar \
    && modules=$(jdeps --print-module-deps --ignore-missing-deps --multi-release 25 "$jar") \
    && jlink --output /jre --strip-debug --no-header-files --no-man-pages --compress zip-6 \
        --add-modules "$modules,jdk.zipfs"

FROM ubuntu:24.04
RUN groupadd --system --gid 10001 portcullis \
    && useradd --system --uid 10001 --gid portcullis --home-dir /var/lib/portcullis --shell /usr/sbin/nologin portcullis \
    && install -d -m 0700 -o portcullis -g portcullis /var/lib/portcullis /var/log/portcullis \
    && install -d -m 0755 /etc/portcullis /opt/portcullis
COPY --from=build /jre /opt/java
COPY --from=build /src/proxy/target/portcullis-all.jar /src/config/jvm.options /opt/portcullis/
USER 10001:10001
VOLUME ["/var/lib/portcullis", "/var/log/portcullis"]
# TLS, and plain HTTP that only redirects. The admin listener stays on loopback.
EXPOSE 8443 8080
# Asks the admin listener from inside the container: nothing has to be opened for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/opt/java/bin/java", "-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", "/opt/portcullis/portcullis-all.jar", "live"]
ENTRYPOINT ["/opt/java/bin/java", "@/opt/portcullis/jvm.options", "-jar", "/opt/portcullis/portcullis-all.jar"]
# Reads /etc/portcullis/portcullis.yaml. Give it 25 s to stop: open sockets are told first.
CMD ["run"]
