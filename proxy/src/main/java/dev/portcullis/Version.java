package dev.portcullis;

import java.util.Objects;

/** Which build this is. */
final class Version {
    /** From the jar's manifest; {@code development} outside a jar. */
    static final String CURRENT =
            Objects.requireNonNullElse(
                    Version.class.getPackage().getImplementationVersion(), "development");

    private Version() {}
}
