package dev.portcullis.config;

import java.util.ArrayList;

/** As {@link ConfigFolder#SMALLEST}, one key per line, so that single values can be replaced. */
final class PlainFile {
    static final String TEXT =
            """
            listen: 0.0.0.0:8443
            redirect-listen: 0.0.0.0:8080
            public-origin: https://claw.example.com
            tls:
              certificate: tls.crt
              key: tls.key
              protocols: [TLSv1.3]
              client-auth: none
              insecure-development-certificates: false
            gateway:
              address: 127.0.0.1:18789
              user-header: x-sidecar-user-0123456789abcdef0123456789abcdef
              base-path: /
            sign-in:
              issuer: https://login.example.com/realms/team
              client-id: portcullis
              client-secret: s3cret
              user-claim: email
              groups-claim: groups
              scopes: [openid, email]
              parameters: {}
              required-claims: {}
              ca: tls.crt
              idle: 30m
              absolute: 12h
              insecure-unverified-email: false
              insecure-http-issuer: false
            tokens:
              - issuer: https://tokens.example.com
                audience: api
                type: at+jwt
                user-claim: email
                groups-claim: groups
                algorithms: [RS256]
                ca: tls.crt
            allow-users:
              - user: alice@example.com
                role: viewer
                until: 2099-01-01T00:00:00Z
                ticket: T-1
              - group: sre
            trusted-balancers: []
            rate-limits:
              address:
                rate: 50/s
                burst: 400
              user:
                rate: 50/s
                burst: 400
              sign-in:
                rate: 2/s
                burst: 100
              tokens:
                failures: 10
                within: 2m
                lock-out: 5m
              messages:
                rate: 500/s
                burst: 5000
              bytes:
                rate: 32MiB/s
                burst: 128MiB
            state:
              directory: state
            audit:
              directory: audit
            admin:
              listen: 127.0.0.1:9180
            limits:
              body: 128MiB
            """;

    private PlainFile() {}

    /** With another value for the key. */
    static String with(String key, String value) {
        var lines = new ArrayList<String>();
        var path = new ArrayList<String>();
        for (var line : TEXT.lines().toList()) {
            var bare = line.replace("- ", "  ");
            int depth = (bare.length() - bare.stripLeading().length()) / 2;
            boolean listed = !path.isEmpty() && path.getFirst().matches("tokens|allow-users");
            boolean item = line.strip().startsWith("- ") || (depth == 2 && listed);
            path.subList(Math.min(item ? 1 : depth, path.size()), path.size()).clear();
            var name = bare.strip().replaceAll(":.*", "");
            path.add(name);
            var full = String.join(".", path).replaceFirst("^(tokens|allow-users)\\.", "$1[].");
            lines.add(full.equals(key) ? line.replaceFirst(":.*", ": ") + value : line);
        }
        return String.join("\n", lines) + "\n";
    }
}
