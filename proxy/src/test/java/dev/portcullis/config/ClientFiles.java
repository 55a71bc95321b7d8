package dev.portcullis.config;

import dev.portcullis.testing.TestAuthority;

/** The files of {@code tls.client-ca} and {@code tls.crl}, as an operator has them. */
final class ClientFiles {
    static final TestAuthority AUTHORITY = TestAuthority.root("Clients").at(ConfigFolder.NOW);

    private ClientFiles() {}

    static void write(ConfigFolder files) {
        files.write("clients.crt", AUTHORITY.pem());
        files.write("clients.crl", AUTHORITY.revocations().pem());
    }
}
