package dev.portcullis.cli;

/** What every command's exit code means. */
public final class ExitCode {
    /** All is well. */
    public static final int FINE = 0;

    /** The command did its work and found something, or was refused. */
    public static final int REFUSED = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    /** The configuration file is wrong: {@code EX_CONFIG} of sysexits. */
    public static final int BAD_CONFIGURATION = 78;

    private ExitCode() {}
}
