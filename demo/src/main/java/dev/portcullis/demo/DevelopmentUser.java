package dev.portcullis.demo;

import java.util.List;

/**
 * Somebody who can sign in at the development identity provider with one click.
 *
 * @param subject the {@code sub} claim
 * @param email the {@code email} claim
 * @param emailVerified the {@code email_verified} claim
 * @param name the {@code name} claim
 * @param groups the {@code groups} claim
 * @param note what the sign-in page says about them
 */
public record DevelopmentUser(
        String subject,
        String email,
        boolean emailVerified,
        String name,
        List<String> groups,
        String note) {
    public DevelopmentUser {
        groups = List.copyOf(groups);
    }

    /** Whom the demo lets in. */
    public static final DevelopmentUser ALICE =
            new DevelopmentUser(
                    "user-1001",
                    "alice@example.com",
                    true,
                    "Alice",
                    List.of("claw"),
                    "may use the Gateway");

    /** Whom the demo knows, and refuses. */
    public static final DevelopmentUser MALLORY =
            new DevelopmentUser(
                    "user-1002",
                    "mallory@example.com",
                    true,
                    "Mallory",
                    List.of(),
                    "signs in, but is not on the list");
}
