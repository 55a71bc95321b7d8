package dev.portcullis.config;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A folder with a certificate, its key, secrets and a configuration file, as an operator has. */
final class ConfigFolder {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final String HEADER = "x-sidecar-user-0123456789abcdef0123456789abcdef";
    static final String HOST = "claw.example.com";

    /** Ten lines that are enough. */
    static final String SMALLEST =
            """
            listen: 0.0.0.0:8443
            public-origin: https://claw.example.com
            tls: { certificate: tls.crt, key: tls.key }
            gateway:
              user-header: ${file:user-header}
            sign-in:
              issuer: https://login.example.com/realms/team
              client-id: portcullis
              client-secret: ${file:client-secret}
            allow-users: [alice@example.com]
            """;

    private static final X509Bundle CERTIFICATE = certificate("CN=claw").selfSigned();

    final Path folder;
    final Map<String, String> env = new HashMap<>();

    ConfigFolder(Path folder) {
        this.folder = folder;
        env.put("HOME", folder.resolve("home").toString());
        write("tls.crt", CERTIFICATE.getCertificatePathPEM());
        key("tls.key", CERTIFICATE.getPrivateKeyPEM());
        write("user-header", HEADER + "\n");
        write("client-secret", "correct horse battery staple\n");
    }

    static Builder certificate(String subject) {
        return new Builder(
                new CertificateBuilder()
                        .subject(subject)
                        .addSanDnsName(HOST)
                        .notBefore(NOW.minusSeconds(3600))
                        .notAfter(NOW.plusSeconds(3600))
                        .ecp256());
    }

    /** Netty's builder, without its checked exception. */
    record Builder(CertificateBuilder builder) {
        X509Bundle selfSigned() {
            try {
                return builder.setIsCertificateAuthority(true).buildSelfSigned();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path key(String name, String text) {
        var file = write(name, text);
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    ConfigFile.Result load(String yaml) {
        return load(write("portcullis.yaml", yaml));
    }

    ConfigFile.Result load(Path file) {
        return ConfigFile.load(file, env, InstantSource.fixed(NOW));
    }

    PortcullisConfig loaded(String yaml) {
        return switch (load(yaml)) {
            case ConfigFile.Loaded(var config, _) -> config;
            case ConfigFile.Invalid(var problems) ->
                    throw new AssertionError("not loaded: " + problems);
        };
    }

    List<String> problems(String yaml) {
        return switch (load(yaml)) {
            case ConfigFile.Loaded _ -> List.of();
            case ConfigFile.Invalid(var problems) ->
                    problems.stream().map(this::withoutFolder).toList();
        };
    }

    List<String> warnings(String yaml) {
        return switch (load(yaml)) {
            case ConfigFile.Loaded(_, var warnings) ->
                    warnings.stream().map(this::withoutFolder).toList();
            case ConfigFile.Invalid(var problems) ->
                    throw new AssertionError("not loaded: " + problems);
        };
    }

    private String withoutFolder(Object finding) {
        return finding.toString().replace(folder + "/", "");
    }
}
