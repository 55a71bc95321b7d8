package dev.portcullis.fuzz;

/** What a target reports: a rule that some input broke. */
public final class Finding extends AssertionError {
    private static final long serialVersionUID = 1L;

    private Finding(String rule) {
        super(rule);
    }

    /** Reports unless the rule held. */
    public static void unless(boolean held, String rule) {
        if (!held) {
            throw new Finding(rule);
        }
    }

    /** Reports if two readings of one input differ. */
    public static void unlessEqual(Object one, Object other, String rule) {
        if (!one.equals(other)) {
            throw new Finding(rule + ": " + one + " and " + other);
        }
    }
}
