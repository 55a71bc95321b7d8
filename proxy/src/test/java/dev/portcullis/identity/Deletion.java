package dev.portcullis.identity;

/**
 * A source text without one of its checks.
 *
 * @param file simple name of the class
 * @param start of what is taken out
 * @param end the first character after it
 * @param with what stands there instead
 * @param what the check, in one line
 * @param byHand whether it stands in {@code tokens/deletions.txt}
 */
record Deletion(String file, int start, int end, String with, String what, boolean byHand) {
    String applied(String text) {
        return text.substring(0, start) + with + text.substring(end);
    }

    boolean overlaps(Deletion other) {
        return file.equals(other.file) && start < other.end && other.start < end;
    }

    int line(String text) {
        return 1 + (int) text.substring(0, start).chars().filter(c -> c == '\n').count();
    }
}
