package dev.portcullis;

import java.util.List;

/** What became of the attempt to take over another configuration. */
public sealed interface Reload {
    /** It is in force. */
    record Done() implements Reload {}

    /**
     * Nothing has changed.
     *
     * @param why one line for each problem, for a person; at least one, and no secret
     */
    record Refused(List<String> why) implements Reload {
        public Refused {
            why = List.copyOf(why);
        }
    }
}
