package dev.portcullis.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The realm that Keycloak imports: our client, those for programs and for the command line, and
 * four people.
 */
final class Realm {
    static final String NAME = "team";
    static final String CLIENT = "portcullis";
    static final String CLIENT_SECRET = "a-secret-of-the-test-realm";

    /** Programs get access tokens as this client, by password, for {@link #AUDIENCE}. */
    static final String PROGRAM_CLIENT = "portcullis-program";

    /** The same, but nobody told Keycloak to type its access tokens. */
    static final String STOCK_PROGRAM_CLIENT = "portcullis-stock-program";

    /** People on the command line sign in as this client. */
    static final String CLI_CLIENT = "portcullis-cli";

    static final String AUDIENCE = "portcullis-api";

    private Realm() {}

    /** Somebody in the realm. */
    record Person(String user, String password) {
        /** In the allow-list as an operator. */
        static final Person ALICE = new Person("alice@example.com", "down-the-rabbit-hole");

        /** In the allow-list as a viewer. */
        static final Person BOB = new Person("bob@example.com", "yes-we-can-build-it");

        /** Like Alice, and often shown out: nobody else may count on her being in. */
        static final Person CAROL = new Person("carol@example.com", "not-for-long-this-time");

        /** Can sign in, and is in no allow-list. */
        static final Person MALLORY = new Person("mallory@example.com", "in-the-middle-again");
    }

    static String json() throws IOException {
        try (var in = Realm.class.getResourceAsStream("team-realm.json")) {
            if (in == null) {
                throw new UncheckedIOException(new IOException("team-realm.json: not found"));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
