package dev.portcullis.admin;

import java.util.function.Supplier;

/**
 * One component that readiness depends on.
 *
 * @param component its name in the answer of {@code /ready}: {@code gateway}, {@code audit}…
 * @param health how it is now; must not block, since it is asked on the admin listener's loop
 */
public record HealthCheck(String component, Supplier<Health> health) {
    /** How a component is. */
    public sealed interface Health {
        /** It works. */
        record Up() implements Health {}

        /**
         * It does not.
         *
         * @param detail what was found, for an operator; never a secret
         */
        record Down(String detail) implements Health {}

        /**
         * It works, though not as somebody wanted it to.
         *
         * @param detail what was found, for an operator; never a secret
         */
        record Troubled(String detail) implements Health {}

        /** It works. */
        Health UP = new Up();
    }
}
