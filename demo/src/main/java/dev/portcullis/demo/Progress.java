package dev.portcullis.demo;

/** Hears what is going on, one line at a time. */
@FunctionalInterface
public interface Progress {
    /**
     * Something began or ended.
     *
     * @param what the part, a word or two
     * @param line what is true of it now
     */
    void say(String what, String line);
}
